"""The lock as tables: what leaves it and what stays, whose identity a name has, how it is written, and how it can be broken."""

from __future__ import annotations

import pytest

from vmspec.base.record import replace
from vmspec.base.source import Source
from vmspec.lower.identity import vm_uuid
from vmspec.lower.layout import CURRENT
from vmspec.lower.lock import (
    EMPTY_VM,
    Lock,
    VmLock,
    pruned,
    read_lock,
    renamed,
    renewed,
    unreadable,
    with_own_identities,
    write_lock,
)
from vmspec.lower.lock_stale import stale

UUID = "397cc6b5-3d4a-4878-a66c-964c86aa9d13"
FULL = VmLock(
    machine="pc-q35-7.2", layout=2, uuid=UUID, host="n1", mac={"lan": "52:54:00:00:00:01", "wan": "52:54:00:00:00:02"},
    targets={"root": "vda", "data": "vdb"}, addresses={"disk.root": "01:00.0", "interface.lan": "02:00.0", "balloon": "03:00.0"},
    numbers={"serial.a": "0", "serial.b": "1"}, order={"disk": ("root", "data"), "serial": ("a", "b")},
)  # fmt: skip

VERSIONS: dict[str, tuple[VmLock, int, bool]] = {
    "never built": (EMPTY_VM, CURRENT, True),
    "with a host alone": (VmLock(host="n1", uuid=UUID, mac={"lan": "52:54:00:00:00:01"}), CURRENT, True),
    "before layouts were written down": (VmLock(machine="pc-q35-7.2"), 1, False),
    "with targets alone": (VmLock(targets={"root": "vda"}), 1, False),
    "with addresses alone": (VmLock(addresses={"balloon": "01:00.0"}), 1, False),
    "with a layout": (VmLock(layout=2), 2, False),
    "with the first layout": (VmLock(layout=1), 1, False),
}


@pytest.mark.parametrize("name", VERSIONS)
def test_the_layout_in_force(name: str) -> None:
    vm, version, is_open = VERSIONS[name]
    assert (vm.version, vm.is_open) == (version, is_open)


def test_an_identity_is_uuid_host_and_macs() -> None:
    assert FULL.identity() == VmLock(uuid=UUID, host="n1", mac=FULL.mac)


def test_what_is_kept_of_devices_that_are_gone() -> None:
    def kept(*devices: str) -> VmLock:
        return pruned(Lock({"default": {"a": FULL}}), None, {"a": devices}).vms["default"]["a"]

    rest = {"machine": "pc-q35-7.2", "layout": 2, "uuid": UUID, "host": "n1"}
    assert kept() == VmLock(**rest)
    assert kept("disk.root", "interface.lan", "serial.b", "balloon") == VmLock(
        **rest, mac={"lan": "52:54:00:00:00:01"}, targets={"root": "vda"}, addresses=FULL.addresses, numbers={"serial.b": "1"},
        order={"disk": ("root",), "serial": ("b",)},
    )  # fmt: skip
    assert kept("interface.root", "disk.lan").targets == {}
    unordered = pruned(Lock({"default": {"a": replace(FULL, order={})}}), None, {"a": ("disk.root", "interface.lan")}).vms["default"]["a"]
    assert (unordered.targets, unordered.mac) == ({"root": "vda"}, {"lan": "52:54:00:00:00:01"})
    assert kept("disk.root", "disk.data", "interface.lan", "interface.wan", "serial.a", "serial.b", "balloon") == FULL
    bridged = replace(FULL, addresses={"bridge.1": "04:00.0", "disk.root": "01:00.0"})
    assert set(pruned(Lock({"default": {"a": bridged}}), None, {"a": ()}).vms["default"]["a"].addresses) <= {"bridge.1"}


