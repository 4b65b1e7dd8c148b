"""The planner as a table: of each pair of what is wanted and what is there, what is done and what is refused, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.plan.factories import DISK, PROJECT, WEB, Remembered, actual, besides, desired, only_vm, options, planned, uuid, xml
from vmspec.base.record import replace
from vmspec.plan.change import Effect
from vmspec.plan.file_uses import HostPlaces
from vmspec.plan.needs import HostInventory
from vmspec.plan.preserve import nvram_path
from vmspec.plan.state import Actual, Desired, Platform
from vmspec.plan.verdict import Action, PlanOptions, VmPlan

LARGER = desired("web", "a", xml("web", uuid("a"), memory=2048))
ASKED = options()


@dataclass
class Case:
    """One VM that is wanted, against what a host has."""

    wanted: Desired
    there: list[Actual]
    action: Action
    reason: str = ""
    options: PlanOptions = ASKED
    of: str | None = None
    """The letter of the domain that the plan is about, where it is about one that is there."""
    changes: list[str] = field(default_factory=list)


def imported(name: str, letter: str) -> Desired:
    return desired(name, letter, imported=True)


RENAME = options(renames={"old": "web"})
CASES = {
    "nobody has it": Case(WEB, [], Action.CREATE),
    "only others are there": Case(WEB, [actual("db", "b", project="bank"), actual("x", "c", project=None)], Action.CREATE),
    "it is there": Case(WEB, [actual("web", "a")], Action.NOTHING, of="a"),
    "it is there and runs": Case(WEB, [actual("web", "a", running=True)], Action.NOTHING, of="a"),
    "it is there and differs": Case(LARGER, [actual("web", "a")], Action.UPDATE, of="a", changes=["memory.size"]),
    "a transient one is defined": Case(WEB, [actual("web", "a", running=True, persistent=False)], Action.UPDATE, of="a"),
    "its UUID, without our metadata": Case(
        WEB, [actual("web", "a", project=None)], Action.UPDATE, of="a", changes=["origin.project", "origin.uuid"]
    ),
    "its UUID, of another project": Case(
        WEB, [actual("web", "a", project="bank")], Action.REFUSE, "web has its UUID and is of project bank: it is not touched", of="a"
    ),
    "its UUID, of another project, another name": Case(
        WEB, [actual("old", "a", project="bank")], Action.REFUSE, "old has its UUID and is of project bank: it is not touched",
        RENAME, of="a",
    ),
    "its name, not ours": Case(
        WEB, [actual("web", "b", project=None)], Action.REFUSE,
        f"a domain of that name is there and is not ours ({uuid('b')}): it is not touched", of="b",
    ),
    "its name, of another project": Case(
        WEB, [actual("web", "b", project="bank")], Action.REFUSE,
        f"a domain of that name is there and is of project bank ({uuid('b')}): it is not touched", of="b",
    ),
    "its name, ours": Case(
        WEB, [actual("web", "b")], Action.REFUSE,
        f"a domain of that name is there and has another UUID ({uuid('b')}): it is not touched", of="b",
    ),
    "its name, a copy by hand of ours": Case(
        WEB, [actual("web", "b", data=xml("web", uuid("b")).replace(f'uuid="{uuid("b")}"'.encode(), f'uuid="{uuid("c")}"'.encode()))],
        Action.REFUSE, f"a domain of that name is there and is not ours ({uuid('b')}): it is not touched", of="b",
    ),
    "its name, what nobody can read": Case(
        WEB, [actual("web", "b", data=b"<vmspec")], Action.REFUSE,
        f"a domain of that name is there and is not ours ({uuid('b')}): it is not touched", of="b",
    ),
    "an imported one takes the domain of its name": Case(imported("web", "a"), [actual("web", "b", project=None)], Action.UPDATE, of="b",
                                                         changes=["origin.project", "origin.uuid"]),
    "an imported one takes its own": Case(imported("web", "a"), [actual("web", "b")], Action.UPDATE, of="b", changes=["origin.uuid"]),
    "an imported one takes no other project's": Case(
        imported("web", "a"), [actual("web", "b", project="bank")], Action.REFUSE,
        f"a domain of that name is there and is of project bank ({uuid('b')}): it is not touched", of="b",
    ),
    "another name, and nobody called it a rename": Case(
        WEB, [actual("old", "a")], Action.REFUSE, "it is called old there: say --rename old=web if it is to be renamed", of="a"
    ),
    "a rename to another name": Case(
        WEB, [actual("old", "a")], Action.REFUSE, "it is called old there: say --rename old=web if it is to be renamed",
        options(renames={"old": "shop"}), of="a",
    ),
    "a rename": Case(WEB, [actual("old", "a")], Action.RENAME, options=RENAME, of="a", changes=["name"]),
    "a rename of what runs": Case(
        WEB, [actual("old", "a", running=True)], Action.REFUSE, "old runs, and libvirt renames only what does not", RENAME, of="a"
    ),
    "a rename of a saved state": Case(
        WEB, [actual("old", "a", besides=besides(saved=True))], Action.REFUSE,
        "old has a saved state, and libvirt renames no domain that does", RENAME, of="a",
    ),
    "a rename of snapshots": Case(
        WEB, [actual("old", "a", besides=besides(snapshots=("s",)))], Action.REFUSE,
        "old has snapshots, and libvirt renames no domain that does", RENAME, of="a",
    ),
    "a rename of checkpoints": Case(
        WEB, [actual("old", "a", besides=besides(checkpoints=("c",)))], Action.REFUSE,
        "old has checkpoints, and libvirt renames no domain that does", RENAME, of="a",
    ),
    "a rename of what is not there": Case(WEB, [], Action.REFUSE, "there is no old that could be renamed", RENAME),
    "a rename of another domain": Case(
        WEB, [actual("old", "b")], Action.REFUSE, f"the old that is there has another UUID ({uuid('b')}): it is not touched", RENAME
    ),
    "a rename that was done": Case(WEB, [actual("web", "a")], Action.NOTHING, options=RENAME, of="a"),
    "a rename to a name that is taken": Case(
        WEB, [actual("old", "a"), actual("web", "b", project=None)], Action.REFUSE,
        "old cannot be renamed: there is another web already", RENAME, of="a",
    ),
    "a rename to a name that only seems to be left": Case(
        WEB, [actual("old", "a"), actual("web", "b")], Action.REFUSE,
        f"the name web is still that of another domain ({uuid('b')}), which is not renamed",
        options(renames={"old": "web", "web": "new"}), of="a",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_vm(name: str) -> None:
    case = CASES[name]
    vm = next(each for each in planned([case.wanted], case.there, case.options).vms if each.name == "web")
    assert (vm.action, vm.reason) == (case.action, case.reason)
    assert (None if vm.actual is None else vm.actual.uuid) == (None if case.of is None else uuid(case.of))
    assert [change.path for change in vm.changes] == case.changes
    assert vm.old_name == ("old" if case.action is Action.RENAME else None)
    assert vm.running == (vm.actual is not None and vm.actual.running)
    assert vm.due == (case.action not in (Action.NOTHING, Action.REFUSE))


def test_renames_in_a_row_and_round() -> None:
    """Whoever leaves a name makes room for who takes it; nobody does where they only change places."""
    there = [actual("old", "a"), actual("web", "b")]
    row = planned([WEB, desired("new", "b")], there, options(renames={"old": "web", "web": "new"}))
    assert [(vm.name, vm.action, vm.old_name) for vm in row.vms] == [("web", Action.RENAME, "old"), ("new", Action.RENAME, "web")]
    swapped = planned([WEB, desired("old", "b")], there, options(renames={"old": "web", "web": "old"}))
    assert [vm.action for vm in swapped.vms] == [Action.REFUSE, Action.REFUSE]
    taken = planned([WEB, desired("new", "b")], [*there, actual("new", "c", project=None)], options(renames={"old": "web", "web": "new"}))
    assert [(vm.action, vm.reason) for vm in taken.vms] == [
        (Action.REFUSE, f"the name web is still that of another domain ({uuid('b')}), which is not renamed"),
        (Action.REFUSE, "web cannot be renamed: there is another new already"),
    ]


def test_a_host_that_has_nothing_and_is_to_have_nothing() -> None:
    plan = planned([], [])
    assert (plan.target, plan.uri, plan.vms, plan.foreign, plan.unpruned, plan.leaving, plan.due) == (
        "n1", "qemu:///system", (), 0, (), (), False,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ start and restart

SMALLER_RUNS = actual("web", "a", running=True)
PINNED = "<memtune><hard_limit unit='MiB'>3000</hard_limit></memtune>"


def test_autostart_is_set_where_it_differs() -> None:
    def autostart(wanted: bool | None, there: bool | None) -> bool | None:
        host = [] if there is None else [actual("web", "a", autostart=there)]
        return only_vm(planned([desired("web", "a", autostart=wanted)], host)).autostart

    assert [autostart(wanted, None) for wanted in (True, False, None)] == [True, None, None]
    assert [autostart(wanted, False) for wanted in (True, False, None)] == [True, None, None]
    assert [autostart(wanted, True) for wanted in (True, False, None)] == [None, False, None]


def test_start() -> None:
    def start(there: list[Actual], chosen: PlanOptions) -> bool:
        return only_vm(planned([WEB], there, chosen)).start

    off = [actual("web", "a")]
    assert [start(there, ASKED) for there in ([], off, [SMALLER_RUNS])] == [False, False, False]
    assert [start(there, options(start=True)) for there in ([], off, [SMALLER_RUNS])] == [True, True, False]
    cut_off = options(interrupted={uuid("a"): ""})
    assert [start(there, cut_off) for there in ([], off, [SMALLER_RUNS])] == [False, True, False]


def test_restart() -> None:
    """Only what runs, and has something that waits for it; not while a job is under way."""
    allowed = options(restart=True)

    def restart(wanted: Desired, there: Actual, chosen: PlanOptions = allowed) -> tuple[bool, str]:
        vm = only_vm(planned([wanted], [there], chosen))
        return vm.restart, vm.blocked

    assert restart(LARGER, SMALLER_RUNS) == (True, "")
    assert restart(LARGER, SMALLER_RUNS, ASKED) == (False, "")
    assert restart(LARGER, actual("web", "a")) == (False, "")
    assert restart(WEB, SMALLER_RUNS) == (False, "")
    assert restart(LARGER, replace(SMALLER_RUNS, besides=besides(jobs=("backup", "blockcopy of vda")))) == (
        False,
        "backup, blockcopy of vda",
    )
    assert restart(WEB, replace(SMALLER_RUNS, besides=besides(jobs=("backup",)))) == (False, "")
    live_only = desired("web", "a", xml("web", uuid("a"), more=PINNED))
    assert restart(live_only, SMALLER_RUNS) == (False, "")


def test_the_running_guest_and_the_configuration_are_two_things() -> None:
    vm = only_vm(planned([LARGER], [SMALLER_RUNS]))
    assert [(change.path, change.before, change.after, change.effect) for change in vm.changes] == [
        ("memory.size", "1GiB", "2GiB", Effect.GUEST_ABI)
    ]
    assert [change.path for change in vm.pending] == ["memory.size"]
    assert vm.live == ()
    limited = only_vm(planned([desired("web", "a", xml("web", uuid("a"), more=PINNED))], [SMALLER_RUNS]))
    assert [(change.path, change.effect) for change in limited.changes] == [("memory.hard-limit", Effect.LIVE)]
    assert [step.change.path for step in limited.live] == ["memory.hard-limit"]
    assert limited.pending == ()
    applied = actual("web", "a", data=xml("web", uuid("a"), memory=2048))
    waits = only_vm(planned([LARGER], [replace(applied, live=SMALLER_RUNS.live, running=True)]))
    assert (waits.action, waits.changes, [change.path for change in waits.pending]) == (Action.NOTHING, (), ["memory.size"])
    assert not waits.due
    assert only_vm(planned([LARGER], [replace(applied, live=SMALLER_RUNS.live, running=True)], options(restart=True))).restart


def test_drift() -> None:
    """What our last deploy did not leave so is by hand; what the source changed since is not."""
    last = Remembered(results={uuid("a"): xml("web", uuid("a"))})
    by_hand = actual("web", "a", data=xml("web", uuid("a"), memory=4096))
    assert [change.drift for change in only_vm(planned([WEB], [by_hand], memory=last)).changes] == [True]
    assert [change.drift for change in only_vm(planned([LARGER], [actual("web", "a")], memory=last)).changes] == [False]
    assert [change.drift for change in only_vm(planned([LARGER], [actual("web", "a")])).changes] == [False]


def authors(wanted: Desired, there: bytes, deployed: bytes | None) -> dict[str, str]:
    memory = Remembered(results={uuid("a"): deployed} if deployed is not None else {})
    vm = only_vm(planned([wanted], [actual("web", "a", data=there)], memory=memory))
    return {change.path: change.author.name for change in vm.changes}


def test_who_has_changed_it() -> None:
    """By hand is what the host has otherwise than at the last deploy; where the program asks for another value too, both are said."""

    def web(memory: int = 1024, devices: str = "") -> bytes:
        return xml("web", uuid("a"), memory=memory, devices=devices)

    def wanted(memory: int = 1024, devices: str = "") -> Desired:
        return desired("web", "a", web(memory, devices))

    disk, written, moved = DISK.format("/x/a"), DISK.format("/x/a").replace("<source", "<driver name='qemu' cache='none'/><source"), ""
    moved = disk.replace("vda", "vdb")
    assert authors(wanted(), web(2048), web()) == {"memory.size": "HAND"}
    assert authors(wanted(2048), web(), web()) == {"memory.size": "PROGRAM"}
    assert authors(wanted(2048), web(4096), web()) == {"memory.size": "BOTH"}
    assert authors(wanted(2048), web(1024, disk), web()) == {"memory.size": "PROGRAM", "disk.vda": "HAND"}
    assert authors(wanted(1024, ""), web(1024, written), web(1024, disk)) == {"disk.vda": "BOTH"}
    assert authors(wanted(1024, ""), web(1024, moved), web(1024, disk)) == {"disk.vdb": "BOTH"}
    assert authors(wanted(2048), web(4096), None) == {"memory.size": "PROGRAM"}, "nobody knows"


def test_what_an_imported_vm_says_no_longer_is_taken_away() -> None:
    disk = DISK.format("/x/a")
    there = xml("web", uuid("a"), devices=disk)
    gone = desired("web", "a", imported=True)
    assert authors(gone, there, there) == {"disk.vda": "PROGRAM"}
    assert authors(gone, there, xml("web", uuid("a"))) == {"disk.vda": "HAND"}
    assert authors(gone, there, None) == {"disk.vda": "PROGRAM"}


# ------------------------------------------------------------------------------------------- what the host lacks, notes

NETWORK = "<interface type='network'><source network='lab'/></interface>"


def test_what_the_host_lacks() -> None:
    wanted = desired("web", "a", xml("web", uuid("a"), devices=NETWORK))

    def notes(presence: HostInventory | None, trial: bool = False, there: tuple[Actual, ...] = ()) -> list[tuple[str, str]]:
        platform = Platform() if presence is None else Platform(presence=presence)
        return [(note.kind, note.message) for note in only_vm(planned([wanted], there, options(trial=trial), platform=platform)).notes]

    said = "the host has not the network lab: it does not start"
    none = HostInventory({"network": {}, "pool": {}, "bridge": {}, "filter": {}})
    assert notes(None) == []
    assert notes(none) == [("missing", said)]
    assert notes(none, trial=True) == [("absent", said)]
    assert notes(HostInventory({"network": {"lab": True}})) == []
    assert notes(none, there=(actual("web", "b"),)) == [("missing", said)]


def test_files_that_the_host_lacks() -> None:
    wanted = desired("web", "a", xml("web", uuid("a"), devices=DISK.format("/x/a")))

    def vm(exists: bool | None, **more: object) -> VmPlan:
        platform = Platform(9_000_000, places=HostPlaces(exists=lambda _: exists))
        return only_vm(planned([wanted], [], options(**more), platform=platform))

    gone = "the host has not the file /x/a: it does not start"
    assert [(note.kind, note.message, note.where.line) for note in vm(False).notes] == [("missing", gone, 1)]
    refused = vm(False, start=True)
    assert (refused.action, refused.reason) == (Action.REFUSE, f"disk.vda.source: {gone} (main.vmspec:1)")
    assert [note.kind for note in vm(False, start=True, trial=True).notes] == ["absent"]
    assert not vm(True, start=True).notes and not vm(None).notes
    (unseen,) = vm(None, start=True).notes
    assert (unseen.kind, unseen.message) == ("unseen", "nobody can see from here whether /x/a is there: not checked")


def test_what_a_host_keeps_is_told() -> None:
    vm = only_vm(
        planned([WEB], [actual("web", "a", besides=besides(saved=True, snapshots=("s1",), checkpoints=("c1", "c2"), jobs=("backup",)))])
    )
    assert [(note.kind, note.message) for note in vm.notes] == [
        ("saved-state", "its next start goes on from a saved state"),
        ("snapshot", "has the snapshot s1, which stays"),
        ("checkpoint", "has the checkpoints c1, c2, which stay"),
        ("job", "backup under way: it is not restarted before that has ended"),
    ]
    changed = only_vm(planned([LARGER], [actual("web", "a", besides=besides(saved=True))]))
    assert changed.notes[0].message.endswith(
        "what changes counts from the start after that, or once virsh managedsave-remove web has dropped the state"
    )


def test_a_rename_that_nobody_called_one_is_asked_about() -> None:
    old = actual("old", "b", data=xml("old", uuid("b"), devices=DISK.format("/x/a")))
    wanted = desired("web", "a", xml("web", uuid("a"), devices=DISK.format("/x/a")))
    question = "did you rename old to web? (--rename old=web)"
    assert question in [note.message for note in planned([wanted], [old]).vms[0].notes]
    moved_away = planned([wanted], [old], options(placed={uuid("b"): "n2"}))
    assert question not in [note.message for note in moved_away.vms[0].notes]


def test_firmware_variables_go_with_a_rename() -> None:
    efi = "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"

    def with_efi(name: str) -> bytes:
        return xml(name, uuid("a")).replace(b"<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>", efi.encode())

    wanted, there = desired("web", "a", with_efi("web")), actual("old", "a", data=with_efi("old"))
    lost = only_vm(planned([wanted], [there], RENAME))
    assert lost.action is Action.REFUSE
    assert lost.reason == (
        "the variables of its firmware lie in a file that is named after old, nobody knows where: "
        "say firmware.nvram.path = …/old_VARS.fd"
    )  # fmt: skip
    known = only_vm(planned([wanted], [there], RENAME, platform=Platform(places=HostPlaces("/nvram"))))
    assert known.action is Action.RENAME
    assert known.domain is not None
    assert nvram_path(known.domain) == "/nvram/old_VARS.fd"


# --------------------------------------------------------------------------------------------------- fingerprint

PLANS: dict[str, tuple[list[Desired], list[Actual], PlanOptions]] = {
    "nothing to do": ([WEB], [actual("web", "a")], ASKED),
    "created": ([WEB], [], ASKED),
    "created otherwise": ([LARGER], [], ASKED),
    "created and started": ([WEB], [], options(start=True)),
    "created, with autostart": ([desired("web", "a", autostart=True)], [], ASKED),
    "changed": ([LARGER], [actual("web", "a")], ASKED),
    "changed from another": ([LARGER], [actual("web", "a", data=xml("web", uuid("a"), memory=512))], ASKED),
    "it runs": ([LARGER], [SMALLER_RUNS], ASKED),
    "it is restarted": ([LARGER], [SMALLER_RUNS], options(restart=True)),
    "it cannot be restarted": ([LARGER], [replace(SMALLER_RUNS, besides=besides(jobs=("backup",)))], options(restart=True)),
    "another job": ([LARGER], [replace(SMALLER_RUNS, besides=besides(jobs=("blockcopy of vda",)))], options(restart=True)),
    "it has autostart": ([WEB], [actual("web", "a", autostart=True)], ASKED),
    "it has a saved state": ([WEB], [actual("web", "a", besides=besides(saved=True))], ASKED),
    "it is to be off": ([desired("web", "a", power="off")], [SMALLER_RUNS], ASKED),
    "it is stopped": ([desired("web", "a", power="off")], [SMALLER_RUNS], options(restart=True)),
    "it is to run": ([desired("web", "a", power="running")], [actual("web", "a")], ASKED),
    "it is resumed": ([desired("web", "a", power="running")], [replace(SMALLER_RUNS, condition="paused")], options(start=True)),
    "its limit is set live": ([desired("web", "a", xml("web", uuid("a"), more=PINNED))], [SMALLER_RUNS], ASKED),
    "pruned": ([], [actual("web", "a")], options(prune=True)),
    "refused": ([WEB], [actual("web", "b")], ASKED),
}


def test_each_plan_has_its_own_fingerprint_and_the_same_one_twice() -> None:
    first, again = ([planned(*plan).fingerprint for plan in PLANS.values()] for _ in range(2))
    assert first == again
    assert len(set(first)) == len(PLANS)
    assert all(len(each) == 64 for each in first)


def test_what_is_only_told_does_not_change_a_fingerprint() -> None:
    """A plan that was approved stays good when a network comes, or somebody else's domain."""
    networked = desired("web", "a", xml("web", uuid("a"), devices=NETWORK))
    none = Platform(presence=HostInventory({"network": {}}))
    assert planned([networked], []).fingerprint == planned([networked], [], platform=none).fingerprint
    assert planned([WEB], []).fingerprint == planned([WEB], [actual("other", "b", project="bank")]).fingerprint


def test_the_project_is_the_one_of_the_options() -> None:
    assert only_vm(planned([WEB], [actual("web", "a")], PlanOptions("bank"))).reason == (
        f"web has its UUID and is of project {PROJECT}: it is not touched"
    )
