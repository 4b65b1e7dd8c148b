"""What a guest does: runs, is paused, is off, has crashed; and whether it is up by what its agent and its addresses say."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from vmspec.deploy.binding import Refused, libvirt, said
from vmspec.deploy.host import HostConnection

STATES = {1: "running", 2: "blocked", 3: "paused", 4: "shutting down", 5: "shut off", 6: "crashed", 7: "suspended"}
"""VIR_DOMAIN_RUNNING… (include/libvirt/libvirt-domain.h 9.0.0), in virsh's words."""
BLOCKED, SHUT_OFF, OF_CRASH = 2, 5, 3
"""VIR_DOMAIN_BLOCKED: waits for a resource, which is running too; VIR_DOMAIN_SHUTOFF, and VIR_DOMAIN_SHUTOFF_CRASHED."""


def conditions(host: HostConnection) -> dict[str, str]:
    """Of every domain by UUID, in one call; nothing where the driver has no such call."""
    module = libvirt()
    with suppress(module.libvirtError):
        stats = host.connection.getAllDomainStats(module.VIR_DOMAIN_STATS_STATE)
        return {str(each.UUIDString()): _condition(held.get("state.state"), held.get("state.reason")) for each, held in stats}
    return {}


def condition(host: HostConnection, uuid: str) -> str:
    try:
        state, reason = host.domain(uuid).state()[:2]
    except libvirt().libvirtError as error:
        raise Refused(said(error)) from None
    return _condition(state, reason)


def _condition(state: int | None, reason: int | None) -> str:
    if state == SHUT_OFF and reason == OF_CRASH:
        return "crashed"
    return "running" if state == BLOCKED else STATES.get(state or 0, "")


def has_agent(host: HostConnection, uuid: str) -> bool:
    """Whether the guest's agent answers."""
    return _addresses(host, uuid, "AGENT") is not None


def has_address(host: HostConnection, uuid: str) -> bool:
    """Whether the guest has an address, as its agent, a network's leases or the host's ARP table say."""
    found = ((_addresses(host, uuid, source) or {}).items() for source in ("AGENT", "LEASE", "ARP"))
    return any(device != "lo" and held.get("addrs") for devices in found for device, held in devices)


def _addresses(host: HostConnection, uuid: str, source: str) -> dict[str, Any] | None:
    """None where that source does not answer."""
    module = libvirt()
    with suppress(module.libvirtError):
        found: dict[str, Any] = host.domain(uuid).interfaceAddresses(getattr(module, f"VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_{source}"))
        return found or {}
    return None