def test_who_is_pruned() -> None:
    lock = Lock({"default": {"a": FULL, "b": FULL}, "lab": {"a": FULL}}, {"pkg": "sha256:" + "0" * 64})
    every = ("disk.root", "disk.data")
    lean = pruned(lock, None, {"a": every})
    assert sorted(lean.vms["default"]) == ["a"]
    assert lean.vms["lab"] == lock.vms["lab"]
    assert lean.packages == lock.packages
    chosen = pruned(lock, None, {"a": every}, only=["b"])
    assert chosen.vms["default"] == {"a": FULL}
    other = pruned(lock, None, {"a": every}, only=["a"])
    assert other.vms["default"]["b"] == FULL
    assert other.vms["default"]["a"].addresses == {"disk.root": "01:00.0"}
    assert pruned(Lock(), "prod", {}).vms == {"prod": {}}


def test_a_build_puts_its_entries_in() -> None:
    lock = Lock({"default": {"a": VmLock(layout=1)}}, {"pkg": "sha256:" + "0" * 64})
    assert lock.having(None, {"a": VmLock(layout=2), "b": EMPTY_VM}).vms == {"default": {"a": VmLock(layout=2)}}
    assert lock.having("prod", {"b": VmLock(layout=2)}).vms == {"default": {"a": VmLock(layout=1)}, "prod": {"b": VmLock(layout=2)}}
    assert lock.having("prod", {"b": EMPTY_VM}).vms == lock.vms
    assert lock.having("prod", {"b": VmLock(layout=2)}).packages == lock.packages


def test_renewed() -> None:
    lock = Lock({"default": {"a": FULL, "bare": VmLock(machine="pc-q35-7.2")}, "lab": {"b": FULL}}, {"pkg": "sha256:" + "0" * 64})
    fresh = renewed(lock, None, "a")
    assert fresh.vms == {"default": {"a": FULL.identity(), "bare": VmLock(machine="pc-q35-7.2")}, "lab": {"b": FULL}}
    assert fresh.packages == lock.packages
    assert renewed(lock, None, "bare").vms["default"] == {"a": FULL}, "nothing is left of it"
    assert renewed(lock, "lab", "b").vms["lab"]["b"] == FULL.identity()
    assert renewed(lock, "lab", "a").vms["lab"]["a"] == VmLock(layout=CURRENT)
    assert renewed(lock, "lab", "nobody").vms["lab"] == {"b": FULL}


def test_renamed() -> None:
    lock = Lock({"default": {"a": FULL, "b": VmLock(layout=1)}, "lab": {"a": FULL}}, {"pkg": "sha256:" + "0" * 64})
    moved = renamed(lock, None, "p", {"a": "c"}, ["c", "b"])
    assert moved.vms == {"default": {"b": VmLock(layout=1), "c": replace(FULL, was="a")}, "lab": {"a": FULL}}
    assert moved.packages == lock.packages
    plain = renamed(lock, None, "p", {"b": "d"}, ["a", "d"])
    assert plain.vms["default"]["d"] == VmLock(layout=1, uuid=vm_uuid("p", "b"), was="b")
    assert renamed(Lock(), "lab", "p", {"x": "y"}, ["y"]).vms == {"lab": {"y": VmLock(uuid=vm_uuid("p", "x"), was="x")}}
    assert renamed(plain, None, "p", {"b": "d"}, ["a", "d"]) is plain, "it was done already"
    assert renamed(lock, None, "p", {}, ["a"]) is lock


def test_renames_in_a_row_and_round_are_done_at_once() -> None:
    one, two = VmLock(layout=1, host="n1"), VmLock(layout=1, host="n2")
    lock = Lock({"default": {"a": one, "b": two}})
    row = renamed(lock, None, "p", {"a": "b", "b": "c"}, ["b", "c"])
    assert {name: (vm.host, vm.was) for name, vm in row.vms["default"].items()} == {"b": ("n1", "a"), "c": ("n2", "b")}
    assert renamed(row, None, "p", {"a": "b", "b": "c"}, ["b", "c"]) is row
    swapped = renamed(lock, None, "p", {"a": "b", "b": "a"}, ["a", "b"])
    assert {name: (vm.host, vm.was) for name, vm in swapped.vms["default"].items()} == {"a": ("n2", "b"), "b": ("n1", "a")}
    assert renamed(swapped, None, "p", {"a": "b", "b": "a"}, ["a", "b"]) is swapped


