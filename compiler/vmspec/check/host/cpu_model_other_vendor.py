"""A CPU model of the maker whose processors the host does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.hosts import vendor
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.cpu_map import vendor_of

NAMES = {"intel": "Intel", "amd": "AMD"}


@rule(5027, "cpu-model-other-vendor", phase=Phase.FLEET, severity=Severity.WARNING)
def cpu_model_other_vendor(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM under KVM has a CPU model of Intel's and its host AMD processors, or the reverse. An error where the VM is to migrate
    (`migration.allowed`, which std.migratable sets).
    Why: KVM shows the host's maker whatever the model is, so the guest sees a processor that never was; newer models have features that the
    other maker lacks, and do not start. A guest does not migrate between makers (docs/formatdomain.rst of libvirt 9.0.0, "CPU model and
    topology").
    Example:
        host n1 { vendor = amd; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; mode = custom; model = Skylake-Server } }
    Instead:
        host n1 { vendor = amd; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; mode = custom; model = EPYC } }
    """
    theirs = vendor(host)
    for vm in vms:
        cpu = vm.spec.cpu
        model = cpu.model if cpu is not None and cpu.mode in (None, "custom") else None
        ours = vendor_of(model) if model is not None and vm.spec.type in (None, "kvm") else None
        if ours is not None and theirs in NAMES and ours != theirs:
            migrates = vm.spec.migration is not None and vm.spec.migration.allowed
            yield Finding(
                ("cpu", "model"),
                f"{model} is a model of {NAMES[ours]}'s, and {host.name} is {NAMES[theirs]}",
                others=((host, ("vendor",) if host.spec.vendor is not None else ("cpu-model",), "its processors"),),
                severity=Severity.ERROR if migrates else None,
                of=vm,
            )
