"""Expansion: what each intent becomes, what it says of itself, and that nothing of a guest moves when something else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lower.guests import NO_LOCK, card, disk, everything, host, labelled, said, shapes, vm
from vmspec.base.provenance import StepKind, ValueAddress
from vmspec.emit.domain import domain_xml
from vmspec.lower.fleet import Fleet, Vm
from vmspec.lower.identity import mac, vm_uuid
from vmspec.lower.lock import Lock, VmLock
from vmspec.lower.passes import EXPANSIONS, expand
from vmspec.lower.passes.aliases import short
from vmspec.lower.passes.devices import devices
from vmspec.lower.passes.disks import index, letters
from vmspec.model.cpu import Cpu
from vmspec.model.devices.storage import FileSource
from vmspec.model.host import Host
from vmspec.model.machine import alias_of
from vmspec.model.memory import Memory
from vmspec.model.threads import IoThread, Vcpu
from vmspec.model.value import CpuSet, Size, Symbol

PIN, PIN_1 = ("cpu", "pin"), ("vcpu", "1", "pin")


def whole(guest: Vm, lock: Lock = NO_LOCK, on: Host | None = None) -> Vm:
    fleet, _, found = expand(Fleet(vms=(guest,), hosts=(host(on),) if on else ()), lock, "project")
    assert [d.message for d in found] == []
    return fleet.vms[0]


def complaints(*guests: Vm) -> list[str]:
    return [f"{d.code.name}: {d.message}" for d in expand(Fleet(vms=guests), NO_LOCK, "project")[2]]


def test_pins_one_to_one() -> None:
    made = whole(vm("a", cpu=Cpu(count=4, pin=CpuSet.of([2, 3, 10, 11]))))
    assert [(v.label, str(v.pin)) for v in made.spec.vcpu] == [("0", "2"), ("1", "3"), ("2", "10"), ("3", "11")]
    (step,) = made.trails["vcpu", "2", "pin"]
    assert (step.kind, step.operands) == (StepKind.DERIVED, (ValueAddress("self", PIN),))


def test_a_pin_set_of_another_size_names_both_numbers() -> None:
    assert complaints(vm("a", cpu=Cpu(count=4, pin=CpuSet.span(2, 4)))) == [
        'pin-count: "a" has 4 vCPUs, and cpu.pin = 2-4 has 3 CPUs: each vCPU takes one'
    ]


@pytest.mark.parametrize(
    ("whole_set", "one", "expected"),
    [
        (said("vm a"), said("profile std.base"), "3"),
        (said("profile std.base"), said("vm a"), "9"),
        (said("profile std.base", "final"), said("vm a"), "3"),
        (said("vm a", "weak"), said("profile std.base"), "9"),
        (said("vm a"), said("env prod"), "9"),
    ],
)
def test_of_the_two_spellings_of_a_pin_the_stronger_wins(whole_set, one, expected) -> None:  # type: ignore[no-untyped-def]
    guest = vm(
        "a", trails={PIN: whole_set, PIN_1: one}, cpu=Cpu(count=2, pin=CpuSet.span(2, 3)), vcpu=(labelled(Vcpu, "1", pin=CpuSet(1 << 9)),)
    )
    assert str(whole(guest).spec.vcpu[1].pin) == expected


def test_equally_strong_pins_disagree() -> None:
    guest = vm(
        "a",
        trails={PIN: said("vm a"), PIN_1: said("vm a")},
        cpu=Cpu(count=2, pin=CpuSet.span(2, 3)),
        vcpu=(labelled(Vcpu, "1", pin=CpuSet(1 << 9)),),
    )
    assert complaints(guest) == ['pin-disagrees: "a" pins vCPU 1 to 3 by cpu.pin and to 9 by vcpu 1, and neither is the stronger']


def test_a_vcpu_that_is_not_there() -> None:
    assert complaints(vm("a", vcpu=(labelled(Vcpu, "2", pin=CpuSet(1)),))) == ['no-such-vcpu: "a" has 2 vCPUs, 0 to 1, and no vCPU 2']


def test_io_threads_are_those_that_are_named() -> None:
    made = whole(vm("a", disk=(disk("vda", iothread=2),), iothread=(labelled(IoThread, "1", declared=True),)))
    assert (made.spec.iothreads, [t.label for t in made.spec.iothread]) == (2, ["1", "2"])
    counted = whole(vm("a", iothreads=4, disk=(disk("vda", iothread=2),)))
    assert (counted.spec.iothreads, counted.spec.iothread) == (4, ())


def test_targets_are_labels_where_they_can_be() -> None:
    made = whole(
        vm("a", disk=(disk("vdb"), disk("root"), disk("z", target=Symbol("vda")), disk("cd", device=Symbol("cdrom"), source=None)))
    )
    assert {d.label: (d.target, d.bus) for d in made.spec.disk} == {
        "vdb": ("vdb", "virtio"),
        "root": ("vdc", "virtio"),
        "z": ("vda", "virtio"),
        "cd": ("sda", "sata"),
    }
    assert [d.readonly for d in made.spec.disk] == [None, None, None, True]


def test_a_target_that_was_given_is_kept() -> None:
    guest = vm("a", disk=(disk("data"), disk("root")))
    _, lock, _ = expand(Fleet(vms=(guest,)), NO_LOCK, "p")
    more = vm("a", disk=(disk("data"), disk("log"), disk("root")))
    assert {d.label: d.target for d in whole(more, lock).spec.disk} == {"data": "vda", "root": "vdb", "log": "vdc"}


@pytest.mark.parametrize(
    ("path", "expected"), [("/a.qcow2", "qcow2"), ("/a.QCOW2", "qcow2"), ("/a.img", "raw"), ("/a", "raw"), ("/a.vmdk", "vmdk")]
)
def test_a_format_is_always_written(path: str, expected: str) -> None:
    fleet, _, found = expand(Fleet(vms=(vm("a", disk=(disk("vda", path),)),)), NO_LOCK, "p")
    source = fleet.vms[0].spec.disk[0].source
    assert isinstance(source, FileSource)
    assert source.format == expected
    assert [d.code.number for d in found] == ([4367] if expected == "raw" else [])


@pytest.mark.parametrize("end", ["vhdx", "VHDX", "ova", "hdd", "ploop", "qcow2.xz"])
def test_a_format_that_libvirt_does_not_have(end: str) -> None:
    _, _, found = expand(Fleet(vms=(vm("a", disk=(disk("vda", f"/a.{end}"),)),)), NO_LOCK, "p")
    assert [d.code.number for d in found] == [4366]


def test_machine_types_have_a_version() -> None:
    assert whole(vm("a")).spec.machine == "pc-q35-7.2"
    assert whole(vm("a", None)).spec.machine == "pc-q35-7.2"
    assert whole(vm("a", "pc")).spec.machine == "pc-i440fx-7.2"
    assert whole(vm("a", "pc-q35-5.2")).spec.machine == "pc-q35-5.2"
    assert whole(vm("a", host="n1"), on=Host(qemu="8.2.1")).spec.machine == "pc-q35-8.2"
    kept = Lock().having(None, {"a": VmLock(machine="pc-q35-6.2")})
    made = whole(vm("a", host="n1"), kept, Host(qemu="8.2.1"))
    assert made.spec.machine == "pc-q35-6.2"
    assert made.trails["machine",][-1].origin == "lock"
    assert [alias_of(m) for m in ("pc-q35-7.2", "pc-q35-rhel9.2.0", "pc-i440fx-2.9", "microvm", "virt-7.2")] == [
        "q35",
        "q35",
        "pc",
        None,
        "virt",
    ]


def test_identities_follow_from_names_alone() -> None:
    made = whole(vm("a", interface=(card("eth1"), card("eth0"))))
    assert made.spec.uuid == vm_uuid("project", "a")
    assert {c.label: c.mac for c in made.spec.interface} == {n: mac(vm_uuid("project", "a"), n) for n in ("eth0", "eth1")}
    assert all(str(c.mac).startswith("52:54:00:") for c in made.spec.interface)
    assert vm_uuid("12345678-1234-5678-1234-567812345678", "a") == "c42c6218-7394-567a-9c63-de6a41fe226f"


def test_a_lock_overrides_identities() -> None:
    uuid = "11111111-2222-3333-4444-555555555555"
    lock = Lock().having(None, {"a": VmLock(uuid=uuid, mac={"eth0": "52:54:00:aa:bb:cc"})})
    made = whole(vm("a", interface=(card("eth0"), card("eth1"))), lock)
    assert (made.spec.uuid, [c.mac for c in made.spec.interface]) == (uuid, ["52:54:00:aa:bb:cc", mac(uuid, "eth1")])


def test_a_mac_that_another_has_counts_on_and_is_remembered() -> None:
    same = mac(vm_uuid("p", "b"), "eth0")
    fleet = Fleet(vms=(vm("b", interface=(card("eth0"),)), vm("z", interface=(card("eth0", mac=Symbol(same)),))))
    made, lock, found = expand(fleet, NO_LOCK, "p")
    assert not found
    other = made.vms[0].spec.interface[0].mac
    assert other == mac(vm_uuid("p", "b"), "eth0", 1)
    assert lock.vm(None, "b").mac == {"eth0": other}
    alone, _, _ = expand(Fleet(vms=fleet.vms[:1]), lock, "p")
    assert alone.vms[0].spec.interface[0].mac == other, "and stays when the other is gone"


def test_one_mac_twice_names_both() -> None:
    cards = (card("eth0", mac=Symbol("52:54:00:00:00:01")),)
    assert complaints(vm("a", interface=cards), vm("b", interface=cards)) == [
        "mac-taken: a and b both have the MAC address 52:54:00:00:00:01"
    ]
    twins = (*cards, card("eth1", mac=Symbol("52:54:00:00:00:01")))
    assert complaints(vm("a", interface=twins)) == ["mac-taken: interfaces eth0 and eth1 of a both have the MAC address 52:54:00:00:00:01"]


def test_nothing_is_added_to_what_was_imported() -> None:
    guest = replace(everything("a", "q35"), resolve=False)
    fleet, lock, found = expand(Fleet(vms=(guest,)), NO_LOCK, "p")
    assert (fleet.vms, lock, found) == ((guest,), NO_LOCK, ())


def test_aliases_are_libvirts_and_unique() -> None:
    made = whole(vm("a", disk=(disk("x", bus=Symbol("scsi")), disk("a.b"), disk("a/b")), interface=(card("x"),)))
    aliases = [str(d.alias) for _, _, d in devices(made.spec) if d.alias is not None]
    assert len(set(aliases)) == len(aliases)
    assert {"ua-disk-x", "ua-interface-x"} <= set(aliases)
    assert all(a.startswith("ua-") and a.replace("-", "").replace("_", "").isalnum() and a.isascii() for a in aliases)
    assert len(short("n" * 200)) <= 50


@pytest.mark.parametrize("guest", shapes(), ids=lambda guest: str(guest.name))
def test_building_again_changes_nothing(guest: Vm) -> None:
    first, lock, found = expand(Fleet(vms=(guest,)), NO_LOCK, "p")
    second, again, _ = expand(Fleet(vms=(guest,)), lock, "p")
    assert not found
    assert again == lock
    assert domain_xml(second.vms[0].spec) == domain_xml(first.vms[0].spec)


@pytest.mark.parametrize("guest", shapes(), ids=lambda guest: str(guest.name))
def test_whatever_expansion_adds_says_why(guest: Vm) -> None:
    made = whole(guest)
    for path, _, device in devices(made.spec):
        if device.address is not None:
            assert made.trails[(*path, "address")][-1].origin == "layout 2", path
        if device.alias is not None:
            assert made.trails[(*path, "alias")][-1].why
    assert all(step.why and step.span for path in made.trails for step in made.trails[path] if step.kind is StepKind.DERIVED)


def test_what_is_remembered_of_one_guest_does_not_leak_into_another() -> None:
    """VMs of one shape share what was worked out; the order in which they come must not matter."""
    guests = shapes()
    together, _, _ = expand(Fleet(vms=guests), NO_LOCK, "p")
    backwards, _, _ = expand(Fleet(vms=guests[::-1]), NO_LOCK, "p")
    texts = {g.name: domain_xml(g.spec) for g in together.vms}
    assert {g.name: domain_xml(g.spec) for g in backwards.vms} == texts


labels = st.lists(st.sampled_from([f"d{n}" for n in range(12)]), unique=True, max_size=8)
cards = st.lists(st.sampled_from([f"eth{n}" for n in range(12)]), unique=True, max_size=6)


@given(labels, cards, labels, cards)
@settings(max_examples=60, deadline=None)
def test_with_the_lock_no_device_ever_moves(first: list[str], nics: list[str], then: list[str], then_nics: list[str]) -> None:
    def guest(names: list[str], interfaces: list[str]) -> Vm:
        buses = ("virtio", "scsi", "usb", "sata")
        models = ("virtio", "e1000")
        return vm(
            "a",
            disk=tuple(disk(n, bus=Symbol(buses[int(n[1:]) % 4])) for n in names),
            interface=tuple(card(n, models[int(n[3:]) % 2]) for n in interfaces),
        )

    before, lock, found = expand(Fleet(vms=(guest(first, nics),)), NO_LOCK, "p")
    after, _, more = expand(Fleet(vms=(guest(then, then_nics),)), lock, "p")
    assert not found and not more
    old = {p.key: p.device for p in devices(before.vms[0].spec)}
    for placed in devices(after.vms[0].spec):
        if placed.key in old:
            before_it = old[placed.key].address
            assert None in (before_it, placed.device.address) or placed.device.address == before_it, placed.key
            assert getattr(placed.device, "mac", None) == getattr(old[placed.key], "mac", None)
    places = [repr(p.device.address) for p in devices(after.vms[0].spec) if p.device.address is not None]
    assert len(set(places)) == len(places)


@given(st.integers(0, 20_000))
def test_target_names_count(number: int) -> None:
    if len(letters(number)) <= 3:
        assert index("vd" + letters(number)) == number


def test_memory_is_whole_without_a_balloon_target() -> None:
    made = whole(vm("a", memory=Memory(size=Size(2 << 30))))
    assert made.spec.memory is not None
    assert (made.spec.memory.current, made.spec.memory.balloon and made.spec.memory.balloon.model) == (2 << 30, "virtio")


def test_the_order_is_visible() -> None:
    assert len(EXPANSIONS) == len(set(EXPANSIONS))
