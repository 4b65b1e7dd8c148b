"""What changes between machine types, by QEMU's own word."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from tests import machine_table
from tests.libvirts import LIBVIRTS
from vmspec.model.machine_compat import PropertyChange, families, property_changes


def changes(before: str, after: str) -> tuple[PropertyChange, ...]:
    found = property_changes(before, after)
    assert not isinstance(found, str), found
    return found


def test_a_step_is_what_the_older_type_keeps() -> None:
    assert PropertyChange("tpm-tis-device", "ppi", "off", None) in changes("pc-q35-11.0", "pc-q35-11.1")


def test_the_way_back_is_the_reverse_and_steps_add_up() -> None:
    there, back = changes("pc-q35-8.2", "pc-q35-10.0"), changes("pc-q35-10.0", "pc-q35-8.2")
    assert [(each.before, each.after) for each in there] == [(each.after, each.before) for each in back]
    names = {(each.device, each.name) for each in there}
    steps = ("8.2", "9.0", "9.1", "9.2", "10.0")
    parts = [changes(f"pc-q35-{one}", f"pc-q35-{other}") for one, other in pairwise(steps)]
    assert names == {(each.device, each.name) for part in parts for each in part}


def test_nothing_differs_from_itself() -> None:
    for family, versions in families().items():
        for version in versions:
            assert changes(f"{family}-{version}", f"{family}-{version}") == ()


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        ("q35", "pc-q35-9.0", "q35 is no versioned machine type of pc-q35, pc-i440fx, virt, pseries, s390-ccw-virtio"),
        ("pc-q35-2.8", "pc-q35-9.0", "QEMU 11.1.3 has no pc-q35-2.8: it has pc-q35-5.2 to pc-q35-11.1"),
        ("pc-i440fx-9.0", "pc-q35-9.0", "pc-i440fx-9.0 and pc-q35-9.0 are different machines"),
    ],
)
def test_what_cannot_be_told_is_told_as_such(before: str, after: str, wrong: str) -> None:
    found = property_changes(before, after)
    assert isinstance(found, str) and found.startswith(wrong)


@pytest.mark.needs("libvirt-12")
def test_the_table_is_what_that_qemu_says() -> None:
    """Each type's whole set, put together of the steps, is what QEMU says of it."""
    root = LIBVIRTS["libvirt-12"].root
    held: dict[str, Any] = json.loads(machine_table.TABLE.read_text(encoding="utf-8"))
    machines, version = machine_table.ask(root, "qemu-system-x86_64")
    assert held["qemu"] == version
    for machine in machines:
        family, _, number = machine["name"].rpartition("-")
        steps = held["families"].get(family, {})
        if number in steps:
            whole: dict[tuple[str, str], str] = {}
            for name, added in steps.items():
                whole |= {(device, prop): value for device, prop, value in added}
                if name == number:
                    break
            said = {(each["qom-type"], each["property"]): each["value"] for each in machine.get("compat-props", ())}
            assert whole == said, machine["name"]
