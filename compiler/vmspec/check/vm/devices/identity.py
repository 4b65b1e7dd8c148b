"""How devices are told apart: alias, boot order, ACPI index."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.block import Block
from vmspec.model.devices.device import Boot, WithRom
from vmspec.model.domain import Domain
from vmspec.model.walk import DeviceAt, devices, distinct_devices


@rule(4536, "duplicate-alias", phase=Phase.DEFINE)
def duplicate_alias(vm: Domain) -> Iterator[Finding]:
    """
    What: Two devices have the same alias.
    Why: libvirt 9.0.0 refuses it at define ("non unique alias detected", virDomainDeviceDefValidateAliasesIterator,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: non unique alias detected: ua-a.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); alias = ua-a }
          interface eth0 { source = bridge("br0"); alias = ua-a }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); alias = ua-a }
          interface eth0 { source = bridge("br0"); alias = ua-b }
        }
    """
    seen: dict[str, DeviceAt] = {}
    for here in distinct_devices(vm):
        alias = here.device.alias
        if not alias or not alias.startswith("ua-"):
            continue
        first = seen.setdefault(str(alias), here)
        if first is not here:
            yield Finding(
                (*here.path, "alias"), f"{first} and {here} both have alias {alias}", labels=(((*first.path, "alias"), "the first"),)
            )


@rule(4537, "alias-dropped", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def alias_dropped(vm: Domain) -> Iterator[Finding]:
    """
    What: A device's alias does not begin with `ua-`.
    Why: Only such names are the user's; libvirt drops others at define without a word (virDomainDeviceAliasIsUserAlias,
    src/conf/domain_conf.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); alias = data } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); alias = ua-data } }
    """
    for path, device in devices(vm):
        if device.alias and not device.alias.startswith("ua-"):
            yield Finding(
                (*path, "alias"), f"libvirt drops alias {device.alias}: one of ours begins with ua-", instead=f"ua-{device.alias}"
            )


@rule(4538, "duplicate-boot-order", phase=Phase.DEFINE)
def duplicate_boot_order(vm: Domain) -> Iterator[Finding]:
    """
    What: Two devices have the same `boot` order; or a device has one, and `boot.devices` is set too.
    Why: libvirt 9.0.0 refuses both at define (virDomainDefBootOrderPostParse, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: boot order '1' used for more than one device.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); boot = 1 }
          interface eth0 { source = bridge("br0"); boot = 1 }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); boot = 1 }
          interface eth0 { source = bridge("br0"); boot = 2 }
        }
    """
    seen: dict[int, DeviceAt] = {}
    whole = bool(vm.boot is not None and vm.boot.devices)
    for here in devices(vm):
        order = here.device.boot if isinstance(here.device, Boot) else None
        if not order:
            continue
        first = seen.setdefault(order, here)
        if first is not here:
            yield Finding(
                (*here.path, "boot"), f"{first} and {here} both have boot order {order}", labels=(((*first.path, "boot"), "the first"),)
            )
        elif whole and len(seen) == 1:
            yield Finding(
                (*here.path, "boot"),
                "a device's boot order and boot.devices cannot stand together",
                labels=((("boot", "devices"), "the machine's order"),),
            )


@rule(4547, "acpi-index", phase=Phase.DEFINE)
def acpi_index(vm: Domain) -> Iterator[Finding]:
    """
    What: `acpi-index` on a device with another address than pci.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceInfo, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: ACPI index is only supported for PCI devices.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          hostdev stick { source = usb(0x1234, 0xbeef); acpi-index = 1; address = usb(0, 1) }
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          interface eth0 { source = bridge("br0"); acpi-index = 1; address = pci(0000:00:05.0) }
        }
    """
    for here in devices(vm):
        at = here.device.address
        if here.device.acpi_index and at is not None and at.tag != "pci":
            yield Finding(
                (*here.path, "acpi-index"), f"only a PCI device has an ACPI index, and {here.path[-1]} has {with_article(at.tag)} address"
            )


@rule(4548, "rom-bus", phase=Phase.DEFINE)
def rom_bus(vm: Domain) -> Iterator[Finding]:
    """
    What: `rom` on a device with another address than pci, or settings of a ROM that is off.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceInfo, src/qemu/qemu_validate.c; virDomainDeviceInfoParseXML,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: ROM tuning is not supported when ROM is disabled.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); rom { enabled = false; file = "/srv/rom.bin" } }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); rom { enabled = false } } }
    """
    for path, device in devices(vm):
        rom = device.rom if isinstance(device, WithRom) else None
        if rom is None:
            continue
        if rom.enabled is False and (rom.bar is not None or rom.file):
            yield Finding((*path, "rom"), "a ROM that is off has no bar and no file")
        elif device.address is not None and device.address.tag not in ("pci", "unassigned"):
            yield Finding((*path, "rom"), f"only a PCI device has a ROM, and {path[-1]} has {with_article(device.address.tag)} address")


NEEDED = (
    ("graphics", "type", ("vnc", "spice", "dbus", "egl-headless", "sdl", "desktop", "rdp"), "type = vnc"),
    ("audio", "type", ("none", "alsa", "pulseaudio", "spice", "file", "sdl", "oss", "jack", "dbus"), "type = none"),
    ("input", "type", ("tablet", "keyboard", "mouse", "passthrough", "evdev"), "type = tablet"),
    ("controller", "type", ("scsi", "usb", "sata", "ide", "pci", "virtio-serial", "ccid", "fdc"), "type = scsi"),
    ("iommu", "model", ("intel", "smmuv3", "virtio"), "model = intel, of an aarch64 guest model = smmuv3"),
    ("parallel", "source", (), "source = pty()"),
    ("redirdev", "source", (), "source = spicevmc()"),
    ("sound", "model", ("sb16", "es1370", "pcspk", "ac97", "ich6", "ich7", "ich9", "usb", "virtio"), "model = ich9"),
    ("hostdev", "source", (), 'source = pci("0000:3b:00.0"), or usb(…), scsi(…), mdev(…)'),
)
"""A device, what says of which kind it is, words that as its label tell which is meant, and what is written else."""

DEFAULTED = ("controller", "parallel", "redirdev")
"""What libvirt's parser takes without: it makes an IDE controller, a port that leads nowhere. Its schema does not."""


