"""A forwarding without an address."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4805, "guestfwd", phase=Phase.DEFINE)
def guestfwd(vm: Domain) -> Iterator[Finding]:
    """
    What: A guestfwd channel without an IPv4 address and port.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrDefParseTargetXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          channel fwd { target = guestfwd; source = pipe("/tmp/fwd") }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          channel fwd { target = guestfwd; source = pipe("/tmp/fwd"); forward-address = 10.0.2.1; forward-port = 4600 }
        }
    """
    for channel in vm.channel:
        if channel.target != "guestfwd":
            continue
        if not channel.forward_address or not channel.forward_port:
            yield Finding(("channel", channel.label), "guestfwd needs forward-address and forward-port")
        elif ":" in channel.forward_address:
            yield Finding(("channel", channel.label, "forward-address"), "guestfwd forwards an IPv4 address only")
