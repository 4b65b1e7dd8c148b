"""A team without its other half."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.interfaces import is_virtio
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4425, "interface-teaming-persistent", phase=Phase.DEFINE)
def teaming_persistent(interface: Interface) -> Iterator[Finding]:
    """
    What: A transient teaming interface does not name the persistent one, or a persistent one names another.
    Why: libvirt 9.0.0 refuses it at define (virDomainNetDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          interface vf0 { source = hostdev(0000:3b:02.1, managed = true); teaming { type = transient } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          interface vf0 { source = hostdev(0000:3b:02.1, managed = true); teaming { type = transient; persistent = ua-eth0 } }
        }
    """
    team = interface.teaming
    if team is None:
        return
    here = ("interface", interface.label, "teaming")
    if team.type == "transient" and not team.persistent:
        yield Finding(
            here,
            "a transient interface names the persistent one of its team",
            help="set persistent = ua-… (the alias of the other interface)",
        )
    elif team.type != "transient" and team.persistent:
        yield Finding((*here, "persistent"), "only the transient interface of a team names the other")
    if team.type == "persistent" and not is_virtio(interface):
        yield Finding(here, f"the persistent interface of a team is a virtio card, not {interface.model or 'rtl8139'}")
    elif team.type == "transient" and interface.source is not None and interface.source.tag not in ("hostdev", "hostdev-usb", "network"):
        yield Finding(here, f"the transient interface of a team is a hostdev, not {interface.source.tag}")
