"""Files, sockets and devices that two guests would use."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.chardevs import sources
from vmspec.check.queries.disks import identities
from vmspec.check.queries.hostdevs import card_identity, host_identity, pci_address, show_identity
from vmspec.check.queries.shared import of_shared
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm
from vmspec.lower.shared_values import SameValue
from vmspec.model.devices.chardev import FileSource, Logged, PipeSource, UnixSource
from vmspec.model.devices.network import NetworkSource, VhostUserSource
from vmspec.model.domain import Domain
from vmspec.model.kinds import ObjectKind
from vmspec.model.network import Network
from vmspec.model.show import show


@rule(6002, "shared-image", phase=Phase.FLEET, needs="disk")
def shared_image(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs that may run on one host write the same image, and it is not shareable.
    Why: Two guests that mount one file system destroy it. QEMU locks image files of one host, block devices it does not; libvirt accepts it
    at define.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/vg0/a") } }
        vm b { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/vg0/a") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/vg0/a") } }
        vm b { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/vg0/b") } }
    """
    return of_shared(_images(fleet), "set shareable = true in both only for a cluster file system")


def _images(fleet: Fleet) -> Iterator[SameValue]:
    seen: dict[tuple[object, ...], tuple[Vm, str, bool]] = {}
    for vm in fleet.vms:
        for disk in vm.spec.disk:
            keys = [(vm.host if key[0] in ("path", "nvme", "volume") else None, *key) for key in identities(disk)]
            if not keys or disk.source is None:
                continue
            safe = bool(disk.shareable or disk.readonly or disk.transient or disk.device == "cdrom")
            first, label, first_safe = next((seen[key] for key in keys if key in seen), (vm, disk.label, safe))
            for key in keys:
                seen.setdefault(key, (first, label, first_safe))
            if first is not vm and not (safe and first_safe):
                at, there = ("disk", disk.label, "source"), ("disk", label, "source")
                yield SameValue(first, there, vm, at, f"both have {show(disk.source)}")


