"""A function id of another machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import PciAddress
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_s390
from vmspec.model.walk import distinct_devices


@rule(4552, "zpci", phase=Phase.DEFINE)
def zpci(vm: Domain) -> Iterator[Finding]:
    """
    What: `zpci-uid` is 0 or taken, `zpci-fid` is taken, or the machine is not s390x.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefZPCIAddress, src/qemu/qemu_validate.c;
    virDomainZPCIAddressReserveId, src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: This QEMU binary doesn't support zPCI.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          hostdev gpu { source = pci(0000:3b:00.0); managed = true; address = pci(bus = 0, slot = 5, function = 0, zpci-uid = 1) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          hostdev gpu { source = pci(0000:3b:00.0); managed = true; address = pci(bus = 0, slot = 5, function = 0) }
        }
    """
    seen: dict[tuple[str, int], str] = {}
    for path, device in distinct_devices(vm):
        at = device.address
        if not isinstance(at, PciAddress):
            continue
        here = (*path, "address")
        for name, value in (("zpci-uid", at.zpci_uid), ("zpci-fid", at.zpci_fid)):
            if value is None:
                continue
            if not is_s390(vm):
                yield Finding(here, f"{describe(vm)} has no {name}")
            elif name == "zpci-uid" and value == 0:
                yield Finding(here, "zpci-uid is from 1 to 0xffff, not 0")
            elif seen.setdefault((name, value), path[-1]) != path[-1]:
                yield Finding(here, f"{name} {value} is that of {seen[name, value]} already")
