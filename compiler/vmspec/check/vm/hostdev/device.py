"""Devices of the host that a guest gets."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.queries.addresses import kinds_of_address, misfit
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import Hostdev, MdevHostdev, PciHostdev, Scsi, VhostScsiHostdev
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4527, "hostdev-pci-address-kind", phase=Phase.DEFINE, needs="address")
def pci_address_kind(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: A PCI host device has another address than pci or unassigned, a SCSI one than drive, a USB one than usb, a vhost-scsi one than pci
    or ccw, a mediated one than its model's.
    Why: libvirt 9.0.0 refuses it at define (virDomainHostdevDefValidate, src/conf/domain_validate.c; virDomainHostdevDefPostParse,
    src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: PCI host devices must use 'pci' or 'unassigned' address type.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0); managed = true; address = drive(0, 0, 0, 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          hostdev gpu { source = pci(0000:3b:00.0); managed = true; address = pci(0000:00:05.0) }
        }
    """
    kinds = kinds_of_address(hostdev)
    if kinds and misfit(hostdev) and hostdev.address is not None and hostdev.source is not None:
        what = f"{with_article(hostdev.source.tag)} host device has {with_article(kinds[0])} address, not {hostdev.address.tag}"
        yield Finding(("hostdev", hostdev.label, "address"), what)


@rule(4528, "hostdev-mdev-uuid", phase=Phase.DEFINE, needs="source")
def mdev_uuid(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: A mediated device has no UUID.
    Why: libvirt 9.0.0 refuses it at define (virDomainHostdevSubsysMediatedDevDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; hostdev vgpu { source = mdev(model = vfio-pci) } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          hostdev vgpu { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8804", model = vfio-pci) }
        }
    """
    if isinstance(hostdev.source, MdevHostdev) and not hostdev.source.uuid:
        yield Finding(("hostdev", hostdev.label, "source"), "a mediated device is named by its UUID")


@rule(4529, "hostdev-boot-unsupported", phase=Phase.DEFINE, needs="boot")
def boot_unsupported(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: `boot` on a mediated device (but vfio-ccw) or a vhost-scsi device.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefHostdev, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: booting from assigned devices is not supported by vhost
    SCSI devices.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; hostdev lun { source = scsi-host("naa.5123456789abcde0"); boot = 1 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; hostdev lun { source = scsi-host("naa.5123456789abcde0") } }
    """
    if hostdev.boot and (
        isinstance(hostdev.source, VhostScsiHostdev) or (isinstance(hostdev.source, MdevHostdev) and hostdev.source.model != "vfio-ccw")
    ):
        what = "a mediated device" if isinstance(hostdev.source, MdevHostdev) else "a vhost-scsi device"
        yield Finding(("hostdev", hostdev.label, "boot"), f"the guest cannot boot from {what}")


@rule(4530, "hostdev-teaming-pci", phase=Phase.DEFINE, needs="teaming")
def teaming_pci(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: `teaming` on a host device that is not PCI, or is not the transient one, or does not name the other.
    Why: libvirt 9.0.0 refuses it at define (virDomainHostdevDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          hostdev vf { source = pci(0000:3b:02.1); managed = true; teaming { type = transient } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          hostdev vf { source = pci(0000:3b:02.1); managed = true; teaming { type = transient; persistent = ua-eth0 } }
        }
    """
    team = hostdev.teaming
    if team is None:
        return
    here = ("hostdev", hostdev.label, "teaming")
    if not isinstance(hostdev.source, PciHostdev):
        yield Finding(here, "only a PCI host device can be part of a team")
    elif team.type != "transient":
        yield Finding((*here, "type"), "a host device is the transient one of a team", instead="transient")
    elif not team.persistent:
        yield Finding(here, "a transient device names the persistent interface of its team")


@rule(4531, "hostdev-pci-managed", phase=Phase.START, severity=Severity.WARNING, needs="source")
def pci_managed(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: A PCI host device without `managed = true`.
    Why: libvirt then expects the device on vfio-pci already and fails to start otherwise (docs/formatdomain.rst 9.0.0, "hostdev": managed).
    Right where the host binds it at boot.
    Example:
        vm a {
          resolve = false; memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          hostdev gpu { source = pci(0000:3b:00.0) }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    """
    if isinstance(hostdev.source, PciHostdev) and hostdev.managed is None:
        yield Finding(
            ("hostdev", hostdev.label),
            f"nothing says who binds hostdev {hostdev.label} to vfio-pci",
            help="set managed = true, or managed = false where the host binds it at boot",
        )


@rule(4532, "hostdev-write-filtering", phase=Phase.DEFINE, needs="source")
def write_filtering(hostdev: Hostdev, vm: Domain) -> Iterator[Finding]:
    """
    What: `write-filtering` on a PCI host device.
    Why: libvirt 9.0.0 refuses it with QEMU at define (qemuValidateDomainDeviceDefHostdev, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Write filtering of PCI device configuration space is
    not supported by qemu.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; hostdev gpu { source = pci(0000:3b:00.0, write-filtering = false); managed = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    """
    if isinstance(hostdev.source, PciHostdev) and hostdev.source.write_filtering is not None and is_qemu(vm):
        yield Finding(("hostdev", hostdev.label, "source"), "write-filtering is an option of Xen")


@rule(4857, "hostdev-sgio-unfiltered", phase=Phase.DEFINE, needs="source")
def sgio_unfiltered(hostdev: Hostdev, vm: Domain) -> Iterator[Finding]:
    """
    What: `sgio = unfiltered` on a SCSI host device.
    Why: Kernels since Linux 5.14 have no such switch, and libvirt 9.0.0 refuses it with QEMU at define
    (qemuValidateDomainDeviceDefHostdev, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unfiltered sgio is no longer supported.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller scsi0 { type = scsi; model = virtio-scsi }
          hostdev tape { source = scsi("scsi_host0", 0, 0, 0, sgio = unfiltered) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller scsi0 { type = scsi; model = virtio-scsi }
          hostdev tape { source = scsi("scsi_host0", 0, 0, 0) }
        }
    """
    if isinstance(hostdev.source, Scsi) and hostdev.source.sgio == "unfiltered" and is_qemu(vm):
        yield Finding(("hostdev", hostdev.label, "source", "sgio"), "sgio = unfiltered is no longer supported by libvirt")


@rule(4554, "hostdev-startup-policy", phase=Phase.DEFINE, needs="source")
def startup_policy(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: A PCI host device has a `startup-policy`.
    Why: libvirt 9.0.0 refuses it at define (virDomainHostdevDefParseXMLSubsys, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Setting startupPolicy is only allowed for USB devices.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0, startup-policy = optional); managed = true }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    """
    if isinstance(hostdev.source, PciHostdev) and hostdev.source.startup_policy is not None:
        yield Finding(("hostdev", hostdev.label, "source"), "startup-policy is for USB devices")
