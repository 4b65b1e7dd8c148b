"""Asks a libvirt for all that it knows of its host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vmspec.importing.host_facts import Told


def ask(connection: Any, refused: type[Exception]) -> Told:
    """Ask a libvirt for all of it; a driver that has no pools, networks or devices (the embedded one) tells none."""

    def tell(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except refused:
            return None

    pci = 2  # VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV
    return Told(
        capabilities=connection.getCapabilities(),
        domain_capabilities=tell(lambda: connection.getDomainCapabilities(None, None, None, None, 0)),
        devices=tuple(each.XMLDesc(0) for each in tell(lambda: connection.listAllDevices(pci)) or ()),
        pools=tuple(each.XMLDesc(0) for each in tell(lambda: connection.listAllStoragePools(0)) or ()),
        networks=tuple(each.XMLDesc(0) for each in tell(lambda: connection.listAllNetworks(0)) or ()),
        libvirt=connection.getLibVersion(),
        qemu=tell(connection.getVersion) or 0,
    )
