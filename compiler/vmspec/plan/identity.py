"""A definition that keeps what the host already gave: the UUID and the MAC addresses of a VM that is matched by name."""

from __future__ import annotations

from vmspec.base.record import replace
from vmspec.emit.domain import domain_xml
from vmspec.model.block import Many, schema
from vmspec.model.devices.interface import Interface
from vmspec.model.domain import Domain
from vmspec.plan.compare import pairs
from vmspec.plan.state import Actual, Desired


def keeping_identity(wanted: Desired, there: Actual) -> Desired:
    """With the UUID and MACs of the host where the source says none."""
    domain = wanted.domain
    kept = domain.but(uuid=there.uuid, interface=_interfaces(domain, there.domain))
    return wanted if kept == domain else replace(wanted, uuid=there.uuid, xml=domain_xml(kept).encode())


def _interfaces(wanted: Domain, there: Domain) -> tuple[Interface, ...]:
    line = schema(Domain).by_name["interface"].line
    assert isinstance(line, Many)
    if not wanted.interface:
        return ()
    found: list[Interface] = []
    for old, new in pairs(there.interface, wanted.interface, line):
        if isinstance(new, Interface):
            found.append(new.but(mac=old.mac) if isinstance(old, Interface) and new.mac is None else new)
    return tuple(found)
