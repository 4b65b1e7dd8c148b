"""A VNC port that QEMU cannot name."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.graphics import Graphics


@rule(4820, "graphics-vnc-port", phase=Phase.START)
def vnc_port(graphics: Graphics) -> Iterator[Finding]:
    """
    What: The port of a VNC server is from 1 to 5899.
    Why: QEMU counts displays from port 5900; libvirt accepts lower ones at define and fails to start ("vnc port must be in range
    [5900,65535]", qemuProcessVNCAllocatePorts and qemuBuildGraphicsVNCCommandLine of libvirt 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: unsupported configuration: vnc port must be in range
    [5900,65535].
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; port = 5800 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; port = 5900 }
        }
    """
    if graphics.type == "vnc" and graphics.port is not None and 0 < graphics.port < 5900 and not graphics.autoport:
        yield Finding(("graphics", graphics.label, "port"), f"VNC ports begin at 5900, not {graphics.port}", instead="5900")
