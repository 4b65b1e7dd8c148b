"""passt on another interface than a user network."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4428, "interface-passt-source", phase=Phase.DEFINE)
def passt_source(interface: Interface) -> Iterator[Finding]:
    """
    What: The backend passt on an interface that is not a user network.
    Why: libvirt 9.0.0 refuses it at define (virDomainNetDefValidate, src/conf/domain_validate.c; vhost-user with passt came with 11.1.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid value for attribute 'type' in element 'backend': 'passt'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); backend { type = passt } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = user(); backend { type = passt } }
        }
    """
    passt = interface.backend is not None and interface.backend.type == "passt"
    if passt and interface.source is not None and interface.source.tag not in ("user", "vhostuser"):
        yield Finding(
            ("interface", interface.label, "backend", "type"), f"passt serves user networks, not a {interface.source.tag} interface"
        )
    for forward in interface.port_forward:
        for ports in forward.range:
            if ports.start is None and (ports.end is not None or ports.to is not None or ports.exclude is not None):
                yield Finding(
                    ("interface", interface.label, "port-forward", forward.label, "range", ports.label),
                    "a range of forwarded ports needs start",
                )
