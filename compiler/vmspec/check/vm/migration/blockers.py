"""What keeps a guest from migrating."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.network import HostdevSource, HostdevUsbSource
from vmspec.model.devices.storage import BlockSource, FileSource, NvmeSource, VhostUserSource
from vmspec.model.domain import Domain


@rule(4921, "hostdev", phase=Phase.RUNTIME, needs="migration.allowed")
def hostdev(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` for a VM with a PCI or mediated host device that is no transient part of a team.
    Why: The device's state cannot be copied; libvirt 9.0.0 refuses the migration (qemuMigrationSrcIsAllowed, src/qemu/qemu_migration.c). A
    transient one is unplugged first.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; migration.allowed = true; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; migration.allowed = true }
    """
    if vm.migration is None or not vm.migration.allowed:
        return
    for device in vm.hostdev:
        if device.teaming is None or device.teaming.type != "transient":
            yield Finding(
                ("hostdev", device.label),
                f"hostdev {device.label} keeps the VM from migrating",
                labels=((("migration", "allowed"), "it shall migrate"),),
            )
    for card in vm.interface:
        if isinstance(card.source, (HostdevSource, HostdevUsbSource)) and (card.teaming is None or card.teaming.type != "transient"):
            yield Finding(
                ("interface", card.label),
                f"interface {card.label} keeps the VM from migrating",
                labels=((("migration", "allowed"), "it shall migrate"),),
            )


@rule(4922, "virtiofs", phase=Phase.RUNTIME, needs="migration.allowed")
def virtiofs(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` for a VM with virtiofs.
    Why: libvirt 9.0.0 refuses the migration (qemuMigrationSrcIsAllowed, src/qemu/qemu_migration.c); it came with 10.0.0 and a migratable
    virtiofsd.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2; migration.allowed = true
          memory { size = 1GiB; source = memfd; access = shared }
          filesystem data { driver = virtiofs; source = mount("/srv/data"); target = "data" }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; migration.allowed = true }
    """
    if vm.migration is None or not vm.migration.allowed:
        return
    for share in vm.filesystem:
        yield Finding(
            ("filesystem", share.label),
            f"filesystem {share.label} keeps the VM from migrating",
            labels=((("migration", "allowed"), "it shall migrate"),),
        )


@rule(4923, "invtsc", phase=Phase.RUNTIME, needs="migration.allowed")
def invtsc(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` with CPU feature invtsc and no TSC frequency.
    Why: libvirt 9.0.0 refuses the migration unless the frequency is said (qemuMigrationSrcIsAllowed, src/qemu/qemu_migration.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; migration.allowed = true; cpu { mode = host-model; features { invtsc = require } } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; migration.allowed = true
          cpu { mode = host-model; features { invtsc = require } }
          clock { offset = utc; timer tsc { frequency = 2GHz } }
        }
    """
    if vm.migration is None or not vm.migration.allowed or vm.cpu is None:
        return
    wanted = (vm.cpu.features or {}).get("invtsc") in ("require", "force")
    said = vm.clock is not None and any(t.label == "tsc" and t.frequency for t in vm.clock.timer)
    if wanted and not said:
        yield Finding(
            ("cpu", "features", "invtsc"),
            "invtsc keeps the VM from migrating unless the TSC frequency is said",
            help="add clock { timer tsc { frequency = … } }",
        )


@rule(4924, "host-passthrough", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="migration.allowed")
def host_passthrough(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` with the host's own CPU.
    Why: libvirt lets it migrate, and the guest meets a processor without instructions that it uses (docs/formatdomain.rst 9.0.0, "host-
    passthrough").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; migration.allowed = true; cpu { mode = host-passthrough } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; migration.allowed = true; cpu { mode = host-model } }
    """
    if vm.migration is not None and vm.migration.allowed and vm.cpu is not None and vm.cpu.mode in ("host-passthrough", "maximum"):
        yield Finding(("cpu", "mode"), f"{vm.cpu.mode} migrates safely between equal hosts only", help="use host-model or a named model")


@rule(4925, "local-storage", phase=Phase.RUNTIME, needs="migration.allowed")
def local_storage(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` with a disk on local storage and no `migration.copy-storage`.
    Why: libvirt 9.0.0 refuses NVMe and vhost-user disks (qemuMigrationSrcIsAllowed) and warns of files that are not on shared storage
    (qemuMigrationSrcIsSafe, src/qemu/qemu_migration.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; migration.allowed = true; disk vda { source = nvme(0000:01:00.0, namespace = 1) } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          migration { allowed = true; copy-storage = true }
          disk vda { source = file("/srv/a.qcow2", format = qcow2) }
        }
    """
    migration = vm.migration
    if migration is None or not migration.allowed:
        return
    for disk in vm.disk:
        if isinstance(disk.source, (NvmeSource, VhostUserSource)):
            yield Finding(("disk", disk.label, "source"), f"a disk on {disk.source.tag}() cannot migrate")
        elif (
            isinstance(disk.source, FileSource)
            and disk.source.path
            and disk.source.path.startswith("/var/lib/libvirt/images/")
            and not migration.copy_storage
        ):
            yield Finding(
                ("disk", disk.label, "source"), f"{disk.source.path} is on this host only", help="set migration.copy-storage = true"
            )


@rule(4926, "cache-mode", phase=Phase.RUNTIME, needs="migration.allowed")
def cache_mode(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` with a disk whose cache mode is not none or directsync.
    Why: libvirt 9.0.0 calls it unsafe and refuses without --unsafe: the target may read the image before the source's cache is written
    (qemuMigrationSrcIsSafe, src/qemu/qemu_migration.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; migration.allowed = true
          disk vda { source = block("/dev/vg0/a"); cache = writeback }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; migration.allowed = true; disk vda { source = block("/dev/vg0/a"); cache = none } }
    """
    migration = vm.migration
    if migration is None or not migration.allowed or migration.copy_storage:
        return
    for disk in vm.disk:
        if (
            disk.cache in ("writeback", "writethrough", "unsafe")
            and not disk.readonly
            and not disk.shareable
            and isinstance(disk.source, (FileSource, BlockSource))
        ):
            yield Finding(("disk", disk.label, "cache"), f"cache = {disk.cache} makes the migration of {disk.label} unsafe", instead="none")


@rule(4927, "confidential", phase=Phase.RUNTIME, needs="migration.allowed")
def confidential(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` with launch security, a transient disk or shared memory of role peer.
    Why: libvirt 9.0.0 refuses the migration (qemuMigrationSrcIsAllowed, src/qemu/qemu_migration.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; migration.allowed = true
          disk vda { source = file("/srv/a.qcow2", format = qcow2); transient = true }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; migration.allowed = true; disk vda { source = file("/srv/a.qcow2", format = qcow2) } }
    """
    if vm.migration is None or not vm.migration.allowed:
        return
    if vm.launch_security is not None:
        yield Finding(("launch-security",), "encrypted memory keeps the VM from migrating")
    for disk in vm.disk:
        if disk.transient:
            yield Finding(("disk", disk.label, "transient"), f"transient disk {disk.label} keeps the VM from migrating")
    for shmem in vm.shmem:
        if shmem.role != "master":
            yield Finding(
                ("shmem", shmem.label), f"shared memory {shmem.label} keeps the VM from migrating", help="set role = master in one guest"
            )
