"""The lock: it reads back what it wrote, forgets nothing by itself, and a broken one is an error at its place."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.amount import amount
from vmspec.base.source import Source, position
from vmspec.lower.lock import EMPTY_VM, Lock, VmLock, pruned, read_lock, renamed, renewed, with_own_identities, write_lock
from vmspec.lower.lock_stale import stale

names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
places = st.from_regex(r"[0-9a-f]{2}:[01][0-9a-f]\.[0-7]", fullmatch=True)
entries = st.builds(
    VmLock,
    machine=st.none() | st.just("pc-q35-7.2"),
    layout=st.none() | st.sampled_from((1, 2)),
    uuid=st.none() | st.just("397cc6b5-3d4a-4878-a66c-964c86aa9d13"),
    host=st.none() | names,
    mac=st.dictionaries(names, st.just("52:54:00:01:02:03"), max_size=2),
    targets=st.dictionaries(names, st.just("vda"), max_size=2),
    addresses=st.dictionaries(names, places, max_size=4),
    numbers=st.dictionaries(names, st.sampled_from(("0", "12")), max_size=2),
    order=st.dictionaries(names, st.lists(names, unique=True, max_size=4).map(tuple), max_size=2),
)
locks = st.builds(
    Lock,
    vms=st.dictionaries(names, st.dictionaries(names, entries, min_size=1, max_size=3), max_size=2),
    packages=st.dictionaries(names, st.just("sha256:" + "0" * 64), max_size=2),
)


def read(text: str) -> tuple[Lock, list[str]]:
    lock, found = read_lock(Source("vmspec.lock", text))
    where = [(d, position(d.primary.source, d.primary.start)) for d in found if d.primary]
    return lock, [f"{d.code.name} {at.line}:{at.column}: {d.message}" for d, at in where]


@given(locks)
@settings(max_examples=amount(150, 3000), deadline=None)
def test_round_trip(lock: Lock) -> None:
    text = write_lock(lock)
    again, found = read(text)
    assert found == []
    assert again == lock
    assert write_lock(again) == text


def test_a_vm_is_a_line_and_names_are_in_order() -> None:
    lock = Lock().having(None, {"b": VmLock(machine="pc-q35-7.2"), "a": VmLock(addresses={"disk.vda": "01:00.0"})})
    assert write_lock(lock).splitlines() == [
        "{",
        '  "version": 1,',
        '  "packages": {},',
        '  "envs": {',
        '    "default": {',
        '      "a": {"addresses": {"disk.vda": "01:00.0"}},',
        '      "b": {"machine": "pc-q35-7.2"}',
        "    }",
        "  }",
        "}",
    ]


def test_a_build_that_does_not_see_a_vm_keeps_it_and_prune_drops_it() -> None:
    lock = Lock().having("prod", {"a": VmLock(addresses={"disk.vda": "01:00.0", "disk.vdb": "02:00.0"}), "b": VmLock(layout=1)})
    lock = lock.having("prod", {"c": VmLock(layout=1)})
    assert sorted(lock.vms["prod"]) == ["a", "b", "c"]
    lean = pruned(lock, "prod", {"a": ["disk.vda"]})
    assert lean.vms == {"prod": {"a": VmLock(addresses={"disk.vda": "01:00.0"})}}
    assert lock.vm(None, "a") == EMPTY_VM


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "lock-syntax 1:2: the lock file is not JSON: Expecting property name enclosed in double quotes"),
        ("", "lock-syntax 1:1: the lock file is not JSON: Expecting value"),
        ("[]", 'lock-entry 1:1: the lock file does not say its "version"'),
        ('{"version": 2}', "lock-version 1:2: the lock file has version 2, and this vmc knows 1"),
        ('{"version": 1,\n "envs": {"x": {"a": {}, "a": {}}}}', 'lock-duplicate 2:26: the lock file holds "a" twice'),
        (
            '{"version": 1,\n "envs": {"x": {"a": {"layout": 7}}}}',
            'lock-entry 2:17: the lock entry of "a" has layout 7, and this vmc knows 1 to 2',
        ),
        (
            '{"version": 1,\n "envs": {"x": {"a": {"addresses": {"disk.vda": "<"}}}}}',
            'lock-entry 2:37: "disk.vda" of the lock file is "<", which is not what vmc writes there',
        ),
        (
            '{"version": 1, "envs": {"x": {"a": {"colour": 1}}}}',
            'lock-entry 1:37: the lock entry of "a" has "colour", which is no part of one',
        ),
        ('{"version": 1, "envs": {"x": [1]}}', 'lock-entry 1:25: "x" of the lock file is not an object'),
        ("[" * 100_000, "lock-syntax 1:1: the lock file is nested too deeply"),
    ],
)
def test_a_broken_lock_is_an_error_at_its_place(text: str, expected: str) -> None:
    assert read(text)[1] == [expected]


def test_nesting_ends_no_process() -> None:
    """Whatever the recursion limit is: Python's JSON reader would run off the stack."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        for text in ('{"a":' * 100_000, '{"version": 1, "envs": {"x": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}}"):
            assert read(text)[1] == ["lock-syntax 1:1: the lock file is nested too deeply"]
    finally:
        sys.setrecursionlimit(limit)


def test_locked_names_what_would_change() -> None:
    before = Lock().having(None, {"a": VmLock(machine="pc-q35-7.2", addresses={"disk.vda": "01:00.0"})})
    moved = before.having(None, {"a": VmLock(machine="pc-q35-7.2", addresses={"disk.vda": "02:00.0"}), "b": VmLock(layout=1)})
    text = Source("vmspec.lock", write_lock(before))
    assert [d.message for d in stale(before, moved, text, None)] == [
        'the lock is out of date for "a": the address of disk.vda would change from 01:00.0 to 02:00.0',
        'the lock is out of date for "b": it has no entry',
    ]
    assert stale(before, before, text, None) == ()


def test_a_name_that_another_had_is_a_new_identity() -> None:
    """It is kept from then on, and that of the renamed one stays what it was."""
    lock = renamed(Lock(), None, "p", {"a": "b"}, ["a", "b", "c"])
    found = with_own_identities(lock, None, "p", ["a", "b", "c"])
    assert found["b"].uuid == lock.vm(None, "b").uuid
    assert found["a"].uuid not in (None, found["b"].uuid)
    assert found["c"].uuid is None
    again = with_own_identities(lock.having(None, found), None, "p", ["a", "b", "c"])
    assert again == found


def test_renames_are_made_at_once_and_once() -> None:
    """In a chain each gets what is kept of the one before it, in whichever order they are said; the same command again changes nothing."""
    lock = Lock({"default": {"a": VmLock(layout=1), "b": VmLock(layout=2)}})
    for renames in ({"a": "b", "b": "c"}, {"b": "c", "a": "b"}):
        after = renamed(lock, None, "p", renames, ["b", "c"])
        assert {name: vm.layout for name, vm in after.vms["default"].items()} == {"b": 1, "c": 2}
        assert renamed(after, None, "p", renames, ["b", "c"]) == after
        assert read(write_lock(after))[0] == after
    both = renamed(lock, None, "p", {"b": "c"}, ["a", "b", "c"])
    built = both.having(None, with_own_identities(both, None, "p", ["a", "b", "c"]))
    assert built.vm(None, "b").uuid not in (None, built.vm(None, "c").uuid)
    assert renamed(built, None, "p", {"b": "c"}, ["a", "b", "c"]) == built
    assert renamed(built, None, "p", {"b": "c"}, ["a", "c"]).vm(None, "c").uuid == built.vm(None, "b").uuid, "the new one is renamed too"


def test_a_new_env_takes_the_layout_that_a_guest_has() -> None:
    """By its UUID it is the same guest; one that is renewed is laid out by the newest."""
    old = VmLock(machine="pc-q35-7.2", addresses={"disk.vda": "02:00.0"})
    lock = Lock({"default": {"web": old, "open": VmLock(host="m1")}, "lab": {"web": VmLock(host="m2"), "own": VmLock(layout=2)}})
    assert lock.vm("prod", "web") == VmLock(layout=1)
    assert lock.vm("lab", "web") == VmLock(layout=1, host="m2")
    assert lock.vm("lab", "own") == VmLock(layout=2)
    assert lock.vm("prod", "open") == lock.vm("prod", "new") == EMPTY_VM
    assert renewed(lock, "lab", "web").vm("lab", "web") == VmLock(layout=2, host="m2")
    assert renewed(lock, None, "web").vm(None, "web").version == 2