def test_a_new_vm_may_have_the_old_name() -> None:
    """The entry under the old name is that of the new VM once the program has both; without one it is what a failed run has left."""
    done = Lock({"default": {"c": VmLock(uuid=UUID, was="a"), "a": VmLock(layout=2)}})
    assert renamed(done, None, "p", {"a": "c"}, ["a", "c"]) is done
    again = renamed(done, None, "p", {"a": "c"}, ["c"])
    assert again.vms["default"] == {"c": VmLock(layout=2, uuid=vm_uuid("p", "a"), was="a")}


def test_whose_identity_a_name_has() -> None:
    first, second = vm_uuid("p", "a#1"), vm_uuid("p", "a#2")
    taken = Lock({"default": {"b": VmLock(uuid=vm_uuid("p", "a")), "c": VmLock(uuid=first)}})
    assert with_own_identities(taken, None, "p", ["a", "b"]) == {"a": VmLock(uuid=second), "b": VmLock(uuid=vm_uuid("p", "a"))}
    assert with_own_identities(taken, "lab", "p", ["a"]) == {"a": EMPTY_VM}
    assert with_own_identities(taken, None, "q", ["a"]) == {"a": EMPTY_VM}
    own = Lock({"default": {"a": VmLock(uuid=vm_uuid("p", "a"))}})
    assert with_own_identities(own, None, "p", ["a"])["a"].uuid == vm_uuid("p", "a")
    assert with_own_identities(Lock(), None, "p", []) == {}


def test_the_text() -> None:
    lock = Lock(
        {"prod": {"ä": VmLock(host="n1")}, "default": {"b": FULL, "a": VmLock(layout=1)}, "empty": {}},
        {"z": "sha256:" + "1" * 64, "a": "sha256:" + "0" * 64},
    )
    assert write_lock(lock).splitlines() == [
        "{",
        '  "version": 1,',
        '  "packages": {',
        f'    "a": "sha256:{"0" * 64}",',
        f'    "z": "sha256:{"1" * 64}"',
        "  },",
        '  "envs": {',
        '    "default": {',
        '      "a": {"layout": 1},',
        '      "b": {"machine": "pc-q35-7.2", "layout": 2, "uuid": "397cc6b5-3d4a-4878-a66c-964c86aa9d13", "host": "n1", '
        '"mac": {"lan": "52:54:00:00:00:01", "wan": "52:54:00:00:00:02"}, "targets": {"data": "vdb", "root": "vda"}, '
        '"addresses": {"balloon": "03:00.0", "disk.root": "01:00.0", "interface.lan": "02:00.0"}, '
        '"numbers": {"serial.a": "0", "serial.b": "1"}, "order": {"disk": ["root", "data"], "serial": ["a", "b"]}}',
        "    },",
        '    "prod": {',
        '      "ä": {"host": "n1"}',
        "    }",
        "  }",
        "}",
    ]
    assert write_lock(Lock()) == '{\n  "version": 1,\n  "packages": {},\n  "envs": {}\n}\n'


def entry(text: str) -> str:
    return f'{{"version": 1, "envs": {{"default": {{"vm": {{{text}}}}}}}}}'


