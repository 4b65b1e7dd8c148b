"""A ring of a size that virtio does not make."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.interfaces import is_virtio
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4410, "interface-queue-size-power-of-two", phase=Phase.DEFINE)
def queue_size_power_of_two(interface: Interface) -> Iterator[Finding]:
    """
    What: `rx-queue-size` or `tx-queue-size` is not a power of two.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefNetwork, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: rx_queue_size has to be a power of two.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); rx-queue-size = 1000 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); rx-queue-size = 1024 }
        }
    """
    if is_virtio(interface):
        for name, size in (("rx-queue-size", interface.rx_queue_size), ("tx-queue-size", interface.tx_queue_size)):
            if size and size & (size - 1):
                yield Finding(
                    ("interface", interface.label, name), f"{name} {size} is not a power of two", instead=str(1 << (size.bit_length() - 1))
                )
