"""An option ROM of a device that is not on PCI."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import WithRom
from vmspec.model.domain import Domain
from vmspec.model.walk import devices


@rule(4548, "rom-bus", phase=Phase.DEFINE)
def rom_bus(vm: Domain) -> Iterator[Finding]:
    """
    What: `rom` on a device with another address than pci, or settings of a ROM that is off.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceInfo, src/qemu/qemu_validate.c; virDomainDeviceInfoParseXML,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: ROM tuning is not supported when ROM is disabled.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); rom { enabled = false; file = "/srv/rom.bin" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); rom { enabled = false } }
        }
    """
    for path, device in devices(vm):
        rom = device.rom if isinstance(device, WithRom) else None
        if rom is None:
            continue
        if rom.enabled is False and (rom.bar is not None or rom.file):
            yield Finding((*path, "rom"), "a ROM that is off has no bar and no file")
        elif device.address is not None and device.address.tag not in ("pci", "unassigned"):
            yield Finding((*path, "rom"), f"only a PCI device has a ROM, and {path[-1]} has a {device.address.tag} address")