MARKS, NOT_OURS = "the lock file holds the marks of a merge that conflicted", "which is not what vmc writes there"
NO_PART = "which is no part of one"
BROKEN: dict[str, tuple[str, list[str]]] = {
    "ours": ('{"version": 1,\n<<<<<<< HEAD\n=======\n>>>>>>> b\n}', [f"{MARKS}: `<<<<<<< HEAD`"]),
    "a long mark": (
        f'{{"version": 1,\n<<<<<<< {"b" * 60}\n}}', [f"{MARKS}: `<<<<<<< {'b' * 32}`"]
    ),
    "a middle mark": ('{"version": 1,\n=======\n}', [f"{MARKS}: `=======`"]),
    "no version": ('{"envs": {}}', ['the lock file does not say its "version"']),
    "a version that is a text": ('{"version": "1"}', ['the lock file does not say its "version"']),
    "a number too long for Python": ('{"version": ' + "1" * 5000 + "}", ["the lock file cannot be read: *"]),
    "an older version is read": ('{"version": 0, "envs": {}}', []),
    "envs is a list": ('{"version": 1, "envs": []}', ['"envs" of the lock file is not an object']),
    "an entry is a text": ('{"version": 1, "envs": {"x": {"vm": ""}}}', ['"vm" of the lock file is not an object']),
    "packages is a list": ('{"version": 1, "packages": []}', ['"packages" of the lock file is not an object']),
    "a hash": ('{"version": 1, "packages": {"p": "sha256:0"}}', [f'"p" of the lock file is "sha256:0", {NOT_OURS}']),
    "two keys that are none": (
        entry('"z": 1, "b": 1'), [f'the lock entry of "vm" has "b", {NO_PART}', f'the lock entry of "vm" has "z", {NO_PART}']
    ),
    "a name twice, deep": (entry('"mac": {"a": "52:54:00:00:00:01", "a": "52:54:00:00:00:02"}'), ['the lock file holds "a" twice']),
    "a layout that is true": (entry('"layout": "2"'), ['the lock entry of "vm" has layout "2", and this vmc knows 1 to 2']),
    "a layout that is 0": (entry('"layout": 0'), ['the lock entry of "vm" has layout 0, and this vmc knows 1 to 2']),
    "a machine": (entry('"machine": "pc q35"'), [f'"machine" of the lock file is "pc q35", {NOT_OURS}']),
    "a machine that is a number": (entry('"machine": 7'), [f'"machine" of the lock file is 7, {NOT_OURS}']),
    "a UUID": (entry(f'"uuid": "{UUID[:-1]}"'), [f'"uuid" of the lock file is "{UUID[:-1]}", {NOT_OURS}']),
    "a host with a line": (entry('"host": "a\\nb"'), [f'"host" of the lock file is "a\\nb", {NOT_OURS}']),
    "a MAC": (entry('"mac": {"lan": "52:54:00:00:00"}'), [f'"lan" of the lock file is "52:54:00:00:00", {NOT_OURS}']),
    "a target": (entry('"targets": {"root": "VDA"}'), [f'"root" of the lock file is "VDA", {NOT_OURS}']),
    "an address": (entry('"addresses": {"x": "20:20.0"}'), [f'"x" of the lock file is "20:20.0", {NOT_OURS}']),
    "a function": (entry('"addresses": {"x": "01:00.8"}'), [f'"x" of the lock file is "01:00.8", {NOT_OURS}']),
    "a number": (entry('"numbers": {"x": "1234567"}'), [f'"x" of the lock file is "1234567", {NOT_OURS}']),
    "an order that is a map": (entry('"order": {"disk": {}}'), ['"disk" of the lock file is no list of labels']),
    "an order with a number": (entry('"order": {"disk": ["a", 1]}'), ['"disk" of the lock file is no list of labels']),
    "an order that says one twice": (entry('"order": {"disk": ["a", "a"]}'), ['"disk" of the lock file is no list of labels']),
    "addresses of every kind": (
        entry('"addresses": {"a": "01:1f.7", "b": "7@01:00.0", "c": "usb:0:1", "d": "port:0:2", "e": "scsi:0:1", "f": "ccw:00ff"}'), []
    ),
    "null is nothing": (entry('"machine": null, "mac": {"lan": null}'), []),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    text, messages = BROKEN[name]
    _, found = read_lock(Source("vmspec.lock", text))
    assert [d.message if not m.endswith("*") else d.message[: len(m) - 1] + "*" for d, m in zip(found, messages, strict=True)] == messages


def test_what_can_be_read_of_a_broken_lock_is() -> None:
    text = entry('"machine": 7, "host": "n1", "layout": 9, "mac": {"a": "x", "b": "52:54:00:00:00:01"}, "order": {"disk": ["a", 1, "a"]}')
    lock, _ = read_lock(Source("vmspec.lock", text))
    assert lock.vms["default"]["vm"] == VmLock(host="n1", mac={"b": "52:54:00:00:00:01"}, order={"disk": ("a",)})


def test_where_it_is_broken_and_what_helps() -> None:
    source = Source("vmspec.lock", '{"version": 1,\n<<<<<<< HEAD\n}')
    (conflict,) = read_lock(source)[1]
    assert conflict.primary is not None
    assert (conflict.primary.start, conflict.primary.text) == (15, "<<<<<<< HEAD")
    assert conflict.help == "keep the entries of both sides; of one VM that has two, those that its running guest was built with"
    (twice,) = read_lock(Source("vmspec.lock", '{"version": 1, "envs": {}, "envs": {}}'))[1]
    assert twice.primary is not None
    assert (twice.primary.start, [(label.span.start, label.message) for label in twice.labels]) == (27, [(15, "the first is here")])
    (end,) = read_lock(Source("vmspec.lock", '{"version": 1'))[1]
    assert end.primary is not None
    assert (end.primary.start, end.primary.end) == (13, 13)
    (number,) = read_lock(Source("vmspec.lock", '{"version": ' + "1" * 5000 + "}"))[1]
    assert number.primary is not None
    assert (number.primary.start, number.primary.end) == (0, 1)
    assert unreadable("vmspec.lock", "is a folder").message == "the lock file vmspec.lock is a folder"
    assert unreadable("vmspec.lock", "is a folder").primary is None


STALE: dict[str, tuple[VmLock | None, VmLock | None, str]] = {
    "new": (None, FULL, "it has no entry"),
    "another machine": (FULL, replace(FULL, machine="pc-q35-8.0"), "the machine type would change from pc-q35-7.2 to pc-q35-8.0"),
    "an address": (
        FULL, replace(FULL, addresses={**FULL.addresses, "disk.root": "05:00.0", "balloon": "06:00.0"}),
        "the address of balloon would change from 03:00.0 to 06:00.0",
    ),
    "an address more": (
        FULL, replace(FULL, addresses={**FULL.addresses, "rng": "05:00.0"}), "the address of rng would change from none to 05:00.0"
    ),
    "an address less": (
        FULL, replace(FULL, addresses={}), "the address of balloon would change from 03:00.0 to none"
    ),
    "another host": (FULL, replace(FULL, host="n2"), "its identity, targets or placement would change"),
    "the machine goes": (FULL, None, "the machine type would change from pc-q35-7.2 to None"),
}  # fmt: skip


@pytest.mark.parametrize("name", STALE)
def test_what_would_change(name: str) -> None:
    old, new, said = STALE[name]
    before, after = (Lock({} if each is None else {"default": {"vm": each, "same": FULL}}) for each in (old, new))
    before, after = (lock if lock.vms else Lock({"default": {"same": FULL}}) for lock in (before, after))
    (found,) = stale(before, after, None, None)
    assert (found.message, found.primary) == (f'the lock is out of date for "vm": {said}', None)
    assert stale(before, after, None, "lab") == ()
    (absent,) = stale(before, after, Source("vmspec.lock", "{}"), None)
    assert absent.primary is not None
    assert (absent.primary.start, absent.primary.end) == (0, 1)
    (placed,) = stale(before, after, Source("vmspec.lock", '{"x": "vm"}'), None)
    assert placed.primary is not None
    assert placed.primary.text == '"vm"'
