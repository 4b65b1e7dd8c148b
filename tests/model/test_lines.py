"""The typed lines as a whole: each is documented, has a place that can be read, and is exercised by something."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.suite import corpus
from tests.importing.test_round_trip import CASES, domains, read
from tests.model.lines import blocks, lines
from tests.model.test_every_line import NOT_ALONE, PLACED
from vmspec.base.provenance import Path as Steps
from vmspec.model.block import Attr, Block, Many, OpenMap, Sub, schema
from vmspec.model.coverage import UNTYPED
from vmspec.model.domain import Domain
from vmspec.model.layout import layout
from vmspec.model.place import Place, XmlStep, parse
from vmspec.validate.relaxng_walk import Grammar, domain_coverage


def test_every_line_says_what_it_is() -> None:
    silent = [f"{block.__name__}.{field.name}" for block, field in lines() if not field.doc.endswith((".", "`", "?"))]
    assert silent == []


def test_every_place_can_be_read_and_laid_out() -> None:
    for block in blocks():
        if block.element or block.__name__ == "Domain":
            layout(block)
    for _, field in lines():
        if isinstance(field.line, Attr) and field.line.place:
            assert parse(field.line.place).steps or parse(field.line.place).attribute


def test_names_are_the_languages() -> None:
    for block, field in lines():
        assert field.name == field.name.lower() and "_" not in field.name, f"{block.__name__}.{field.name}"


@pytest.mark.parametrize(
    ("place", "parsed"),
    [
        ("", Place((), None)),
        ("@type", Place((), "type")),
        ("os/boot*/@dev", Place((XmlStep("os"), XmlStep("boot", repeated=True)), "dev")),
        ("a[@b='c']/d", Place((XmlStep("a", (("b", "c"),)), XmlStep("d")), None)),
        ("cputune/vcpupin[@vcpu=$label]/@cpuset", Place((XmlStep("cputune"), XmlStep("vcpupin", (), "vcpu")), "cpuset")),
    ],
)
def test_places(place: str, parsed: Place) -> None:
    assert parse(place) == parsed


@pytest.mark.parametrize("place", ["a//b", "a[b]", "[@a='b']", "a b"])
def test_what_is_no_place(place: str) -> None:
    with pytest.raises(ValueError, match="place"):
        parse(place)


@pytest.mark.needs("corpus")
def test_every_place_of_libvirts_schema_has_a_line_or_a_reason() -> None:
    found = domain_coverage(corpus().schemas)
    print(f"{found.claimed} places claimed, {len(found.untyped)} deliberately untyped")
    assert found.missing == ()
    assert found.claimed > 1900 and found.untyped and all(UNTYPED.values())


def test_news_of_a_schema_are_seen(tmp_path: Path) -> None:
    """An element and an attribute that no line claims are named; a part inside a known element too."""
    rng = """<grammar xmlns="http://relaxng.org/ns/structure/1.0"><start><element name="domain">
      <attribute name="type"><text/></attribute><attribute name="news"><text/></attribute>
      <interleave><ref name="inner"/><element name="brand-new"><empty/></element></interleave></element></start>
      <define name="inner"><element name="memoryBacking">
      <element name="hugepages"><attribute name="speed"/></element></element></define></grammar>"""
    (tmp_path / "domain.rng").write_text(rng)
    assert set(domain_coverage(tmp_path).missing) == {"/domain/@news", "/domain/brand-new", "/domain/memoryBacking/hugepages/@speed"}
    with pytest.raises(KeyError):
        Grammar(tmp_path / "domain.rng").root("network")
    (tmp_path / "domain.rng").write_text("<grammar")
    with pytest.raises(ValueError, match="domain"):
        domain_coverage(tmp_path)


def _seen(block: Block, path: Steps, into: set[Steps]) -> None:
    """The lines that a block uses, by class and name."""
    for field in schema(type(block)):
        value = vars(block).get(field.python)
        if value is None or value == ():
            continue
        into.add((type(block).__name__, field.python))
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Block):
                _seen(inner, path, into)


@pytest.mark.needs("corpus")
def test_lines_that_libvirts_corpus_leaves_out_are_tried_by_themselves() -> None:
    seen: set[Steps] = set()
    for path in [*domains(), *sorted(CASES.glob("*.xml"))]:
        _seen(read(path.read_bytes()).domain, (), seen)
    reachable = _reachable(Domain)
    placed = [(b, f) for b in reachable for f in schema(b) if not isinstance(f.line, (Attr, OpenMap)) or f.line.place is not None]
    never = [(f"{b.__name__}.{f.python}", bool(f.types)) for b, f in placed if (b.__name__, f.python) not in seen]
    print(f"{len(placed)} lines, {len(never)} never exercised by libvirt's corpus: {' '.join(name for name, _ in never)}")
    tried = {f"{b.__name__}.{f.python}" for b, f in PLACED} | set(NOT_ALONE)
    assert [name for name, holds in never if not holds and name not in tried] == []


def _reachable(root: type[Block]) -> list[type[Block]]:
    found: dict[type[Block], None] = {}
    waiting = [root]
    while waiting:
        block = waiting.pop()
        if block not in found:
            found[block] = None
            waiting += [t for f in schema(block) for t in f.types]
    return list(found)


def test_subs_and_manys_have_one_class() -> None:
    for block, field in lines():
        if isinstance(field.line, (Sub, Many)):
            assert len(field.types) == 1, f"{block.__name__}.{field.name}"
