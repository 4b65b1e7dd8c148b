"""A CPU model or feature that came after the host's libvirt."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hosts import version
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.cpu_map import is_later
from vmspec.model.machine import is_x86


@rule(5028, "cpu-name-later", phase=Phase.START)
def cpu_name_later(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM names a CPU model or feature that libvirt knows only after 9.0, and its host has 9.0 or older.
    Why: define accepts any name, and the start fails (observed with libvirt 9.0.0 and QEMU 7.2: "Unknown CPU model SapphireRapids").
    Example:
        host n1 { libvirt = "9.0.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; mode = custom; model = SapphireRapids } }
    Instead:
        host n1 { libvirt = "9.0.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; mode = custom; model = Icelake-Server-noTSX } }
    """
    have = version(host.spec.libvirt)
    if not have or have[:2] > (9, 0):
        return
    for vm in vms:
        cpu = vm.spec.cpu
        if cpu is None or not is_x86(vm.spec):
            continue
        named = [(("cpu", "model"), str(cpu.model))] if cpu.model is not None and cpu.mode in (None, "custom") else []
        for path, name in [*named, *((("cpu", "features", name), name) for name in cpu.features or {})]:
            if is_later(name):
                yield Finding(
                    path,
                    f"{name} came after libvirt 9.0, and {host.name} has {host.spec.libvirt}",
                    others=((host, ("libvirt",), "its version"),),
                    of=vm,
                )
