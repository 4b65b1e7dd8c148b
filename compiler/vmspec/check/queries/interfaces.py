"""A network interface as libvirt understands it."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.model.devices.interface import Interface, Traffic
from vmspec.model.devices.network import HostdevSource, HostdevUsbProductSource, HostdevUsbSource

_VIRTIO = ("virtio", "virtio-transitional", "virtio-non-transitional")


def is_virtio(card: Interface) -> bool:
    """Whether it is a virtio card (virDomainNetIsVirtioModel, src/conf/domain_conf.c 9.0.0), in any case of letters.

    An x86 guest has an rtl8139 by default.
    """
    if isinstance(card.source, (HostdevSource, HostdevUsbSource, HostdevUsbProductSource)):
        return False
    return str(card.model).lower() in _VIRTIO or (card.model is None and card.source is not None and card.source.tag == "vdpa")


def directions(card: Interface) -> Iterator[tuple[str, Traffic]]:
    """The limited directions, by name."""
    if card.bandwidth is not None:
        if card.bandwidth.inbound is not None:
            yield "inbound", card.bandwidth.inbound
        if card.bandwidth.outbound is not None:
            yield "outbound", card.bandwidth.outbound
