"""A tap device of one's own where there is none."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface

_WITHOUT = ("hostdev", "hostdev-usb", "vhostuser", "user", "direct", "server", "client", "mcast", "udp", "internal", "vdpa", "null")


@rule(4429, "interface-tap-path", phase=Phase.START)
def tap_path(interface: Interface) -> Iterator[Finding]:
    """
    What: `backend.tap` on an interface of kind hostdev, vhostuser, user or direct.
    Why: libvirt 9.0.0 refuses it (qemuBuildInterfaceCommandLine and qemuBuildHostNetProps, src/qemu/qemu_command.c: "custom tap device path
    is not supported").
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = hostdev(0000:3b:02.1, managed = true); backend { tap = "/dev/net/tun" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); backend { tap = "/dev/net/tun" } }
        }
    """
    if interface.backend is not None and interface.backend.tap and interface.source is not None and interface.source.tag in _WITHOUT:
        yield Finding(("interface", interface.label, "backend", "tap"), f"a {interface.source.tag} interface has no tap device")
