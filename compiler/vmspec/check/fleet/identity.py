"""What must be one guest's alone: MAC, UUID, CID, ports."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.shared import of_shared
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm
from vmspec.lower.shared_values import SameValue


@rule(6001, "duplicate-mac", phase=Phase.FLEET, needs="interface")
def duplicate_mac(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs have an interface with the same MAC address.
    Why: libvirt accepts it (observed with 9.0.0); on one network the two take each other's packets.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 } }
        vm b {
          resolve = false; memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          interface eth0 { source = bridge("br0"); model = virtio; mac = 52:54:00:12:34:56 }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 } }
        vm b { memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:57 } }
    """
    return of_shared(_macs(fleet))


def _macs(fleet: Fleet) -> Iterator[SameValue]:
    seen: dict[str, tuple[Vm, str]] = {}
    for vm in fleet.vms:
        for card in vm.spec.interface:
            if not card.mac:
                continue
            first, label = seen.setdefault(card.mac, (vm, card.label))
            # Of two that are resolved, the derivation of identities says it.
            if first is not vm and not (first.resolve and vm.resolve):
                at, there = ("interface", card.label, "mac"), ("interface", label, "mac")
                yield SameValue(first, there, vm, at, f"both have {card.mac}")


@rule(6003, "duplicate-uuid", phase=Phase.FLEET, needs="uuid")
def duplicate_uuid(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs have the same UUID.
    Why: libvirt takes the second for the first under another name and refuses it at define (virDomainObjListAdd,
    src/conf/virdomainobjlist.c 9.0.0).
    Example:
        vm a { uuid = 11111111-2222-4333-8444-555555555555; memory.size = 1GiB; cpu.count = 1 }
        vm b { uuid = 11111111-2222-4333-8444-555555555555; memory.size = 1GiB; cpu.count = 1 }
    Instead:
        vm a { uuid = 11111111-2222-4333-8444-555555555555; memory.size = 1GiB; cpu.count = 1 }
        vm b { uuid = 11111111-2222-4333-8444-666666666666; memory.size = 1GiB; cpu.count = 1 }
    """
    return of_shared(_uuids(fleet))


def _uuids(fleet: Fleet) -> Iterator[SameValue]:
    seen: dict[str, Vm] = {}
    for vm in fleet.vms:
        if vm.spec.uuid:
            first = seen.setdefault(str(vm.spec.uuid), vm)
            if first is not vm:
                yield SameValue(first, ("uuid",), vm, ("uuid",), "have one UUID")


@rule(6006, "duplicate-cid", phase=Phase.FLEET, needs="vsock")
def duplicate_cid(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host have the same `vsock.cid`.
    Why: The kernel gives a number once; the second guest does not start ("unable to set guest cid: Address already in use", vhost_vsock,
    Linux drivers/vhost/vsock.c).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; vsock { cid = 7 } }
        vm b { memory.size = 1GiB; cpu.count = 1; vsock { cid = 7 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; vsock { cid = 7 } }
        vm b { memory.size = 1GiB; cpu.count = 1; vsock { cid = 8 } }
    """
    return of_shared(_cids(fleet))


def _cids(fleet: Fleet) -> Iterator[SameValue]:
    seen: dict[tuple[str | None, int], Vm] = {}
    for vm in fleet.vms:
        vsock = vm.spec.vsock
        if vsock is not None and vsock.cid and not vsock.auto:
            first = seen.setdefault((vm.host, vsock.cid), vm)
            if first is not vm:
                yield SameValue(first, ("vsock", "cid"), vm, ("vsock", "cid"), f"both have CID {vsock.cid}")


@rule(6007, "graphics-port", phase=Phase.FLEET, needs="graphics")
def graphics_port(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host have a graphics server at the same fixed port.
    Why: The second guest does not start ("Failed to bind socket: Address already in use", QEMU); libvirt accepts it at define.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; graphics { type = vnc; port = 5901 } }
        vm b { memory.size = 1GiB; cpu.count = 1; graphics { type = vnc; port = 5901 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; graphics { type = vnc; port = 5901 } }
        vm b { memory.size = 1GiB; cpu.count = 1; graphics { type = vnc; port = 5902 } }
    """
    return of_shared(_ports(fleet), "use autoport = true")


def _ports(fleet: Fleet) -> Iterator[SameValue]:
    seen: dict[tuple[str | None, int], tuple[Vm, str]] = {}
    for vm in fleet.vms:
        for graphics in vm.spec.graphics:
            if not graphics.port or graphics.port < 0 or graphics.autoport or graphics.type not in ("vnc", "spice", "rdp"):
                continue
            first, label = seen.setdefault((vm.host, graphics.port), (vm, graphics.label))
            if first is not vm:
                at, there = ("graphics", graphics.label, "port"), ("graphics", label, "port")
                yield SameValue(first, there, vm, at, f"both listen at port {graphics.port}")
