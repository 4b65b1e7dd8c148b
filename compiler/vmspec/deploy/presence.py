"""Asks a host which of the networks, pools, volumes, bridges and cards that definitions name are there."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any
from xml.etree import ElementTree

from vmspec.deploy import embedded
from vmspec.deploy.binding import libvirt
from vmspec.deploy.host import HostConnection
from vmspec.plan.needs import HostInventory, Need

LOOPBACK = "lo"
"""Every host has it: a list of devices without it is not one of this host's network."""


def presence(host: HostConnection, wanted: Iterable[Need]) -> HostInventory:
    """One or two calls for each kind that is named at all, and one for each pool."""
    needs = list(dict.fromkeys(wanted))
    kinds = {need[0] for need in needs}
    known: dict[str, Mapping[str, bool]] = {}
    for kind, ask in ASK.items():
        found = ask(host) if kind in kinds else None
        if found is not None:
            known[kind] = found
    volumes: dict[tuple[str, str], bool] = {}
    for pool in dict.fromkeys(need[1] for need in needs if need[0] == "volume"):
        names = _volumes(host, pool) if known.get("pool", {}).get(pool) else None
        for need in needs if names is not None else ():
            if need[0] == "volume" and need[1] == pool:
                volumes[pool, need[2]] = need[2] in (names or ())
    return HostInventory(known, volumes)


def _objects(host: HostConnection, every: Callable[[Any], list[Any]], active: Callable[[Any], list[Any]]) -> dict[str, bool] | None:
    """None where the driver does not know such objects."""
    with suppress(libvirt().libvirtError):
        running = {str(each.name()) for each in active(host.connection)}
        return {str(each.name()): each.name() in running for each in every(host.connection)}
    return None


def _networks(host: HostConnection) -> dict[str, bool] | None:
    flag = libvirt().VIR_CONNECT_LIST_NETWORKS_ACTIVE
    return _objects(host, lambda to: to.listAllNetworks(), lambda to: to.listAllNetworks(flag))


def _pools(host: HostConnection) -> dict[str, bool] | None:
    flag = libvirt().VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE
    return _objects(host, lambda to: to.listAllStoragePools(), lambda to: to.listAllStoragePools(flag))


def _filters(host: HostConnection) -> dict[str, bool] | None:
    with suppress(libvirt().libvirtError):
        return {str(each.name()): True for each in host.connection.listAllNWFilters()}
    return None


def _volumes(host: HostConnection, pool: str) -> frozenset[str] | None:
    with suppress(libvirt().libvirtError):
        return frozenset(str(each.name()) for each in host.connection.storagePoolLookupByName(pool).listAllVolumes())
    return None


def _devices(host: HostConnection) -> dict[str, bool] | None:
    """Network devices of the kernel: as libvirt lists them, or, where the driver is part of this process, as this process sees them."""
    if embedded.root_of(host.uri) is not None:
        return {name: True for _, name in socket.if_nameindex()}
    module = libvirt()
    names: set[str] = set()
    with suppress(module.libvirtError):
        for device in host.connection.listAllDevices(module.VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET):
            name = ElementTree.fromstring(device.XMLDesc()).findtext("./capability/interface")
            names |= {name} if name else set()
    return dict.fromkeys(sorted(names), True) if LOOPBACK in names else None


ASK: Mapping[str, Callable[[HostConnection], dict[str, bool] | None]] = {
    "network": _networks,
    "pool": _pools,
    "bridge": _devices,
    "card": _devices,
    "filter": _filters,
}
