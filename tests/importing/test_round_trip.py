"""Import loses nothing: XML → Domain → XML, and XML → source → XML, by hand and over libvirt's own corpus."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from tests.amount import ALL
from tests.corpus.suite import corpus
from tests.trees import difference, places, tree
from vmspec.base.diagnostic import has_errors
from vmspec.base.source import Source
from vmspec.driver.compilation import Compilation
from vmspec.emit.domain import domain_xml
from vmspec.importing.domain import Ingested, read_domain
from vmspec.importing.source import label_for, vm_source

CASES = Path(__file__).with_name("cases")


def read(data: bytes) -> Ingested:
    return read_domain(data, Source("in.xml", data.decode()))


def same(data: bytes, out: str) -> None:
    ours, theirs = tree(etree.fromstring(data)), tree(etree.fromstring(out))
    assert ours == theirs, difference(ours, theirs)


def through_source(read_: Ingested, folder: Path) -> str:
    """The XML of the vm that the import writes."""
    text = vm_source(read_.domain, label_for(read_.domain), read_.comments)
    file = folder / "vm.vmspec"
    file.write_text(text, encoding="utf-8")
    compilation = Compilation([file])
    found = (*compilation.program_diagnostics, *compilation.settled_diagnostics)
    assert not has_errors(found), (found[0].message, text)
    return domain_xml(compilation.fleet.vms[0].spec)


@pytest.mark.parametrize("case", sorted(CASES.glob("*.xml")), ids=lambda path: path.stem)
def test_what_was_written_by_hand(case: Path, tmp_path: Path) -> None:
    data = case.read_bytes()
    known = read(data)
    same(data, domain_xml(known.domain))
    same(data, through_source(known, tmp_path))


def domains() -> list[Path]:
    """Every domain of the corpus that libvirt's schema accepts, in any of its folders."""
    schema = etree.RelaxNG(etree.parse(str(corpus().schemas / "domain.rng")))
    found = []
    for path in sorted((corpus().tree / "tests").glob("*/*.xml")):
        try:
            document = etree.parse(str(path))
        except etree.XMLSyntaxError:
            continue
        if document.getroot().tag == "domain" and schema.validate(document):
            found.append(path)
    return found


@pytest.mark.needs("corpus")
def test_libvirts_corpus_passes_whole_and_typed() -> None:
    whole = raw = 0
    wrong: list[str] = []
    for path in domains():
        data = path.read_bytes()
        known = read(data)
        ours, theirs = tree(etree.fromstring(data)), tree(etree.fromstring(domain_xml(known.domain)))
        if ours != theirs:
            wrong.append(f"{path.name}: {difference(ours, theirs)}")
        whole += places(etree.fromstring(data))
        raw += sum(_size(untyped.place, untyped.part) for untyped in known.untyped)
    assert wrong == []
    typed = 1 - raw / whole
    print(f"{whole} elements and attributes, {typed:.2%} through typed lines")
    assert typed >= 0.99


def _size(place: str, part: str) -> int:
    if place.rpartition("/")[2].startswith("@"):
        return 1
    return max(1, places(etree.fromstring(f"<part>{part}</part>")) - 1)


@pytest.mark.needs("corpus")
def test_libvirts_corpus_through_source(tmp_path: Path) -> None:
    """Every fifth, or all."""
    for path in domains()[:: 1 if ALL else 5]:
        data = path.read_bytes()
        same(data, through_source(read(data), tmp_path))
