"""What the disks of one VM share: targets, sources, I/O threads, limits."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import iothread_ids, max_vcpus
from vmspec.check.queries.disks import bus, drive_place, identities, limits, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import VhostUserSource
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import memory_is_shared


@rule(4351, "duplicate-target", phase=Phase.DEFINE, needs="disk")
def duplicate_target(vm: Domain) -> Iterator[Finding]:
    """
    What: Two disks have the same target.
    Why: The target is the disk's identity for libvirt and its tools; libvirt 9.0.0 refuses two at define
    (virDomainDiskDefCheckDuplicateInfo, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: target 'vda' duplicated for disk sources '/dev/vg0/a' and '/dev/vg0/b'.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
          disk data { source = block("/dev/vg0/b"); target = vda }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
          disk data { source = block("/dev/vg0/b"); target = vdb }
        }
    """
    if len(vm.disk) < 2:
        return
    seen: dict[str, str] = {}
    for disk in vm.disk:
        name = target(disk)
        if not name:
            continue
        first = seen.setdefault(name, disk.label)
        if first != disk.label:
            yield Finding(
                ("disk", disk.label, "target"),
                f"disks {first} and {disk.label} both have target {name}",
                labels=((("disk", first), "the first"),),
            )


@rule(4352, "duplicate-drive-address", phase=Phase.DEFINE, needs="disk")
def duplicate_drive_address(vm: Domain) -> Iterator[Finding]:
    """
    What: Two disks of one bus have the same drive address.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefDuplicateDriveAddressesValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Found duplicate drive address for disk with target name
    'sda' controller='0' bus='0' target='0' unit='0'.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; address = drive(0, 0, 0, 0) }
          disk sdb { source = block("/dev/vg0/b"); bus = sata; address = drive(0, 0, 0, 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; address = drive(0, 0, 0, 0) }
          disk sdb { source = block("/dev/vg0/b"); bus = sata; address = drive(0, 0, 0, 1) }
        }
    """
    seen: dict[tuple[str, int, int, int, int], str] = {}
    for disk in vm.disk:
        place = drive_place(disk)
        if place is None:
            continue
        key = (bus(disk), *place)
        first = seen.setdefault(key, disk.label)
        if first != disk.label:
            where = f"controller {key[1]}, bus {key[2]}, target {key[3]}, unit {key[4]}"
            yield Finding(
                ("disk", disk.label, "address"),
                f"{key[0]} disks {first} and {disk.label} are both at {where}",
                labels=((("disk", first, "address"), "the first"),),
            )


@rule(4354, "iothread-undefined", phase=Phase.DEFINE, needs="disk controller")
def iothread_undefined(vm: Domain) -> Iterator[Finding]:
    """
    What: A disk or SCSI controller names an iothread that the VM does not have.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskIOThreads and qemuValidateCheckSCSIControllerIOThreads,
    src/qemu/qemu_validate.c).
    Example:
        vm a {
          resolve = false; memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          iothread 1 { declared = true }
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; iothread = 2 }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          iothread 1 { }
          iothread 2 { }
          disk vda { source = block("/dev/vg0/a"); iothread = 2 }
        }
    """
    users = [("disk", d.label, d.iothread) for d in vm.disk if d.iothread]
    users += [("controller", c.label, c.iothread) for c in vm.controller if c.iothread]
    if not users:
        return
    have = iothread_ids(vm)
    for kind, label, number in users:
        if number not in have:
            known = ", ".join(str(n) for n in sorted(have)) or "none"
            yield Finding(
                (kind, label, "iothread"),
                f"{kind} {label} uses iothread {number}, and the VM has {known}",
                help=f"add iothread {number} {{ }}",
            )


@rule(4357, "same-source-twice", phase=Phase.START, needs="disk")
def same_source_twice(vm: Domain) -> Iterator[Finding]:
    """
    What: Two disks of one VM have the same image or device, and they are not both shareable or read-only.
    Why: QEMU locks images for writing, so the start fails ("Failed to get "write" lock", observed with libvirt 9.0.0 and QEMU 7.2); block
    devices are not locked and the guest destroys its own data.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: Failed to get "write" lock.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a") }; disk vdb { source = block("/dev/vg0/a") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a") }; disk vdb { source = block("/dev/vg0/b") } }
    """
    if len(vm.disk) < 2:
        return
    seen: dict[tuple[object, ...], Disk] = {}
    for disk in vm.disk:
        keys = identities(disk)
        key = next((key for key in keys if key in seen), None)
        first = seen[key] if key is not None else disk
        seen.update((each, first) for each in keys if each not in seen)
        if key is not None and not all(d.shareable or d.readonly or d.device == "cdrom" for d in (first, disk)):
            yield Finding(
                ("disk", disk.label, "source"),
                f"disks {first.label} and {disk.label} are both {' '.join(str(k) for k in key[1:])}",
                labels=((("disk", first.label, "source"), "the first"),),
            )


@rule(4358, "iotune-group-differs", phase=Phase.DEFINE, needs="disk")
def iotune_group_differs(vm: Domain) -> Iterator[Finding]:
    """
    What: Two disks of one throttling group have different limits.
    Why: A group has one set of limits for all its disks; libvirt 9.0.0 refuses different ones at define
    (qemuValidateDomainDeviceDefDiskBlkdeviotune, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: different iotunes for disks vda and vdb.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { group-name = "slow"; total-iops-sec = 500 } }
          disk vdb { source = block("/dev/vg0/b"); iotune { group-name = "slow"; total-iops-sec = 600 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { group-name = "slow"; total-iops-sec = 500 } }
          disk vdb { source = block("/dev/vg0/b"); iotune { group-name = "slow"; total-iops-sec = 500 } }
        }
    """
    groups: dict[str, Disk] = {}
    for disk in vm.disk:
        tune = disk.iotune
        if tune is None or not tune.group_name or not limits(tune):
            continue
        first = groups.setdefault(tune.group_name, disk)
        if first.iotune is not None and limits(first.iotune) != limits(tune):
            yield Finding(
                ("disk", disk.label, "iotune"),
                f"disks {first.label} and {disk.label} share throttling group {tune.group_name!r} and differ in their limits",
                labels=((("disk", first.label, "iotune"), "the other limits"),),
            )


@rule(4359, "queues-exceed-vcpus", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="disk interface")
def queues_exceed_vcpus(vm: Domain) -> Iterator[Finding]:
    """
    What: A disk has more queues, or an interface more queue pairs, than the VM has vCPUs.
    Why: A queue serves at most one vCPU; the rest cost memory, descriptors and interrupts and are never used (docs/formatdomain.rst 9.0.0,
    "queues").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); queues = 8 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); queues = 2 } }
    """
    most = max_vcpus(vm)
    for disk in vm.disk:
        if disk.queues and disk.queues > most:
            yield Finding(("disk", disk.label, "queues"), f"disk {disk.label} has {disk.queues} queues for {most} vCPUs", instead=str(most))
    for card in vm.interface:
        if card.queues and card.queues > most:
            yield Finding(
                ("interface", card.label, "queues"),
                f"interface {card.label} has {card.queues} queue pairs for {most} vCPUs",
                instead=str(most),
            )


@rule(4360, "shared-memory", phase=Phase.DEFINE, needs="disk filesystem")
def shared_memory(vm: Domain) -> Iterator[Finding]:
    """
    What: A vhost-user disk or a virtiofs file system, and the guest's memory is private.
    Why: The process at the other end maps the guest's memory; libvirt 9.0.0 refuses private memory at define
    (qemuValidateDomainDefVhostUserRequireSharedMemory, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 'vhostuser' requires shared memory.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = vhostuser("/run/a.sock") } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; source = memfd; access = shared }; disk vda { source = vhostuser("/run/a.sock") } }
    """
    users = [("disk", d.label) for d in vm.disk if isinstance(d.source, VhostUserSource)]
    users += [("filesystem", f.label) for f in vm.filesystem if f.driver == "virtiofs"]
    if users and not memory_is_shared(vm):
        for user in users:
            yield Finding(user, f"{user[0]} {user[1]} needs shared memory", help="set memory.access = shared and memory.source = memfd")
