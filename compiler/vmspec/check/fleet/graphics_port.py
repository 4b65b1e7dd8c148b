"""Two servers at one port."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm


@rule(6007, "graphics-port", phase=Phase.FLEET)
def graphics_port(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host have a graphics server at the same fixed port.
    Why: The second guest does not start ("Failed to bind socket: Address already in use", QEMU); libvirt accepts it at define.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; graphics { type = vnc; port = 5901 } }
        vm b { memory.size = 1GiB; cpu.count = 1; graphics { type = vnc; port = 5901 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; graphics { type = vnc; port = 5901 } }
        vm b { memory.size = 1GiB; cpu.count = 1; graphics { type = vnc; port = 5902 } }
    """
    seen: dict[tuple[str | None, int], tuple[Vm, str]] = {}
    for vm in fleet.vms:
        for graphics in vm.spec.graphics:
            if not graphics.port or graphics.port < 0 or graphics.autoport or graphics.type not in ("vnc", "spice", "rdp"):
                continue
            first, label = seen.setdefault((vm.host, graphics.port), (vm, graphics.label))
            if first is not vm:
                yield Finding(
                    ("graphics", graphics.label, "port"),
                    f"{first.name} and {vm.name} both listen at port {graphics.port}",
                    others=((first, ("graphics", label, "port"), "the first"),),
                    help="use autoport = true",
                    of=vm,
                )
