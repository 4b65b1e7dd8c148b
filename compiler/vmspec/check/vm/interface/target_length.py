"""A device name that the kernel does not take."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4405, "interface-target-length", phase=Phase.START)
def target_length(interface: Interface) -> Iterator[Finding]:
    """
    What: `target` has more than 15 characters.
    Why: Linux device names have at most 15 (IFNAMSIZ, include/uapi/linux/if.h); libvirt accepts longer ones at define and fails to start.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: Network interface name 'trading-feed-a-0' is too long:
    Numerical result out of range.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); target = trading-feed-a-0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); target = feed-a-0 }
        }
    """
    if interface.target and len(interface.target) > 15:
        yield Finding(
            ("interface", interface.label, "target"),
            f"{interface.target} has {len(interface.target)} characters, and Linux device names have at most 15",
        )
