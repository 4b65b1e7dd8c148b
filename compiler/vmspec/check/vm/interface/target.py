"""The name of the device at the host's end."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4404, "interface-target-dropped", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="target")
def target_dropped(interface: Interface) -> Iterator[Finding]:
    """
    What: `target` begins with `vnet`, `vif`, `macvtap` or `macvlan`.
    Why: These prefixes are libvirt's own, and it drops such names at define without a word (virDomainNetDefParseXML, src/conf/domain_conf.c
    9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); target = vnet7 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); target = feed0 } }
    """
    name = interface.target
    if name and name.startswith(("vnet", "vif", "macvtap", "macvlan")):
        yield Finding(("interface", interface.label, "target"), f"libvirt drops the name {name}: the prefix is its own")


@rule(4405, "interface-target-length", phase=Phase.START, needs="target")
def target_length(interface: Interface) -> Iterator[Finding]:
    """
    What: `target` has more than 15 characters.
    Why: Linux device names have at most 15 (IFNAMSIZ, include/uapi/linux/if.h); libvirt accepts longer ones at define and fails to start.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: Network interface name 'trading-feed-a-0' is too long:
    Numerical result out of range.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); target = trading-feed-a-0 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); target = feed-a-0 } }
    """
    if interface.target and len(interface.target) > 15:
        yield Finding(
            ("interface", interface.label, "target"),
            f"{interface.target} has {len(interface.target)} characters, and Linux device names have at most 15",
        )


_WITHOUT = ("hostdev", "hostdev-usb", "vhostuser", "user", "direct", "server", "client", "mcast", "udp", "internal", "vdpa", "null")


@rule(4429, "interface-tap-path", phase=Phase.START, needs="backend")
def tap_path(interface: Interface) -> Iterator[Finding]:
    """
    What: `backend.tap` on an interface of kind hostdev, vhostuser, user or direct.
    Why: libvirt 9.0.0 refuses it (qemuBuildInterfaceCommandLine and qemuBuildHostNetProps, src/qemu/qemu_command.c: "custom tap device path
    is not supported").
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = hostdev(0000:3b:02.1, managed = true); backend { tap = "/dev/net/tun" } }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = bridge("br0"); backend { tap = "/dev/net/tun" } } }
    """
    if interface.backend is not None and interface.backend.tap and interface.source is not None and interface.source.tag in _WITHOUT:
        yield Finding(("interface", interface.label, "backend", "tap"), f"{with_article(interface.source.tag)} interface has no tap device")
