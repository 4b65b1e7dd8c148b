"""Settings that this version reads and does nothing with."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path, show_path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm
from vmspec.model.kinds import ObjectKind

MIGRATION = ("bandwidth", "max-downtime", "timeout", "parallel", "auto-converge", "postcopy", "tls", "dirty-rate")


@rule(6020, "no-effect-yet", phase=Phase.RUNTIME, severity=Severity.WARNING)
def no_effect_yet(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A setting that nothing in this version of vmc acts on: how a guest is moved, the size of a volume that would have to be made, the
    autostart of networks and pools.
    Why: They are in the language for what deploy will do with them. Until then a guest is moved by libvirt's defaults, a volume is made by
    hand, and `virsh net-autostart` and `pool-autostart` say what starts with the host.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; migration.bandwidth = 100MiB/s }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1 }
    """
    for vm in fleet.vms:
        for path in _idle(vm):
            yield Finding(path, f"{show_path(path)} has no effect in this version", of=vm)
    for each in (*fleet.of(ObjectKind.NETWORK), *fleet.of(ObjectKind.POOL)):
        if vars(each.spec).get("autostart"):
            yield Finding(("autostart",), f"autostart of {with_article(each.kind)} has no effect in this version", of=each)


def _idle(vm: Vm) -> Iterator[Path]:
    migration = vm.spec.migration
    for name in MIGRATION if migration is not None else ():
        if vars(migration).get(name.replace("-", "_")) is not None:
            yield ("migration", name)
    for disk in vm.spec.disk:
        if disk.size is not None:
            yield ("disk", disk.label, "size")
