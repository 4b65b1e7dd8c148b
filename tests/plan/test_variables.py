"""Whose firmware variables a VM starts with, where a file of that name is on the host already."""

from __future__ import annotations

import pytest

from tests.plan.factories import Remembered, desired, only_vm, planned, uuid, xml
from vmspec.plan.file_uses import HostPlaces
from vmspec.plan.preserve import nvram_path
from vmspec.plan.state import Platform

USUAL = "/nvram/web_VARS.fd"
OWN = "/nvram/web-aaaaaaaa_VARS.fd"
FIRMWARE = "<os firmware='efi'>"


def efi(nvram: str = "") -> bytes:
    return xml("web", uuid("a")).replace(b"<os>", FIRMWARE.encode()).replace(b"</os>", f"{nvram}</os>".encode())


BEFORE = Remembered(earlier={uuid("a"): [efi()]})
CASES: dict[str, tuple[bool | None, Remembered, str, str | None]] = {
    "none there": (False, Remembered(), "", None),
    "left by another": (True, Remembered(), f"{USUAL} is there, left by another guest", OWN),
    "its own": (True, BEFORE, f"{USUAL}, which it had before, is there", None),
    "its own had another name": (True, Remembered(earlier={uuid("a"): [efi(f"<nvram>{OWN}</nvram>")]}), f"{USUAL} is there", OWN),
    "cannot be seen": (None, Remembered(), f"nobody can see from here whether another guest has left {USUAL}", None),
    "cannot be seen, and it had it before": (None, BEFORE, "", None),
}


@pytest.mark.parametrize("name", CASES)
def test_a_new_vm(name: str) -> None:
    there, memory, said, path = CASES[name]
    platform = Platform(places=HostPlaces("/nvram", exists=lambda _: there))
    vm = only_vm(planned([desired("web", "a", efi())], [], None, memory, platform))
    notes = [note.message for note in vm.notes if note.kind == "variables"]
    assert (len(notes), all(note.startswith(said) for note in notes)) == (bool(said), True)
    assert vm.domain is not None
    assert nvram_path(vm.domain) == path


def test_a_vm_that_names_its_file_has_that() -> None:
    platform = Platform(places=HostPlaces("/nvram", exists=lambda _: True))
    assert only_vm(planned([desired("web", "a", efi("<nvram>/mine</nvram>"))], [], None, Remembered(), platform)).notes == ()
