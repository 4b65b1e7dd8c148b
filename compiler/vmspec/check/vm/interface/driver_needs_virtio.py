"""Driver options that are dropped."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.interfaces import is_virtio
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import HostdevSource, HostdevUsbSource

_OPTIONS = (
    "queues",
    "rx_queue_size",
    "tx_queue_size",
    "txmode",
    "ioeventfd",
    "event_idx",
    "rss",
    "rss_hash_report",
    "host_offload",
    "guest_offload",
)


@rule(4408, "interface-driver-needs-virtio", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def driver_needs_virtio(interface: Interface) -> Iterator[Finding]:
    """
    What: Driver options of virtio on a card of another model.
    Why: libvirt reads them for virtio cards only and drops them otherwise without a word (virDomainNetDefParseXML, src/conf/domain_conf.c
    9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); model = e1000e; queues = 2 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); model = virtio; queues = 2 }
        }
    """
    if is_virtio(interface) or isinstance(interface.source, (HostdevSource, HostdevUsbSource)):
        return
    for option in _OPTIONS:
        if getattr(interface, option) is not None:
            name = option.replace("_", "-")
            yield Finding(
                ("interface", interface.label, name),
                f"{name} has no effect on a card of model {interface.model or 'rtl8139'}",
                help="set model = virtio",
            )
