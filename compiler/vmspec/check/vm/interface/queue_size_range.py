"""A ring smaller or larger than QEMU makes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.interfaces import is_virtio
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4411, "interface-queue-size-range", phase=Phase.START)
def queue_size_range(interface: Interface) -> Iterator[Finding]:
    """
    What: `rx-queue-size` or `tx-queue-size` is a power of two outside 256–1024; or `tx-queue-size` is above 256 on something else than
    vhost-user or vDPA.
    Why: QEMU refuses the first at start ("Invalid rx_queue_size, must be a power of 2 between 256 and 1024", hw/net/virtio-net.c of QEMU
    7.2) and quietly uses 256 for the second.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); rx-queue-size = 128 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); rx-queue-size = 256 }
        }
    """
    if not is_virtio(interface):
        return
    for name, size in (("rx-queue-size", interface.rx_queue_size), ("tx-queue-size", interface.tx_queue_size)):
        if size and not size & (size - 1) and not 256 <= size <= 1024:
            yield Finding(
                ("interface", interface.label, name), f"{name} {size} is not between 256 and 1024", instead="256" if size < 256 else "1024"
            )
