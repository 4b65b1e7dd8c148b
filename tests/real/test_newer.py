"""Newer libvirts: the model has what their schemas have, and their drivers take what examples and the standard library make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.check.test_corpus import BINARY
from tests.corpus.suite import corpus
from tests.libvirts import LIBVIRTS
from tests.real.newer import Driver, Refusal, newer
from vmspec.base.diagnostic import Severity
from vmspec.base.source import Source
from vmspec.check.run import check
from vmspec.driver.compilation import Compilation
from vmspec.importing.definitions import as_object, read_text
from vmspec.importing.domain import read_domain
from vmspec.lower.fleet import Fleet
from vmspec.model.domain import Domain
from vmspec.model.kinds import ObjectKind
from vmspec.model.target import Software
from vmspec.normal.predict import predict
from vmspec.normal.target import Target
from vmspec.plan.compare import differences
from vmspec.plan.preserve import keeping
from vmspec.validate.relaxng_walk import domain_coverage

NAMES = [pytest.param(name, marks=pytest.mark.needs(name)) for name in LIBVIRTS]
ROOT = "/tmp/embed"
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module", params=NAMES)
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    with newer(request.param) as opened:
        yield opened


@pytest.mark.parametrize("name", NAMES)
def test_the_model_has_every_place_of_the_schema(name: str) -> None:
    assert domain_coverage(LIBVIRTS[name].schemas).missing == ()


def test_it_is_as_new_as_its_name(driver: Driver) -> None:
    library, qemu = driver.versions
    assert f"libvirt-{library[0]}" == driver.libvirt.name
    assert qemu[0] >= 10


def emulated(xml: str) -> str:
    """For a driver without KVM."""
    return xml.replace("type='kvm'", "type='qemu'", 1).replace('type="kvm"', 'type="qemu"', 1)


@cache
def examples() -> Mapping[str, str]:
    folders = [folder for folder in sorted(EXAMPLES.iterdir()) if folder.is_dir()]
    every = [(folder.name, artifact) for folder in folders for artifact in Compilation([folder]).artifacts()]
    return {f"{name}/{each.object}": emulated(each.data.decode()) for name, each in every if each.kind is ObjectKind.VM}


def test_examples_are_defined_and_come_back_as_predicted(driver: Driver) -> None:
    """By the driver's own verdict, with VALIDATE."""
    library, qemu = driver.versions
    aliases = {"pc": f"pc-i440fx-{qemu[0]}.{qemu[1]}", "q35": f"pc-q35-{qemu[0]}.{qemu[1]}"}
    target = Target(libvirt=library, aliases=aliases, channel_dir=f"{ROOT}/run/qemu/channel")
    refused, other = {}, {}
    for name, xml in examples().items():
        kept = driver.define(xml)
        if isinstance(kept, Refusal):
            refused[name] = kept.error
            continue
        there = read(kept)
        wrong = [each for each in differences(keeping(predict(read(xml), target), there), there) if each.path != ("cpu", "migratable")]
        if wrong:
            other[name] = wrong[:2]
    assert len(examples()) > 30
    assert (refused, other) == ({}, {})


def test_a_machine_without_ps2_is_defined(driver: Driver, tmp_path: Path) -> None:
    """No mouse and keyboard of ours go with a controller that is off (libvirt refuses them since 10.7.0)."""
    text = "vm a { type = qemu; memory.size = 512MiB; cpu.count = 1; machine = q35; features { acpi = true; ps2 = false; vmport = false } }"
    (tmp_path / "a.vmspec").write_text(text, encoding="utf-8")
    [artifact] = [each for each in Compilation([tmp_path]).artifacts() if each.kind is ObjectKind.VM]
    kept = driver.define(artifact.data.decode())
    assert isinstance(kept, str) and "bus='ps2'" not in kept


def read(xml: str) -> Domain:
    return read_domain(xml.encode(), Source("vm.xml", xml)).domain


HOST = re.compile(
    r"virt type|Emulator '|Unable to find|spice|does not support|Cannot check QEMU|not supported|SEV|unavailable|[Cc]ould not find"
    r"|[Cc]annot find|unable to|No such file|SDL"
)
"""Refusals that hang on the QEMU and the host at hand."""


@pytest.mark.needs("corpus")
def test_verdicts_on_libvirts_own_inputs(driver: Driver) -> None:
    """No error on what it takes; most of what it refuses is one."""
    target = Software(libvirt=driver.versions[0])
    false, refused, missed = {}, 0, []
    for path in corpus().inputs:
        text = path.read_text(encoding="utf-8", errors="replace")
        verdict = driver.define(text, validate=False)
        if isinstance(verdict, Refusal) and "virt type" in verdict.error:
            verdict = driver.define(emulated(text), validate=False)
        definition, _ = read_text(path.read_bytes(), path.name)
        if definition is None:
            continue
        found = check(Fleet((as_object(definition),), target=target))
        errors = [f"{each.code} {each.message}" for each in found if each.severity is Severity.ERROR]
        if isinstance(verdict, str) and errors:
            false[path.name] = errors[:2]
        elif isinstance(verdict, Refusal) and not HOST.search(verdict.error) and not BINARY.search(verdict.error):
            refused += 1
            missed += [] if errors else [f"{path.name}: {verdict.error}"]
    print(f"{refused - len(missed)} of {refused} refused", *missed, sep="\n")
    assert false == {}
    assert refused > 80 and len(missed) / refused <= 0.2
