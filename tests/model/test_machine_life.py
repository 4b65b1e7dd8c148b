"""How long QEMU has a machine type, by what `-machine help` of 10.0.13 and 11.1.3 says."""

from __future__ import annotations

import pytest

from vmspec.model.machine import dropped_by, is_deprecated


@pytest.mark.parametrize(
    ("machine", "gone"),
    [
        ("pc-q35-5.1", (11, 1)),
        ("pc-q35-5.2", (11, 2)),
        ("pc-i440fx-2.12", (10, 1)),
        ("virt-9.2", (15, 2)),
        ("pc-q35-rhel9.4.0", None),
        ("q35", None),
    ],
)
def test_a_type_is_dropped_after_six_years(machine: str, gone: tuple[int, int] | None) -> None:
    assert dropped_by(machine) == gone


@pytest.mark.parametrize(
    ("machine", "qemu", "expected"),
    [
        ("pc-q35-8.1", (11, 1, 3), True),
        ("pc-q35-8.2", (11, 1, 3), False),
        ("pc-q35-7.0", (10, 0, 13), True),
        ("pc-q35-7.1", (10, 0, 13), False),
        ("pc-q35-2.8", (7, 2, 0), False),
    ],
)
def test_a_type_is_deprecated_after_three(machine: str, qemu: tuple[int, ...], expected: bool) -> None:
    assert is_deprecated(machine, qemu) is expected
