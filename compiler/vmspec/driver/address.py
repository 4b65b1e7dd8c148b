"""Resolves addresses such as `feed-a:cpu.pin` to the values of an object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.provenance import Path, Provenance, ValueAddress, show_path
from vmspec.base.record import record
from vmspec.base.suggest import did_you_mean
from vmspec.base.unspoken import HIDDEN, unspoken
from vmspec.lower.fleet import Fleet, Object
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.show import show
from vmspec.model.value import Value

NO_SUCH_ADDRESS = Code(
    1906,
    "no-such-address",
    """
    What: An address such as `feed-a:cpu.pin` names no object of the program, or no value that the object has.
    Why: The object stands before the colon, the path behind it, as it is written in a source; what is not set has no origin.
    """,
)


@record(frozen=True)
class AddressedValue:
    """A value that an address names, with its provenance."""

    object: Object[Block]
    path: Path
    value: Value | None
    """None if it was removed; its trail says by what."""
    trail: Provenance

    @property
    def address(self) -> ValueAddress:
        return ValueAddress(self.object.name, self.path)

    @property
    def text(self) -> str | None:
        """The value as the language writes it, with passwords redacted."""
        return None if self.value is None else HIDDEN if self.is_password else unspoken(str(show(self.value)))

    @property
    def is_password(self) -> bool:
        """Whether it is the text of a password. An empty one is no secret, and neither is the name of one that a deploy is given."""
        return self.path[-1:] == ("passwd",) and isinstance(self.value, str) and bool(self.value)


HASHED_LATER: Path = ("origin", "source")
"""Metadata that is computed when a definition is written, and is no value of the program."""


def objects(fleet: Fleet) -> tuple[Object[Block], ...]:
    return tuple(fleet.every())


def resolve(fleet: Fleet, address: str) -> tuple[tuple[AddressedValue, ...], Diagnostic | None]:
    """The values that an address names: one value, all of a block, or all of an object (`feed-a`), without our own metadata."""
    known = objects(fleet)
    name, colon, text = address.partition(":")
    chosen = [each for each in known if each.name == name]
    if not chosen:
        return (), _nothing(f"there is no object {name}", name, [each.name for each in known])
    wanted = text.strip().replace('"', "").replace(" ", ".")
    found = [named for each in chosen for named in values(each) if _within(named.path, wanted)]
    exact = [named for named in found if ".".join(named.path) == wanted]
    if found or not colon:
        return tuple(exact or found), None
    paths = [show_path(named.path) for each in chosen for named in values(each)]
    return (), _nothing(f"{name} has no value {text}", text, paths)


def _within(path: Path, wanted: str) -> bool:
    joined = ".".join(path)
    return path[0] != "origin" if not wanted else joined == wanted or joined.startswith(f"{wanted}.")


def _nothing(message: str, wrong: str, names: list[str]) -> Diagnostic:
    return Diagnostic(NO_SUCH_ADDRESS, message, help=did_you_mean(wrong, names))


def values(of: Object[Block]) -> Iterator[AddressedValue]:
    """All values of an object in the order of the model; then removed ones, which only have a trail."""
    seen = set()
    for path, value in walk(of.spec):
        trail = of.trails.get(path)
        if trail is not None and path != HASHED_LATER:
            seen.add(path)
            yield AddressedValue(of, path, value, trail)
    yield from (
        AddressedValue(of, path, None, trail) for path, trail in of.trails.items() if path not in seen and trail and path != HASHED_LATER
    )


def walk(block: Block, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """All values below a block, by their paths in the language. A variant of a choice is a value, and so are its features."""
    held: Mapping[str, Value] = vars(block)
    for line in schema(type(block)):
        value = held.get(line.python)
        if value is not None and value != ():
            yield from _line(line, value, (*path, line.name))


def _line(line: Field, value: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    match line.line:
        case Attr():
            yield path, value
        case OpenMap():
            assert isinstance(value, Mapping)
            yield from (((*path, key), each) for key, each in value.items())
        case Choice():
            yield path, value
            assert isinstance(value, Block)
            yield from walk(value, path)
        case Sub():
            assert isinstance(value, Block)
            yield from walk(value, path)
        case Many():
            assert isinstance(value, tuple)
            for each in value:
                assert isinstance(each, Block)
                yield from walk(each, (*path, each.label))
