"""The controllers that disks need."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.disks import bus, drive_place, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import DriveAddress
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.hostdev import Hostdev, IscsiHostdev, ScsiHostdev
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, describe, is_i440fx, is_qemu, is_x86


@rule(4353, "scsi-hostdev-address", phase=Phase.DEFINE, needs="hostdev")
def scsi_hostdev_address(vm: Domain) -> Iterator[Finding]:
    """
    What: A SCSI host device has the drive address of a SCSI disk or of another SCSI host device.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefDuplicateDriveAddressesValidate, src/conf/domain_validate.c;
    virDomainHostdevDefPostParse, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: SCSI host address controller='0' bus='0' target='0' unit='0' in use by
    a SCSI disk.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
          disk sda { source = block("/dev/vg0/a"); bus = scsi; address = drive(0, 0, 0, 0) }
          hostdev tape { source = scsi(scsi_host0, 0, 0, 0); address = drive(0, 0, 0, 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
          disk sda { source = block("/dev/vg0/a"); bus = scsi; address = drive(0, 0, 0, 0) }
          hostdev tape { source = scsi(scsi_host0, 0, 0, 0); address = drive(0, 0, 0, 1) }
        }
    """
    seen: dict[tuple[int, int, int, int], tuple[str, str]] = {}
    devices: list[Disk | Hostdev] = [
        *(d for d in vm.disk if bus(d) == "scsi"),
        *(h for h in vm.hostdev if isinstance(h.source, (ScsiHostdev, IscsiHostdev))),
    ]
    for device in devices:
        kind = "hostdev" if isinstance(device, Hostdev) else "disk"
        at = device.address
        explicit = (at.controller or 0, at.bus or 0, at.target or 0, at.unit or 0) if isinstance(at, DriveAddress) else None
        key = explicit or (drive_place(device) if isinstance(device, Disk) else None)
        if key is None:
            continue
        first = seen.setdefault(key, (kind, device.label))
        if first != (kind, device.label) and kind == "hostdev":
            yield Finding(
                (kind, device.label, "address"),
                f"{first[0]} {first[1]} is at controller {key[0]}, unit {key[3]} already",
                labels=((first, "the other device"),),
            )


@rule(4355, "scsi-without-controller", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="disk")
def scsi_without_controller(vm: Domain) -> Iterator[Finding]:
    """
    What: A SCSI disk has no SCSI controller.
    Why: libvirt adds an lsilogic one (qemuDomainGetSCSIControllerModel, src/qemu/qemu_domain_address.c 9.0.0), an emulated chip of 1995 for
    which modern guests have no driver, where virtio-scsi was meant.
    Example:
        vm a { resolve = false; memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = scsi; target = sda } }
    Instead:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
          disk sda { source = block("/dev/vg0/a"); bus = scsi; target = sda }
        }
    """
    if not is_x86(vm):
        return
    missing = next((d for d in vm.disk if bus(d) == "scsi"), None)
    if missing is None:
        return
    controllers = [c for c in vm.controller if c.type == "scsi"]
    if not controllers:
        yield Finding(
            ("disk", missing.label, "bus"),
            "no SCSI controller: libvirt adds an lsilogic one",
            help="add controller scsi0 { type = scsi; index = 0; model = virtio-scsi }",
        )
    for controller in controllers:
        if controller.model is None:
            yield Finding(
                ("controller", controller.label),
                "a SCSI controller without a model becomes an lsilogic one",
                help="set model = virtio-scsi",
            )


@rule(4356, "ide-on-q35", phase=Phase.DEFINE, needs="disk controller")
def ide_on_q35(vm: Domain) -> Iterator[Finding]:
    """
    What: A disk or controller is on IDE, and the machine is q35 (or no PC at all).
    Why: q35 has AHCI and no IDE; libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefControllerIDE, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: IDE controllers are unsupported for this QEMU binary or
    machine type.
    Example:
        vm a { memory.size = 1GiB; machine = q35; cpu.count = 2; disk hda { source = block("/dev/vg0/a"); bus = ide } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sata } }
    """
    if is_i440fx(vm) or not is_qemu(vm) or arch(vm) in ("alpha", "sparc64", "mips", "mips64", "mipsel", "mips64el", "ppc"):
        return
    for disk in vm.disk:
        if bus(disk) == "ide" and (disk.bus or disk.target):  # one without either has no target at all (4349)
            yield Finding(
                ("disk", disk.label, "bus"),
                f"{describe(vm)} has no IDE controller",
                help="use bus = virtio, or sata for a CD-ROM",
                instead="sata",
            )
    told = any(bus(disk) == "ide" for disk in vm.disk)
    for controller in vm.controller:
        if controller.type == "ide" and not told:
            yield Finding(("controller", controller.label), f"{describe(vm)} has no IDE controller")


@rule(4361, "ide-controllers", phase=Phase.DEFINE, needs="disk controller")
def ide_controllers(vm: Domain) -> Iterator[Finding]:
    """
    What: An IDE controller with another index than 0, or an IDE disk behind one: hde and later names (for addresses see 4347).
    Why: i440fx has one IDE controller with four places; libvirt 9.0.0 refuses others at define (qemuValidateDomainDeviceDefControllerIDE
    and qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Only 1 IDE controller is supported.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = pc; controller ide1 { type = ide; index = 1 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = pc; controller ide0 { type = ide; index = 0 } }
    """
    if not is_i440fx(vm):
        return
    for controller in vm.controller:
        if controller.type == "ide" and controller.index:
            yield Finding(("controller", controller.label, "index"), f"{describe(vm)} has one IDE controller, with index 0")
    for disk in vm.disk:
        at = drive_place(disk) if bus(disk) == "ide" and disk.address is None else None
        if at is not None and at[0]:
            yield Finding(
                ("disk", disk.label), f"disk {target(disk)} is on IDE controller {at[0]}, and {describe(vm)} has controller 0 only"
            )
