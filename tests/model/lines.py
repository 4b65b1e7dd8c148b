"""Every typed line of the model, and the values that a kind may be tried with."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies as st

from vmspec.model.block import Attr, Block, Field, OpenMap, schema
from vmspec.model.kind import (
    LARGEST_QUANTITY,
    BareFlag,
    Checked,
    Cpus,
    Either,
    Flag,
    Integer,
    Kind,
    ListOf,
    Measure,
    OneOf,
    OrTrue,
    Presence,
    Problem,
    SecretName,
    WordFor,
    Words,
)
from vmspec.model.kinds import ROOTS
from vmspec.model.pins import CpuGroups, PinsOf
from vmspec.model.value import CpuSet, Pins, Secret, Size, Symbol, Value


def blocks() -> list[type[Block]]:
    """Every class that an object can hold, each once, in the order in which they are reached."""
    found: dict[type[Block], None] = {}
    waiting: list[type[Block]] = list(ROOTS.values())
    while waiting:
        block = waiting.pop(0)
        if block not in found:
            found[block] = None
            waiting += [t for f in schema(block) for t in f.types]
    return list(found)


def lines() -> Iterator[tuple[type[Block], Field]]:
    for block in blocks():
        for field in schema(block):
            yield block, field


def kinds() -> list[Kind]:
    """Every kind that a line has, each once."""
    found = [f.line.kind for _, f in lines() if isinstance(f.line, (Attr, OpenMap))]
    return list({repr(kind): kind for kind in found}.values())


def values(kind: Kind) -> st.SearchStrategy[Value]:
    """Values as a kind keeps them; nothing for kinds whose values are not known here."""
    match kind:
        case BareFlag() | Flag():
            return st.booleans()
        case Integer(low=low, high=high):
            return st.integers(min_value=low, max_value=high if high is not None else 2**63)
        case OneOf(words=words):
            return st.sampled_from([Symbol(word) for word in words])
        case WordFor(word=word):
            return st.just(Symbol(word))
        case Measure():
            numbers = st.integers(min_value=-(-kind.low // kind.count), max_value=min(2**40, LARGEST_QUANTITY // kind.count))
            return numbers.map(lambda number: kind.dimension(number * kind.count))
        case PinsOf():
            cpus = st.frozensets(st.integers(0, 300), min_size=1).map(CpuSet.of)
            return cpus | st.lists(cpus, min_size=1, max_size=8).map(Pins.each)
        case CpuGroups():
            return st.just((CpuSet.of([0, 4]), CpuSet.of([1, 5])))
        case Cpus():
            return st.frozensets(st.integers(0, 300), min_size=1).map(CpuSet.of)
        case SecretName():
            return st.text(min_size=1).map(Secret)
        case OrTrue(base=base):
            return st.just(True) | values(base)
        case Either(first=first, second=second):
            return values(first) | values(second)
        case Checked(base=base):
            return values(base).filter(lambda value: not isinstance(kind.read(value), Problem))
        case Words(pattern=pattern):
            texts = st.from_regex(pattern, fullmatch=True).map(kind.read)
            return texts.filter(lambda value: not isinstance(value, Problem)).map(lambda value: value)  # type: ignore[return-value]
        case _:
            return st.nothing()


_TEXTS = (
    *(
        "one",
        "/one",
        "1",
        "1.2",
        "q35",
        "0755",
        "52:54:00:00:00:01",
        "8d6cbd4d-2c3f-5d6e-9e3a-0c1d2e3f4a5b",
        "10.0.0.1",
        "0x1234567890abcdef",
    ),
    *(
        "1234567890abcdef",
        "1234:5678",
        "unix:///run/x",
        "naa.5001405000000001",
        "vda",
        "a\tb",
        "00:00:00:00:00:01",
        "1.0",
        "[x] y",
        "2010-04-09T15:51:00",
    ),
)


def sample(field: Field) -> list[Value]:
    """A few values for a line: what stands at the edges of its kind."""
    line = field.line
    if isinstance(line, OpenMap):
        key = line.keys[0] if line.keys else "one"
        return [{key: value} for value in _of(line.kind)[:1]]
    assert isinstance(line, Attr)
    return _of(line.kind)


def _of(kind: Kind) -> list[Value]:
    match kind:
        case Flag():
            return [True, False]
        case OrTrue(base=base):
            return [True, *_of(base)]
        case Either(first=first, second=second):
            return [*_of(first), *_of(second)]
        case WordFor(word=word):
            return [Symbol(word)]
        case OneOf(words=words):
            return [Symbol(word) for word in words]
        case Integer(low=low, high=high):
            return [low if low is not None else -1, high if high is not None else 4711]
        case Measure(dimension=dimension, count=count, low=low):
            return [dimension(max(count, low))]
        case PinsOf():
            return [CpuSet.of([0, 2, 3]), Pins.each([CpuSet.of([2]), CpuSet.of([10]), CpuSet.of([3])])]
        case CpuGroups():
            return [(CpuSet.of([0, 4]), CpuSet.of([1, 5]))]
        case Cpus():
            return [CpuSet.of([0, 2, 3])]
        case SecretName():
            return [Secret("one")]
        case ListOf(item=item, unordered=unordered):
            items = _of(item)[:2]
            return [tuple(sorted(items, key=str) if unordered else items)]
        case Presence():
            return [True]
        case _:
            read = [kind.read(text) for text in _TEXTS] + [kind.read(1), kind.read(Size(1024))]
            return [value for value in read if not isinstance(value, Problem) and kind.strictly(value) is None][:1]
