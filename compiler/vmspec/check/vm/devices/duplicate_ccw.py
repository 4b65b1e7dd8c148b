"""Two devices at one channel address."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import CcwAddress
from vmspec.model.domain import Domain
from vmspec.model.walk import DeviceAt, distinct_devices


@rule(4553, "duplicate-ccw", phase=Phase.DEFINE)
def duplicate_ccw(vm: Domain) -> Iterator[Finding]:
    """
    What: Two devices have the same ccw address.
    Why: libvirt 9.0.0 refuses it at define (virDomainCCWAddressAssign, src/conf/domain_addr.c).
    Example:
        vm a {
          resolve = false
          arch = s390x
          machine = s390-ccw-virtio
          memory.size = 1GiB
          cpu.count = 1
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = ccw(0xfe, 0, 1) }
          disk vdb { source = block("/dev/vg0/b"); target = vdb; bus = virtio; address = ccw(0xfe, 0, 1) }
        }
    Instead:
        vm a {
          resolve = false
          arch = s390x
          machine = s390-ccw-virtio
          memory.size = 1GiB
          cpu.count = 1
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = ccw(0xfe, 0, 1) }
          disk vdb { source = block("/dev/vg0/b"); target = vdb; bus = virtio; address = ccw(0xfe, 0, 2) }
        }
    """
    seen: dict[tuple[int | None, int | None, int], DeviceAt] = {}
    for here in distinct_devices(vm):
        at = here.device.address
        if not isinstance(at, CcwAddress) or at.devno is None:
            continue
        first = seen.setdefault((at.cssid, at.ssid, at.devno), here)
        if first is not here:
            yield Finding(
                (*here.path, "address"),
                f"{first} is at this channel address already",
                labels=(((*first.path, "address"), "the first"),),
            )
