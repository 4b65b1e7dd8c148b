"""The values of the language: exact, immutable, and one class for each dimension.

A size is an `int` of bytes that knows it is a size: rules compute with it as a number, the evaluator checks its dimension.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from vmspec.base.record import record

if TYPE_CHECKING:
    from vmspec.model.block import Block

MAX_CPU = 1 << 16
"""CPU and node numbers stay below this; libvirt's own bitmaps end at 16384 (VIR_DOMAIN_CPUMASK_LEN, src/conf/virconftypes.h)."""


class Quantity(int):
    """An exact integer in the base unit of its dimension."""

    dimension = ""
    base = ""
    units: tuple[tuple[str, Fraction], ...] = ()
    """Unit → how many base units, in the order in which `show` prefers them (largest exact first)."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)})"


def _scale(*names: str, step: int, first: int = 1) -> tuple[tuple[str, Fraction], ...]:
    return tuple((name, Fraction(first * step**power)) for power, name in enumerate(names))


_BINARY = _scale("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", step=1024)
_DECIMAL = _scale("KB", "MB", "GB", "TB", "PB", "EB", step=1000, first=1000)
_BITS = tuple((unit, Fraction(count, 8)) for unit, count in _scale("bit", "Kbit", "Mbit", "Gbit", "Tbit", step=1000))


class Size(Quantity):
    """Bytes."""

    dimension = "size"
    base = "B"
    units = tuple(reversed(_BINARY)) + tuple(reversed(_DECIMAL))


class Rate(Quantity):
    """Bytes per second."""

    dimension = "rate"
    base = "B/s"
    units = tuple((f"{unit}/s", count) for unit, count in (*reversed(_BINARY), *reversed(_DECIMAL), *reversed(_BITS)))


class Duration(Quantity):
    """Nanoseconds."""

    dimension = "duration"
    base = "ns"
    units = tuple(
        (unit, Fraction(count))
        for unit, count in (
            ("d", 86400 * 10**9),
            ("h", 3600 * 10**9),
            ("min", 60 * 10**9),
            ("s", 10**9),
            ("ms", 10**6),
            ("us", 10**3),
            ("ns", 1),
        )
    )


class Frequency(Quantity):
    """Hertz."""

    dimension = "frequency"
    base = "Hz"
    units = tuple(
        (unit, Fraction(count))
        for unit, count in (("THz", 10**12), ("GHz", 10**9), ("MHz", 10**6), ("kHz", 10**3), ("KHz", 10**3), ("Hz", 1))
    )


class Percentage(Quantity):
    """Thousandths of a percent."""

    dimension = "percentage"
    base = "1/1000 %"
    units = (("%", Fraction(1000)),)


DIMENSIONS: tuple[type[Quantity], ...] = (Size, Rate, Duration, Frequency, Percentage)


class Symbol(str):
    """A bare word: an enum value or a name."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Symbol({str(self)!r})"


@record(frozen=True, slots=True, eq=False)
class CpuSet:
    """A set of CPU or node numbers as a bitmap; prints in shortest range form."""

    bits: int = 0

    @staticmethod
    def of(numbers: Iterable[int]) -> CpuSet:
        bits = 0
        for number in numbers:
            bits |= 1 << number
        return CpuSet(bits)

    @staticmethod
    def span(first: int, last: int) -> CpuSet:
        """Both ends included."""
        return CpuSet(((1 << (last - first + 1)) - 1) << first)

    def __iter__(self) -> Iterator[int]:
        bits, number = self.bits, 0
        while bits:
            skip = (bits & -bits).bit_length() - 1
            number += skip
            yield number
            bits >>= skip + 1
            number += 1

    def __len__(self) -> int:
        return self.bits.bit_count()

    def union(self, others: Iterable[CpuSet]) -> CpuSet:
        bits = self.bits
        for other in others:
            bits |= other.bits
        return CpuSet(bits)

    def __contains__(self, number: int) -> bool:
        return bool(self.bits >> number & 1)

    def __eq__(self, other: object) -> bool:
        return other.__class__ is CpuSet and self.bits == other.bits

    def __hash__(self) -> int:
        return hash(self.bits)

    def __lt__(self, other: CpuSet) -> bool:
        return self.bits < other.bits

    def __or__(self, other: CpuSet) -> CpuSet:
        return CpuSet(self.bits | other.bits)

    def __and__(self, other: CpuSet) -> CpuSet:
        return CpuSet(self.bits & other.bits)

    def __sub__(self, other: CpuSet) -> CpuSet:
        return CpuSet(self.bits & ~other.bits)

    def __bool__(self) -> bool:
        return self.bits != 0

    def __str__(self) -> str:
        return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in self.ranges())

    def ranges(self) -> Iterator[tuple[int, int]]:
        """Maximal runs as (first, last)."""
        bits, at = self.bits, 0
        while bits:
            skip = (bits & -bits).bit_length() - 1
            bits >>= skip
            at += skip
            run = (~bits & (bits + 1)).bit_length() - 1
            yield at, at + run - 1
            bits >>= run
            at += run


