"""Which texts of domain XML libvirt's parser reads, so that it refuses others: read off the kinds of the model's lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from vmspec.base.provenance import Path
from vmspec.base.record import record, replace
from vmspec.model.block import Attr, Block, Choice, Field, OpenMap, Sub, schema
from vmspec.model.devices.kinds import LowerCase
from vmspec.model.kind import Checked, Cpus, Either, Flag, Integer, Kind, ListOf, Measure, OneOf, OrTrue, ReadWords, Text, Words
from vmspec.model.place import parse

TRIED_ON = (9, 0)
"""The libvirt that the marks of the model were tried on; it ignores what came later."""
BESIDES = ("none", "isa", "unassigned")
"""Addresses that libvirt knows and no variant is (virDomainDeviceAddressType, src/conf/device_conf.h 9.0.0)."""


@record(frozen=True)
class ReadableText:
    """What may stand at a place: one of some words, or what a kind reads."""

    noun: str
    words: tuple[str, ...] = ()
    kind: Kind | None = None
    choice: str = ""
    variant: type[Block] | None = None
    """Of a variant of a choice: the choice (Python's name) and the variant, without which libvirt does not read the place."""

    def meant(self, block: Block) -> bool:
        return self.variant is None or isinstance(getattr(block, self.choice), self.variant)

    def is_number(self) -> bool:
        return isinstance(self.kind, (Integer, Measure))

    def fits(self, text: str, unit: str | None = None) -> bool:
        return text in self.words if self.kind is None else self.kind.from_xml(Text(text, unit)) is not None


class Within(NamedTuple):
    """An attribute of elements of a list, a map or a choice."""

    around: str
    """The place of the element around them."""
    tag: str
    attribute: str
    path: Path
    read: ReadableText


Direct: TypeAlias = Mapping[str, tuple[Path, tuple[ReadableText, ...]]]
_DIRECT: dict[type[Block], Direct] = {}
_WITHIN: dict[type[Block], tuple[Within, ...]] = {}


def direct(block: type[Block]) -> Direct:
    """By place in a block's own element, attribute or text: the path from the block, and what may stand there."""
    known = _DIRECT.get(block)
    if known is None:
        found: dict[str, tuple[Path, tuple[ReadableText, ...]]] = {}
        for place, path, read in _direct(block, ()):
            first, reads = found.get(place, (path, ()))
            found[place] = first, (*reads, read)
        known = _DIRECT[block] = found
    return known


def within(block: type[Block]) -> tuple[Within, ...]:
    """What may stand in the elements of a block's lists, maps and choices."""
    known = _WITHIN.get(block)
    if known is None:
        known = _WITHIN[block] = tuple(_within(block, ()))
    return known


def _direct(block: type[Block], path: Path) -> Iterator[tuple[str, Path, ReadableText]]:
    for field in schema(block):
        here = (*path, field.name)
        match field.line:
            case Attr(place=str(place), kind=kind, unchecked=False, since=since) if is_closed(kind) and _is_old(since):
                yield place, here, ReadableText(_noun(kind), kind=kind)
            case Choice(on=on):
                if on:
                    yield on, here, _variants(field)
                for variant in field.types:
                    around = variant.element if field.line.at is None else field.line.at
                    for place, inner, read in () if "[" in around else _direct(variant, here):
                        yield _below(around, place), inner, replace(read, choice=field.python, variant=variant)
            case Sub():
                yield from _direct(field.types[0], here) if _is_folded(field.types[0], field.line) else ()
            case _:
                pass


def _below(around: str, place: str) -> str:
    return f"{around}/{place}" if around and place else around or place


def _within(block: type[Block], path: Path) -> Iterator[Within]:
    for field in schema(block):
        here = (*path, field.name)
        match field.line:
            case Attr(place=str(place), kind=ListOf(item=item), unchecked=False) if is_closed(item) and "*/@" in place:
                yield _spot(place.replace("*", ""), here, ReadableText(item.noun, kind=item))
            case OpenMap(place=str(place), value=value, kind=kind) if is_closed(kind) and value.startswith("@"):
                yield _spot(f"{place}/{value}", here, ReadableText(kind.noun, kind=kind))
            case Choice(on=on) if "/@" in on:
                yield _spot(on, here, _variants(field))
            case Sub() if _is_folded(field.types[0], field.line):
                yield from _within(field.types[0], here)
            case _:
                pass


def _spot(place: str, path: Path, read: ReadableText) -> Within:
    element, _, attribute = place.rpartition("/@")
    around, _, tag = element.rpartition("/")
    return Within(around, tag, attribute, path, read)


def _variants(field: Field) -> ReadableText:
    texts = tuple(dict.fromkeys(t.when or t.tag for t in field.types))
    return ReadableText("one of " + ", ".join(texts), (*texts, *BESIDES))


def _is_folded(inner: type[Block], line: Sub | Choice) -> bool:
    """Whether its features lie in the element of the block around it."""
    return not parse(inner.element if line.at is None else line.at).steps


def is_closed(kind: Kind) -> bool:
    """Whether libvirt reads the text itself."""
    match kind:
        case LowerCase() | ReadWords() | Flag() | Integer() | OneOf() | Measure() | Cpus():
            return True
        case Words(parsed=parsed):
            return parsed
        case Checked(base=base) | OrTrue(base=base):
            return is_closed(base)
        case Either(first=first, second=second):
            return is_closed(first) and is_closed(second)
        case _:
            return False


def _noun(kind: Kind) -> str:
    match kind:
        case Flag():
            return f"{kind.true!r} or {kind.false!r}"
        case Integer(low=int(low), high=int(high)):
            return f"{kind.noun} from {low} to {high}"
        case _:
            return kind.noun


def _is_old(since: str) -> bool:
    version = tuple(int(part) for part in since.split(".")[:2] if part.isdigit())
    return not version or version <= TRIED_ON
