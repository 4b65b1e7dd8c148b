"""Two listeners at one socket."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.chardevs import sources
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm
from vmspec.model.devices.chardev import UnixSource
from vmspec.model.devices.network import VhostUserSource


@rule(6008, "socket-twice", phase=Phase.FLEET)
def socket_twice(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host listen at the same Unix socket.
    Why: The second removes the first one's socket and takes its place: whoever connects talks to the wrong guest (QEMU unlinks the path
    before bind, util/qemu-sockets.c).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; serial { source = unix("/run/x.sock", mode = bind) } }
        vm b { memory.size = 1GiB; cpu.count = 1; serial { source = unix("/run/x.sock", mode = bind) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; serial { source = unix("/run/a.sock", mode = bind) } }
        vm b { memory.size = 1GiB; cpu.count = 1; serial { source = unix("/run/b.sock", mode = bind) } }
    """
    seen: dict[tuple[str | None, str], tuple[Vm, Path]] = {}
    for vm in fleet.vms:
        listeners: list[tuple[Path, str]] = [
            ((*path, "source"), source.path)
            for path, source, _ in sources(vm.spec)
            if isinstance(source, UnixSource) and source.path and source.mode == "bind"
        ]
        listeners += [
            (("interface", c.label, "source"), c.source.path)
            for c in vm.spec.interface
            if isinstance(c.source, VhostUserSource) and c.source.mode == "server" and c.source.path
        ]
        for at, socket in listeners:
            first, where = seen.setdefault((vm.host, socket), (vm, at))
            if first is not vm:
                yield Finding(at, f"{first.name} and {vm.name} both listen at {socket}", others=((first, where, "the first"),), of=vm)
