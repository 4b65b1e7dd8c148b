"""An address that only host devices can go without."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import misfit
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.device import Unassigned
from vmspec.model.devices.hostdev import Hostdev
from vmspec.model.devices.hub import Hub
from vmspec.model.domain import Domain
from vmspec.model.walk import distinct_devices


@rule(4513, "unassigned-address", phase=Phase.DEFINE)
def unassigned_address(vm: Domain) -> Iterator[Finding]:
    """
    What: A device that is no host device has the address `unassigned`.
    Why: libvirt 9.0.0 refuses it at define (virDomainDeviceInfoValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: virtio disk cannot have an address of type
    'unassigned'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); address = unassigned() }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
        }
    """
    for path, device in distinct_devices(vm):
        if isinstance(device.address, Unassigned) and not isinstance(device, (Hostdev, Channel, Hub)) and not misfit(device):
            yield Finding((*path, "address"), "only a host device can be unassigned")