@rule(6004, "shared-nvram", phase=Phase.FLEET, needs="firmware")
def shared_nvram(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host keep their firmware variables in one file.
    Why: Each writes its boot entries over the other's; libvirt accepts it.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 1; machine = q35; features.acpi = true
          firmware { type = efi; nvram { path = "/srv/x.fd" } }
        }
        vm b {
          memory.size = 1GiB; cpu.count = 1; machine = q35; features.acpi = true
          firmware { type = efi; nvram { path = "/srv/x.fd" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 1; machine = q35; features.acpi = true
          firmware { type = efi; nvram { path = "/srv/a.fd" } }
        }
        vm b {
          memory.size = 1GiB; cpu.count = 1; machine = q35; features.acpi = true
          firmware { type = efi; nvram { path = "/srv/b.fd" } }
        }
    """
    return of_shared(_variables(fleet))


def _variables(fleet: Fleet) -> Iterator[SameValue]:
    seen: dict[tuple[str | None, str], Vm] = {}
    for vm in fleet.vms:
        firmware = vm.spec.firmware
        path = firmware.nvram.path if firmware is not None and firmware.nvram is not None else None
        if path:
            first = seen.setdefault((vm.host, path), vm)
            if first is not vm:
                at = ("firmware", "nvram", "path")
                yield SameValue(first, at, vm, at, f"both keep their firmware variables in {path}")


@rule(6005, "hostdev-twice", phase=Phase.FLEET, needs="hostdev interface")
def hostdev_twice(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host have the same host device, as a device or as an interface, or a network of virtual functions that one VM is
    on deals out the device that another has.
    Why: The second does not start while the first runs ("PCI device … is in use by driver QEMU, domain …", virHostdevPreparePCIDevices,
    src/hypervisor/virhostdev.c 9.0.0).
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
        vm b { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
        vm b { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3c:00.0); managed = true } }
    """
    seen: dict[tuple[object, ...], tuple[Vm, Path]] = {}
    yield from of_shared(_devices(fleet, seen))
    yield from _dealt_out(fleet, seen)


def _devices(fleet: Fleet, seen: dict[tuple[object, ...], tuple[Vm, Path]]) -> Iterator[SameValue]:
    for vm in fleet.vms:
        if vm.host is None:
            continue
        for path, key in _held(vm):
            first, there = seen.setdefault((vm.host, *key), (vm, path))
            if first is not vm:
                yield SameValue(first, there, vm, path, f"both have {show_identity(key)} of {vm.host}")


def _dealt_out(fleet: Fleet, held: dict[tuple[object, ...], tuple[Vm, Path]]) -> Iterator[Finding]:
    """Functions of a network's pool that a guest has by address: libvirt takes the first that no running guest has
    (networkAllocatePort, src/network/bridge_driver.c 9.0.0), so the pool's guest may be first."""
    used = {(vm.host, c.source.network) for vm in fleet.vms for c in vm.spec.interface if isinstance(c.source, NetworkSource)}
    for network in fleet.of(ObjectKind.NETWORK):
        forward = network.spec.forward if isinstance(network.spec, Network) else None
        if forward is None or forward.mode != "hostdev":
            continue
        for address in forward.address:
            text = pci_address(address)
            for vm, path in (place for key, place in held.items() if key[1:] == ("pci", text)):
                if network.host in (None, vm.host) and (vm.host, network.name) in used:
                    yield Finding(
                        path,
                        f"{vm.name} has {show_identity(('pci', text))} of {vm.host}, and network {network.name} deals it out too",
                        others=((network, ("forward", "address", address.label), "dealt out here"),),
                        of=vm,
                    )


def _held(vm: Vm) -> Iterator[tuple[Path, tuple[object, ...]]]:
    for device in vm.spec.hostdev:
        if (key := host_identity(device)) is not None:
            yield ("hostdev", device.label, "source"), key
    for card in vm.spec.interface:
        if (key := card_identity(card)) is not None:
            yield ("interface", card.label, "source"), key


@rule(6008, "socket-twice", phase=Phase.FLEET, needs="serial channel console interface")
def socket_twice(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host listen at the same Unix socket.
    Why: The second removes the first one's socket and takes its place: whoever connects talks to the wrong guest (QEMU unlinks the path
    before bind, util/qemu-sockets.c).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; serial { source = unix("/run/x.sock", mode = bind) } }
        vm b { memory.size = 1GiB; cpu.count = 1; serial { source = unix("/run/x.sock", mode = bind) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; serial { source = unix("/run/a.sock", mode = bind) } }
        vm b { memory.size = 1GiB; cpu.count = 1; serial { source = unix("/run/b.sock", mode = bind) } }
    """
    return of_shared(_sockets(fleet))


def _sockets(fleet: Fleet) -> Iterator[SameValue]:
    seen: dict[tuple[str | None, str], tuple[Vm, Path]] = {}
    for vm in fleet.vms:
        listeners: list[tuple[Path, str]] = [
            ((*path, "source"), source.path)
            for path, source, _ in sources(vm.spec)
            if isinstance(source, UnixSource) and source.path and source.mode == "bind"
        ]
        listeners += [
            (("interface", c.label, "source"), c.source.path)
            for c in vm.spec.interface
            if isinstance(c.source, VhostUserSource) and c.source.mode == "server" and c.source.path
        ]
        for at, socket in listeners:
            first, where = seen.setdefault((vm.host, socket), (vm, at))
            if first is not vm:
                yield SameValue(first, where, vm, at, f"both listen at {socket}")


@rule(6009, "file-twice", phase=Phase.FLEET, needs="serial parallel channel console redirdev tpm memory_device pstore")
def file_twice(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host write one file: the output of a console, a log, the state of a TPM, a persistent store, an NVDIMM.
    Why: QEMU and swtpm lock none of them: each writes over what the other has written, and a guest whose TPM state has been replaced no
    longer opens its disks. libvirt accepts it at define (observed with 9.0.0).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; serial { source = file("/var/log/guest.log") } }
        vm b { memory.size = 1GiB; cpu.count = 1; serial { source = file("/var/log/guest.log") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; serial { source = file("/var/log/a.log") } }
        vm b { memory.size = 1GiB; cpu.count = 1; serial { source = file("/var/log/b.log") } }
    """
    return of_shared(_files(fleet))


def _files(fleet: Fleet) -> Iterator[SameValue]:
    seen: dict[tuple[str | None, str], tuple[Vm, Path]] = {}
    for vm in fleet.vms:
        for at, file in _written(vm.spec):
            first, where = seen.setdefault((vm.host, file), (vm, at))
            if first is not vm:
                yield SameValue(first, where, vm, at, f"both write {file}")


def _written(vm: Domain) -> Iterator[tuple[Path, str]]:
    for path, source, device in sources(vm):
        if isinstance(source, FileSource | PipeSource) and source.path and source.path != "/dev/null":
            yield (*path, "source"), source.path
        if isinstance(device, Logged) and device.log is not None and device.log.file:
            yield (*path, "log"), device.log.file
    for tpm in vm.tpm:
        if tpm.source and tpm.backend != "external":
            yield ("tpm", tpm.label, "source"), tpm.source
    for memory in vm.memory_device:
        if memory.path and memory.model in ("nvdimm", "virtio-pmem") and memory.access != "private" and not memory.readonly:
            yield ("memory-device", memory.label, "path"), memory.path
    if vm.pstore is not None and vm.pstore.path:
        yield ("pstore", "path"), vm.pstore.path