@record(frozen=True, slots=True, eq=False)
class Pins(CpuSet):
    """Where each vCPU of a guest runs, one after the other: as a cpuset it is all of these CPUs together."""

    order: tuple[CpuSet, ...] = ()

    @staticmethod
    def each(order: Iterable[CpuSet]) -> Pins:
        """From the CPUs of vCPU 0, those of vCPU 1, and so on."""
        items = tuple(order)
        return Pins(CpuSet().union(items).bits, items)

    def __iter__(self) -> Iterator[int]:
        return (cpu for item in self.order for cpu in item)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pins) and self.order == other.order

    def __hash__(self) -> int:
        return hash(self.order)


@record(frozen=True, slots=True)
class Secret:
    """Opaque to the language: `secret("name")`, a reference to a libvirt secret of this usage name, or a parameter of type `secret`."""

    name: str
    param: bool = False
    """The name is that of a `param $name: secret`, whose value nobody has before a deploy."""
    uuid: str = ""
    """Of a secret that the program declares with its UUID: what names it where a usage cannot."""


@record(frozen=True, slots=True)
class ObjectRef:
    """A reference to another object of the program, resolved: `host(rack1.n3)`."""

    kind: str
    name: str


@record(frozen=True, slots=True)
class Tagged:
    """An evaluated call that builds a value, before the model has typed it: `file("/x", format = qcow2)`."""

    tag: str
    positional: tuple[Value, ...]
    named: tuple[tuple[str, Value], ...]


class Repeated(tuple["Value", ...]):
    """Several values of one name, each of which is said by itself: `console=tty0 console=ttyS0`."""

    __slots__ = ()


Value: TypeAlias = "bool | int | str | CpuSet | tuple[Value, ...] | Mapping[str, Value] | Secret | ObjectRef | Tagged | Block"


NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document can hold, not even escaped (W3C, Extensible Markup Language 1.0, 2.2 "Characters")."""


def unwritable(value: Value) -> str | None:
    """Of a text, or of one in a list or map: the first character that XML cannot hold, as people name it."""
    match value:
        case str():
            found = NOT_XML.search(value)
            return f"U+{ord(found[0]):04X}" if found is not None else None
        case Secret():
            return unwritable(value.name)
        case tuple():
            return next((wrong for item in value if (wrong := unwritable(item)) is not None), None)
        case Mapping():
            return next((wrong for pair in value.items() for item in pair if (wrong := unwritable(item)) is not None), None)
        case _:
            return None


def exact(digits: str, unit: str) -> Quantity | None:
    """`1.5`, `GiB` → Size(1610612736); None where no dimension has the unit; ValueError where it is not whole in the base unit."""
    for dimension in DIMENSIONS:
        for name, count in dimension.units:
            if name == unit:
                amount = Fraction(digits) * count
                if amount.denominator != 1:
                    raise ValueError(f"{digits}{unit} is not a whole number of {dimension.base}")
                return dimension(amount.numerator)
    return None


def show_quantity(value: Quantity) -> str:
    """The largest unit that divides it exactly: `16GiB`, `400MiB/s`, `50us`, `20%`."""
    if value == 0:
        unit = {Size: "B", Rate: "B/s", Duration: "ns", Frequency: "Hz", Percentage: "%"}[type(value)]
        return f"0{unit}"
    if isinstance(value, Percentage):
        whole, part = divmod(int(value), 1000)
        return f"{whole}.{part:03d}".rstrip("0").rstrip(".") + "%"
    fits = [(Fraction(int(value)) / count, unit) for unit, count in value.units]
    whole_fits = [(amount, unit) for amount, unit in fits if amount.denominator == 1]
    amount, unit = min(whole_fits, key=lambda pair: abs(pair[0]))
    return f"{amount}{unit}"
