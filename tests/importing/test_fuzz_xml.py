"""Domain XML with a few things changed, through check and import: never an exception, never a finding of ours (9xxx), nothing lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from lxml import etree

from tests.amount import amount
from tests.importing.mutants import mutated, texts
from tests.trees import difference, tree
from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.source import Source
from vmspec.driver.compilation import Compilation
from vmspec.emit.domain import domain_xml
from vmspec.importing.adoption import adopted, plain
from vmspec.importing.definitions import Definition, check_files, read_text
from vmspec.importing.xml import parse as parsed
from vmspec.syntax.formatter import format
from vmspec.syntax.parser import parse
from vmspec.validate.schemas import Schemas

SEEDS = 10
EACH = amount(20, 500)
"""Texts for each of the seeds."""


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas.load(())[0]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_breaks(seed: int, tmp_path: Path, schemas: Schemas) -> None:
    chance = random.Random(seed)
    for _ in range(EACH):
        judge(mutated(chance, texts()), tmp_path, schemas)


def judge(data: bytes, folder: Path, schemas: Schemas) -> None:
    """Raises where something breaks."""
    file = folder / "in.xml"
    file.write_bytes(data)
    found = check_files([file], schemas, [file])
    for each in found:
        assert whole(each), f"{each}\n{data!r}"
    definition, _ = read_text(data, "in.xml")
    if definition is not None:
        imported(definition, folder, has_errors(found))


def imported(definition: Definition, folder: Path, refused: bool) -> None:
    """What an import writes is in the formatter's shape, and says the same but where libvirt takes neither; built with libvirt's
    defaults filled in, nothing breaks."""
    (text,) = plain(adopted([definition])).files.values()
    assert format(parse(Source("", text))) == text, text
    file = folder / "in.vmspec"
    file.write_text(text, encoding="utf-8", newline="\n")
    compilation = Compilation([file])
    found = (*compilation.program_diagnostics, *compilation.settled_diagnostics)
    assert not has_errors(found), f"{found[0]}\n{text}"
    theirs, ours = tree(named(parsed(definition.data))), tree(etree.fromstring(domain_xml(compilation.fleet.vms[0].spec).encode()))
    assert refused or ours == theirs, f"{difference(theirs, ours)}\n{text}"
    built(compilation, text)
    managed = text.replace("  resolve = false\n", "", 1)
    file.write_text(managed, encoding="utf-8", newline="\n")
    built(Compilation([file]), managed)


def named(domain: etree._Element) -> etree._Element:
    """What has no name gets that of its file: no VM is without one."""
    if domain.find("name") is None:
        etree.SubElement(domain, "name").text = "in"
    return domain


def built(compilation: Compilation, text: str) -> None:
    found = compilation.diagnostics
    for each in found:
        assert whole(each), f"{each}\n{text}"
    if not has_errors(found):
        for artifact in compilation.artifacts():
            assert artifact.data, text


def whole(found: Diagnostic) -> bool:
    """A sentence on one line, at a span that lies in its source."""
    at = found.primary
    inside = at is None or 0 <= at.start <= at.end <= len(at.source.text)
    return inside and "\n" not in found.message and found.code.number < 9000


RNG = '<rng model="virtio"><backend model="random">/dev/urandom</backend><alias name="ua-{}"/></rng>'
ODD = {
    "an alias of a line end": RNG.format("&#10; "),
    "an alias of 300 letters": RNG.format("q" * 300),
    "a head that is longer than a line": RNG.format("q" * 150),
}
OUTSIDE = {
    "a pin of a vCPU of forty digits": f'<cputune><vcpupin vcpu="{"9" * 40}" cpuset="1"/></cputune>',
    "a size of forty digits": f'<currentMemory unit="KiB">{"9" * 40}</currentMemory>',
    "a key of nothing": '<sysinfo type="fwcfg"><entry name="">x</entry></sysinfo>',
    "a timer of a line end": '<clock offset="utc"><timer name="&#10; "/></clock>',
}


@pytest.mark.parametrize("name", [*ODD, *OUTSIDE])
def test_a_name_that_the_language_cannot_have_stays_in_xml(name: str, tmp_path: Path, schemas: Schemas) -> None:
    text = (
        '<domain type="qemu"><name>a</name><memory unit="KiB">1048576</memory><vcpu>1</vcpu>'
        f"{OUTSIDE.get(name, '')}<os><type>hvm</type></os><devices>{ODD.get(name, '')}</devices></domain>"
    )
    judge(text.encode(), tmp_path, schemas)
