"""Which software is meant: versions, distributions, the oldest of several."""

from __future__ import annotations

import pytest

from vmspec.model.target import SYSTEMS, Software, oldest, read_target, version


@pytest.mark.parametrize(("text", "expected"), [("9.0.0", (9, 0, 0)), ("11.3", (11, 3, 0)), ("12", (12, 0, 0)), ("", ()), (None, ())])
def test_a_version_has_three_numbers(text: str | None, expected: tuple[int, ...]) -> None:
    assert version(text) == expected


@pytest.mark.parametrize(
    ("libvirt", "since", "until", "expected"),
    [
        ("11.3", "", "", True),
        ("", "", "", True),
        ("", "9.2.0", "", None),
        ("", "", "9.2.0", None),
        ("9.2", "9.2.0", "", True),
        ("9.1", "9.2.0", "", False),
        ("9.1", "", "9.2.0", True),
        ("9.2", "", "9.2.0", False),
        ("10.0", "9.2.0", "10.0.0", False),
        ("9.10", "9.2.0", "10.0.0", True),
    ],
)
def test_a_version_is_among_others_or_nobody_knows(libvirt: str, since: str, until: str, expected: bool | None) -> None:
    assert Software(libvirt=version(libvirt)).has(since, until) is expected


def test_a_distribution_says_the_rest_and_what_is_said_besides_outranks_it() -> None:
    found = read_target({"os": "debian-12", "libvirt": "11.3"})
    assert found == Software((11, 3, 0), (7, 2, 0), (6, 1, 0), "debian-12")
    assert read_target({"os": "rocky-9"}) == Software((10, 10, 0), (9, 1, 0), (5, 14, 0), "rocky-9")


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ({"libvirt": "new"}, "libvirt = new is no version such as 11.3"),
        ({"os": "debian-3"}, "os = debian-3 is not known"),
        ({"libvirtd": "9"}, "a target has no `libvirtd`"),
    ],
)
def test_what_is_no_target_is_told(words: dict[str, str], wrong: str) -> None:
    found = read_target(words)
    assert isinstance(found, str) and found.startswith(wrong)


def test_every_distribution_is_readable() -> None:
    for name in SYSTEMS:
        assert isinstance(read_target({"os": name}), Software)


def test_the_oldest_of_several_is_of_each_kind_and_unknown_where_one_says_nothing() -> None:
    new, old = Software((12, 0, 0), (9, 0, 0)), Software((9, 0, 0), (10, 0, 0))
    assert oldest([new, old]) == Software((9, 0, 0), (9, 0, 0))
    assert oldest([new, Software()]) == Software()
    assert oldest([]) == Software()
