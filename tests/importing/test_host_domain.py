"""A domain as a host has it is read in parts, of which a fleet shares most; what it says is what the importer reads of it whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.diagnostic import has_errors
from vmspec.base.source import Source
from vmspec.driver.compilation import Compilation
from vmspec.importing.domain import read_domain
from vmspec.importing.host_domain import HostDefinition, as_defined, read_host_domain
from vmspec.importing.xml import NotXml
from vmspec.model.kinds import ObjectKind
from vmspec.plan.compare import differences

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((ROOT / "tests" / "importing" / "cases").glob("*.xml"))
EXAMPLES = sorted(each for each in (ROOT / "examples").iterdir() if each.is_dir())


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_read_in_parts(file: Path) -> None:
    data = file.read_bytes()
    try:
        whole = read_domain(data, Source(file.name, data.decode())).domain
    except (NotXml, ValueError):
        assert HostDefinition(data).readable is None
        return
    for _ in range(2):
        assert list(differences(whole, read_host_domain(data))) == [], "also where its parts are remembered"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_what_is_wanted_is_what_its_xml_says(example: Path) -> None:
    """So that a plan compares the typed domain, and prints and reads nothing."""
    compilation = Compilation([str(example)])
    assert not has_errors(compilation.diagnostics)
    specs = {vm.name: vm.spec for vm in compilation.fleet.vms}
    for artifact in compilation.artifacts():
        if artifact.kind is ObjectKind.VM:
            wanted = as_defined(specs[artifact.object], artifact)
            assert list(differences(wanted, read_host_domain(artifact.data))) == [], artifact.path
            assert wanted.origin is None or wanted.origin.source == artifact.digest


def test_what_nobody_can_read() -> None:
    for data in (b"", b"<vm/>", b"<!DOCTYPE domain [<!ENTITY a 'b'>]><domain><name>&a;</name></domain>"):
        assert HostDefinition(data).readable is None
    assert HostDefinition(b"<domain type='kvm'><name>a</name></domain>").readable is not None
