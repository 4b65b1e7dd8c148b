"""IP addresses of the two ends."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.check.rule import Finding, Phase, rule
from vmspec.check.vm.interface.source import by_passt
from vmspec.model.devices.interface import Interface


@rule(4426, "interface-guest-address", phase=Phase.DEFINE, needs="ip route")
def guest_address(interface: Interface) -> Iterator[Finding]:
    """
    What: `ip` or `route` of the guest on an interface that is not a user network, several of one family, or a prefix that slirp does not
    take.
    Why: QEMU's user network hands out one IPv4 (prefix 4–27) and one IPv6 address (prefix 64); libvirt 9.0.0 refuses the rest at define
    (qemuValidateDomainDeviceDefNetwork, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Invalid attempt to set network interface guest-side IP
    route and/or address info, not supported by QEMU.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); ip { address = 192.168.7.2; prefix = 24 } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = user(); ip { address = 192.168.7.2; prefix = 24 } } }
    """
    if not interface.ip and not interface.route:
        return
    first = (
        ("interface", interface.label, "ip", interface.ip[0].label)
        if interface.ip
        else ("interface", interface.label, "route", interface.route[0].label)
    )
    if interface.source is None or interface.source.tag != "user":
        yield Finding(
            first,
            "QEMU gives the guest no address on this kind of interface",
            help="configure the address inside the guest",
            until=by_passt(interface),
        )
        return
    if interface.route:
        yield Finding(("interface", interface.label, "route", interface.route[0].label), "QEMU gives the guest no routes")
    for family in ("ipv4", "ipv6"):
        some = [ip for ip in interface.ip if ip.address and (":" in ip.address) == (family == "ipv6")]
        for ip in some[1:]:
            yield Finding(("interface", interface.label, "ip", ip.label), f"a user network has one {family} address, not several")
        for ip in some[:1]:
            wrong = ip.prefix and (ip.prefix != 64 if family == "ipv6" else not 4 <= ip.prefix <= 27)
            if wrong:
                yield Finding(
                    ("interface", interface.label, "ip", ip.label, "prefix"),
                    f"a user network's {family} prefix is {'64' if family == 'ipv6' else 'from 4 to 27'}, not {ip.prefix}",
                )


@rule(4427, "interface-host-address", phase=Phase.DEFINE, needs="source target_managed")
def host_address(interface: Interface) -> Iterator[Finding]:
    """
    What: An unmanaged target on an interface that is not of kind ethernet.
    Why: libvirt 9.0.0 refuses it at define (virDomainNetDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unmanaged target dev is not supported on interfaces of
    type 'bridge'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); target = tap7; target-managed = false } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = ethernet(); target = tap7; target-managed = false } }
    """
    if interface.target_managed is False and interface.source is not None and interface.source.tag != "ethernet":
        yield Finding(
            ("interface", interface.label, "target-managed"), f"{with_article(interface.source.tag)} interface has no unmanaged device"
        )
