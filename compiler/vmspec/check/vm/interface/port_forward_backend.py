"""Forwarded ports without the backend that forwards them."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4433, "interface-port-forward-backend", phase=Phase.ACCEPTED)
def port_forward_backend(interface: Interface) -> Iterator[Finding]:
    """
    What: Ports are forwarded on an interface that passt does not serve.
    Why: Only passt forwards ports (libvirt 9.0.0 docs/formatdomain.rst, "Userspace connection using passt").
    Observed: libvirt 9.0.0, QEMU 7.2: define takes it, and the command line of QEMU has nothing of it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = user(); port-forward ssh { proto = tcp; range r0 { start = 8022; to = 22 } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = user(); backend { type = passt }; port-forward ssh { proto = tcp; range r0 { start = 8022; to = 22 } } }
        }
    """
    passt = interface.backend is not None and interface.backend.type == "passt"
    if interface.port_forward and not passt:
        kind = interface.source.tag if interface.source is not None else "such"
        yield Finding(
            ("interface", interface.label, "port-forward", interface.port_forward[0].label),
            f"nothing forwards ports on a {kind} interface without passt",
            help="say backend { type = passt } on a user network",
        )
