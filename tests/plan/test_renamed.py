"""A rename that nobody has called one is asked about, and what only has the same name of something is not."""

from __future__ import annotations

import pytest

from vmspec.importing.host_domain import HostDefinition, read_host_domain
from vmspec.plan.change import SourcePlace
from vmspec.plan.file_uses import HostPlaces
from vmspec.plan.renamed import alike
from vmspec.plan.state import Actual, Desired
from vmspec.plan.verdict import Action, VmPlan

OLD, NEW = "0a8ef2c3-0a52-4dc1-9c34-0d3f1d6a4c11", "5a8ef2c3-0a52-4dc1-9c34-0d3f1d6a4c11"
DISK = "<disk type='file' device='{device}'><source file='{file}'/>{more}</disk>"
CARD = "<interface type='network'><mac address='{mac}'/></interface>"


def definition(devices: str) -> bytes:
    return f"<domain type='qemu'><devices>{devices}</devices></domain>".encode()


def asked(old: str, new: str, running: bool = False, action: Action = Action.CREATE) -> list[str]:
    desired = Desired("new", NEW, read_host_domain(definition(new)), "", False, None, lambda path, is_set: ("", SourcePlace()))
    vm = VmPlan("new", NEW, action, domain=desired.domain, desired=desired)
    return [note.message for note in alike(vm, [Actual("old", OLD, HostDefinition(definition(old)), running=running)], HostPlaces()).notes]


QUESTION = "did you rename old to new? (--rename old=new)"
ONE, OTHER = (DISK.format(device="disk", file=file, more="") for file in ("/a.qcow2", "/b.qcow2"))
CASES = (
    (ONE, ONE, [QUESTION]),
    (ONE + OTHER, ONE, [QUESTION]),
    (ONE, OTHER, []),
    ("", "", []),
    (CARD.format(mac="52:54:00:AA:00:01"), CARD.format(mac="52:54:00:aa:00:01"), [QUESTION]),
    *((same, same, []) for same in (
        DISK.format(device="cdrom", file="/install.iso", more="<readonly/>"),
        DISK.format(device="disk", file="/shared.raw", more="<shareable/>"),
    )),
)  # fmt: skip


@pytest.mark.parametrize(("old", "new", "notes"), CASES)
def test_what_is_alike(old: str, new: str, notes: list[str]) -> None:
    assert asked(old, new) == notes


def test_an_image_that_both_lie_on_is_nobodys() -> None:
    base = "<backingStore type='file'><format type='raw'/><source file='/base.raw'/></backingStore>"
    one, other = (DISK.format(device="disk", file=file, more=base) for file in ("/a.qcow2", "/b.qcow2"))
    assert asked(one, other) == []


def test_a_guest_that_runs_is_shut_off_first() -> None:
    assert asked(ONE, ONE, running=True) == ["did you rename old to new? (--rename old=new, once it is shut off)"]


def test_what_is_there_already_is_not_new() -> None:
    assert asked(ONE, ONE, action=Action.UPDATE) == []