@rule(
    4818,
    "device-kind-missing",
    phase=Phase.DEFINE,
    needs="graphics audio input controller iommu parallel redirdev hostdev sound memory.balloon",
)
def kind_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: A device does not say of which kind it is: a display, audio backend, input device or controller without `type`, an IOMMU, sound
    card or balloon without `model`, a device of the host, parallel port or redirected device without `source`. Its label says nothing: it
    is a name.
    Why: libvirt has no default there and refuses the definition (domain_conf.c and domain.rng of libvirt 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: "Missing required attribute 'type' in element 'graphics'", "missing input device
    type", "Missing required attribute 'model' in element 'iommu'", "missing source address type".
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics vnc { } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics vnc { type = vnc } }
    """
    from_xml = vm.resolve is None and vm.origin is None
    for kind, feature, words, example in NEEDED:
        if from_xml and kind in DEFAULTED:
            continue
        for device in getattr(vm, kind):
            if _unsaid(device, feature):
                wanted = f"{feature} = {device.label}" if device.label in words else example
                yield Finding((kind, device.label), f"{kind} {device.label} does not say of which kind it is", help=f"write {wanted}")
    balloon = vm.memory.balloon if vm.memory is not None else None
    if balloon is not None and _unsaid(balloon, "model"):
        yield Finding(("memory", "balloon"), "the balloon does not say of which kind it is", help="write model = virtio")
    for screen in vm.graphics:
        for listener in screen.listener:
            if listener.type is None and not listener.raw:
                path = ("graphics", screen.label, "listener", listener.label)
                yield Finding(path, f"listener {listener.label} does not say where it listens", help="write type = address")


def _unsaid(device: Block, feature: str) -> bool:
    """Also not by something in XML that the model does not know, which is told as such (4950)."""
    return getattr(device, feature) is None and not device.raw
