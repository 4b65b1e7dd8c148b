"""Every typed line of every device: named once, documented, placed, with a kind that can read its default."""

from __future__ import annotations

import re

import pytest

from tests.model.devices.claims import blocks, devices
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.kind import Kind, ListOf, OneOf, Problem
from vmspec.model.layout import layout
from vmspec.model.place import parse

LINES = [(block, each) for block in blocks() for each in schema(block)]
ATTRS = [(block, each, each.line) for block, each in LINES if isinstance(each.line, Attr)]
CHOICES = [(block, each, each.line) for block, each in LINES if isinstance(each.line, Choice)]


def _id(value: object) -> str:
    return value.__name__ if isinstance(value, type) else value.name if isinstance(value, Field) else "-"


def test_the_package_has_the_devices_of_libvirt() -> None:
    found = {d.element.removeprefix("devices/") for d in devices()}
    assert len(found) == len(devices()), "two classes claim one element"
    assert {"disk", "interface", "hostdev", "controller", "graphics", "memballoon", "memory", "redirfilter", "pstore", "crypto"} <= found


@pytest.mark.parametrize("block", blocks(), ids=_id)
def test_names_are_unique_and_places_parse(block: type[Block]) -> None:
    fields = schema(block).fields
    assert len({f.name for f in fields}) == len(fields)
    assert block.__doc__, "a block says what it is"
    for place, _ in block.constants:
        assert parse(place).attribute
    for each in fields:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", each.name), each.name
        if isinstance(each.line, Attr | OpenMap) and each.line.place is not None:
            parse(each.line.place)
    if block.element.startswith("devices/"):
        layout(block)


@pytest.mark.parametrize(("block", "each"), LINES, ids=_id)
def test_every_line_is_documented(block: type[Block], each: Field) -> None:
    assert each.doc.endswith("."), f"{block.__name__}.{each.name}: {each.doc!r}"
    since = getattr(each.line, "since", "")
    assert re.fullmatch(r"([0-9]+\.[0-9]+\.[0-9]+)?", since), since


@pytest.mark.parametrize(("block", "each", "line"), ATTRS, ids=_id)
def test_defaults_are_read_by_their_kinds(block: type[Block], each: Field, line: Attr) -> None:
    assert isinstance(line.kind, Kind)
    kind = line.kind.item if isinstance(line.kind, ListOf) else line.kind
    assert kind.noun
    if line.default is not None:
        read = line.kind.read(line.default)
        assert not isinstance(read, Problem), read
        assert read == line.default


@pytest.mark.parametrize(("block", "each"), LINES, ids=_id)
def test_the_python_value_of_a_line_means_absent(block: type[Block], each: Field) -> None:
    repeated = isinstance(each.line, Many) or (isinstance(each.line, Attr) and isinstance(each.line.kind, ListOf))
    assert getattr(block, each.python) == (() if repeated else None)


@pytest.mark.parametrize(("block", "each", "line"), CHOICES, ids=_id)
def test_variants_can_be_told_apart(block: type[Block], each: Field, line: Choice) -> None:
    tags = [t.tag for t in each.types]
    assert all(tags)
    assert len(set(tags)) == len(tags)
    told = [(t.when or t.tag, t.constants) for t in each.types]
    assert len(set(told)) == len(told)
    for at, (when, constants) in enumerate(told):
        hidden = [w for w, c in told[at + 1 :] if w == when and set(constants) <= set(c)]
        assert not hidden, f"{tags[at]} hides a later variant of {when}"
    for variant in each.types:
        names = {f.python for f in schema(variant)}
        assert set(variant.positional) <= names


@pytest.mark.parametrize("block", [b for b in blocks() if b.main], ids=_id)
def test_the_main_feature_exists(block: type[Block]) -> None:
    assert block.main in {f.python for f in schema(block)}


@pytest.mark.parametrize("device", devices(), ids=_id)
def test_address_and_alias_come_last(device: type[Block]) -> None:
    names = [f.name for f in schema(device)]
    if "alias" in names:
        assert names[-2:] == ["alias", "address"]


def test_words_of_a_closed_list_are_distinct() -> None:
    for block, each, line in ATTRS:
        kind = line.kind.item if isinstance(line.kind, ListOf) else line.kind
        if isinstance(kind, OneOf):
            assert len(set(kind.words)) == len(kind.words), (block, each.name)


def test_subs_and_manys_have_an_element() -> None:
    for block, each in LINES:
        if isinstance(each.line, Sub | Many):
            inner = each.types[0]
            assert inner.element or each.line.at, (block, each.name)
