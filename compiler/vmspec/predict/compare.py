"""Where two definitions differ in what they mean: units, spellings and the order of devices aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from vmspec.base.provenance import Path
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.domain import Domain
from vmspec.predict.parts import Node, tree

Key: TypeAlias = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Difference:
    """One feature, or one whole block that only one of the two has. A block is named by its label in the first, else in the second."""

    path: Path
    before: object
    """None: only the second has it."""
    after: object

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.before!r} → {self.after!r}"


def differences(a: Domain, b: Domain) -> tuple[Difference, ...]:
    """In the order of the model's lines. Devices are the same by alias, else by MAC, target or place on the host, else by what they are."""
    return tuple(_blocks(a, b, ()))


# ---------------------------------------------------------------------------------------------- one block with another


def _blocks(a: Block, b: Block, path: Path) -> Iterator[Difference]:
    for field in schema(type(a)):
        one, other = getattr(a, field.python), getattr(b, field.python)
        if one != other or isinstance(field.line, (Sub, Choice)):
            yield from _features(field, one, other, (*path, field.name))
    if a.raw or b.raw:
        yield from _parts(a.raw, b.raw, path)


def _features(field: Field, a: Any, b: Any, path: Path) -> Iterator[Difference]:
    match field.line:
        case Many():
            yield from _many(field, a or (), b or (), path)
        case Sub():
            yield from _sub(field, a, b, path)
        case Choice():
            if type(a) is type(b) and a is not None:
                yield from _blocks(a, b, path)
            elif a is not b:
                yield Difference(path, a, b)
        case OpenMap():
            yield from _entries(a or {}, b or {}, path)
        case Attr():
            if (a != b and (a or None, b or None) != (None, None)) or (a != b and () not in (a, b)):
                yield Difference(path, a, b)


def _sub(field: Field, a: Block | None, b: Block | None, path: Path) -> Iterator[Difference]:
    """A block without an element of its own is there or not as its features are; one with an element is a feature itself."""
    if a is None and b is None:
        return
    if (a is None) != (b is None) and field.types[0].element:
        yield Difference(path, a, b)
        return
    yield from _blocks(a or field.types[0](), b or field.types[0](), path)


def _entries(a: Mapping[str, object], b: Mapping[str, object], path: Path) -> Iterator[Difference]:
    for key in dict.fromkeys((*a, *b)):
        if a.get(key) != b.get(key):
            yield Difference((*path, key), a.get(key), b.get(key))


def _parts(a: Mapping[str, str], b: Mapping[str, str], path: Path) -> Iterator[Difference]:
    for place in sorted({*a, *b}):
        one, other = a.get(place), b.get(place)
        if _meaning(place, one) != _meaning(place, other):
            yield Difference((*path, f"xml:{place}"), one, other)


def _meaning(place: str, part: str | None) -> str | tuple[Node, ...] | None:
    return part if part is None or "@" in place or "<" not in part else tree(part)


# ---------------------------------------------------------------------------------------------- several with several


def _many(field: Field, a: Sequence[Block], b: Sequence[Block], path: Path) -> Iterator[Difference]:
    pairs = _paired(field, list(a), list(b))
    for one, other in pairs:
        label = one.label if one is not None else other.label if other is not None else ""
        if one is None or other is None:
            if not _says_nothing(one or other):
                yield Difference((*path, label), one, other)
        else:
            yield from _blocks(one, other, (*path, label))


def _says_nothing(block: Block | None) -> bool:
    return block is None or not (set(vars(block)) - {"label"})


def _paired(field: Field, a: list[Any], b: list[Any]) -> list[tuple[Any, Any]]:
    """Each block with the one it is; first by the surest sign. Then what is left over, each alone."""
    partner: dict[int, Any] = {}
    rest = list(b)
    for key in _KEYS.get(field.python, (_label,) if _is_labelled(field) else (_content,)):
        for number, one in enumerate(a):
            wanted = key(one)
            if number in partner or wanted is None:
                continue
            found = next((at for at, other in enumerate(rest) if key(other) == wanted), None)
            if found is not None:
                partner[number] = rest.pop(found)
    if field.python not in _KEYS and not _is_labelled(field):
        for number in range(len(a)):
            if number not in partner and rest:
                partner[number] = rest.pop(0)
    return [(one, partner.get(number)) for number, one in enumerate(a)] + [(None, other) for other in rest]


def _is_labelled(field: Field) -> bool:
    """Whether XML holds the label: vCPUs, cells, timers."""
    line = field.line
    places = [str(getattr(f.line, "place", "") or "") for f in schema(field.types[0])]
    return "$label" in (getattr(line, "at", None) or field.types[0].element) or any("$label" in place for place in places)


def _label(own: Any) -> object:
    return own.label


def _content(own: Any) -> object:
    return {name: value for name, value in vars(own).items() if name not in ("label", "spelling")}.items().__repr__()


def _alias(own: Any) -> object:
    return own.alias


def _feature(*names: str) -> Key:
    """The same by these features, if the first is said."""

    def key(own: Any) -> object:
        values = tuple(getattr(own, name, None) for name in names)
        return None if values[0] is None else values

    return key


def _host(own: Any) -> object:
    """What a device is on the host."""
    source = own.source
    return None if source is None else (type(source), _content(source.but(mode=None) if hasattr(source, "mode") else source))


def _kind(own: Any) -> object:
    return True


_BY_PLACE: tuple[Key, ...] = (_alias, _feature("address"), _kind)
_KEYS: dict[str, tuple[Key, ...]] = {
    "disk": (_alias, _feature("target"), _feature("serial")),
    "interface": (_alias, _feature("mac"), _host),
    "hostdev": (_alias, _host, _feature("address")),
    "controller": (_alias, _feature("type", "index", "model"), _feature("type", "index")),
    "filesystem": (_alias, _feature("target")),
    "channel": (_alias, _feature("name"), _feature("forward_address", "forward_port"), _feature("address"), _host),
    "graphics": (_feature("type", "socket"), _feature("type")),
    "input": (_alias, _feature("type", "bus"), _feature("type")),
    "audio": (_feature("id"), _kind),
    "serial": (_alias, _feature("port"), _kind),
    "console": (_alias, _feature("port"), _kind),
    "parallel": (_alias, _feature("port"), _kind),
    "smartcard": _BY_PLACE, "redirdev": _BY_PLACE, "sound": _BY_PLACE, "video": _BY_PLACE, "hub": _BY_PLACE, "watchdog": _BY_PLACE,
    "rng": _BY_PLACE, "tpm": _BY_PLACE, "panic": _BY_PLACE, "shmem": (_alias, _feature("name")), "memory_device": _BY_PLACE,
    "iommu": _BY_PLACE, "crypto": _BY_PLACE,
}  # fmt: skip
