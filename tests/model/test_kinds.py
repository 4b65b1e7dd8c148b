"""Kinds of value: what they keep comes back from XML, and what they refuse is said."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.amount import amount
from tests.model.lines import kinds, values
from vmspec.model.kind import (
    CPUS,
    ON_OFF,
    SIZE_KIB,
    Either,
    HostPath,
    Integer,
    Kind,
    Measure,
    OneOf,
    OrTrue,
    Problem,
    Text,
    WordFor,
    spelled_text,
)
from vmspec.model.units import MICROSECONDS
from vmspec.model.value import CpuSet, Duration, Percentage, Size, Symbol, exact, show_quantity

TRIED = [kind for kind in kinds() if not values(kind).is_empty]


@pytest.mark.parametrize("kind", TRIED, ids=lambda kind: repr(kind)[:70])
def test_what_is_written_is_read_again(kind: Kind) -> None:
    @settings(max_examples=amount(25, 500), deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
    @given(values(kind))
    def law(value: object) -> None:
        written = kind.to_xml(value)  # type: ignore[arg-type]
        if isinstance(kind, HostPath) and kind.strictly(value):  # type: ignore[arg-type]
            return  # a relative path, which is read from the root
        assert kind.from_xml(written) == value
        assert kind.text(value) == written.text  # type: ignore[arg-type]
        assert kind.read(value) == value  # type: ignore[arg-type]

    law()


def test_most_kinds_are_tried() -> None:
    assert len(TRIED) > 100


@given(st.integers(0, 2**60))
def test_sizes_in_every_spelling_of_libvirt(number: int) -> None:
    for unit, count in {"b": 1, "KiB": 1024, "k": 1024, "KB": 1000, "M": 2**20, "mib": 2**20, "GB": 10**9, "T": 2**40}.items():
        whole = -(-number * count // 1024) * 1024
        assert SIZE_KIB.from_xml(Text(str(number), unit)) == (Size(whole) if whole < 1 << 64 else None)
    assert SIZE_KIB.from_xml(Text(str(number))) == (Size(number * 1024) if number < 1 << 54 else None)
    assert SIZE_KIB.from_xml(Text(str(number), "furlong")) is None


def test_inexact_sizes_are_refused_and_never_rounded() -> None:
    found = SIZE_KIB.read(Size(1025))
    assert isinstance(found, Problem) and found.instead == "1KiB"
    bare = SIZE_KIB.read(64)
    assert isinstance(bare, Problem) and bare.instead == "64GiB"


@given(st.sets(st.integers(0, 200), min_size=1))
def test_cpusets_print_in_shortest_ranges(numbers: set[int]) -> None:
    cpus = CpuSet.of(numbers)
    assert set(cpus) == numbers and len(cpus) == len(numbers)
    assert CPUS.from_xml(Text(str(cpus))) == cpus
    ranges = list(cpus.ranges())
    assert all(second[0] - first[1] >= 2 for first, second in pairwise(ranges))


@pytest.mark.parametrize(
    ("text", "cpus"), [("0-4,^3", "0-2,4"), ("1, 2", "1-2"), ("^1", ""), ("3-1", None), ("a", None), ("", None), ("^1-2", None)]
)
def test_libvirts_bitmaps(text: str, cpus: str | None) -> None:
    found = CPUS.from_xml(Text(text))
    assert (None if found is None else str(found)) == cpus


def test_combinations() -> None:
    quota = Either(MICROSECONDS, WordFor("unlimited", "-1"))
    assert quota.to_xml(Symbol("unlimited")) == Text("-1") and quota.from_xml(Text("-1")) == Symbol("unlimited")
    assert quota.to_xml(Duration(5000)) == Text("5")
    assert isinstance(quota.read("never"), Problem)
    pages = OrTrue(SIZE_KIB)
    assert pages.read(True) is True and pages.text(True) == "" and pages.from_xml(Text("")) is True
    assert isinstance(pages.read(False), Problem)
    assert isinstance(ON_OFF.read(Symbol("on")), Problem)
    assert isinstance(OneOf("a", "b").read("c"), Problem)
    assert isinstance(Integer(1, 3).read(4), Problem)


@pytest.mark.parametrize(
    ("digits", "unit", "shown"),
    [("1.5", "GiB", "1536MiB"), ("1", "TB", "1TB"), ("10", "Gbit/s", "10Gbit/s"), ("50", "us", "50us"), ("2.4", "GHz", "2400MHz")],
)
def test_quantities_show_as_they_may_be_written(digits: str, unit: str, shown: str) -> None:
    value = exact(digits, unit)
    assert value is not None and show_quantity(value) == shown


def test_a_spelling_carries_its_unit() -> None:
    assert spelled_text(SIZE_KIB, "4096 bytes") == Text("4096", "bytes")
    assert spelled_text(SIZE_KIB, "4096") == Text("4096")
    assert spelled_text(CPUS, "1, 2") == Text("1, 2")
    assert isinstance(Measure(Percentage, "whole percent", 1000).read(Percentage(1500)), Problem)
