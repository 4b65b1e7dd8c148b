"""A feature of another processor."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.hosts import vendor
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.cpu_map import vendor_of_feature


@rule(5015, "vendor-features", phase=Phase.FLEET)
def vendor_features(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `hyperv.evmcs` on an AMD host, SEV on an Intel one, or a CPU feature that only the other maker has (svm, vmx).
    Why: evmcs is for Intel's VMX (docs/system/i386/hyperv.rst of QEMU 7.2), SEV is AMD's; the guest does not start.
    Example:
        host n1 { vendor = amd; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hyperv { vapic = true; evmcs = true } }
    Instead:
        host n1 { vendor = intel; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hyperv { vapic = true; evmcs = true } }
    """
    maker = vendor(host)
    its: Path = ("vendor",) if host.spec.vendor is not None else ("cpu-model",)
    for vm in vms:
        hyperv, security = vm.spec.hyperv, vm.spec.launch_security
        if maker == "amd" and hyperv is not None and hyperv.evmcs:
            yield Finding(("hyperv", "evmcs"), f"evmcs is for Intel, and {host.name} is AMD", others=((host, its, "its vendor"),), of=vm)
        if maker == "intel" and security is not None and security.type in ("sev", "sev-snp"):
            yield Finding(
                ("launch-security", "type"),
                f"{security.type} is AMD's, and {host.name} is Intel",
                others=((host, its, "its vendor"),),
                of=vm,
            )
        for name, policy in (vm.spec.cpu.features or {}).items() if vm.spec.cpu is not None and vm.spec.type in (None, "kvm") else ():
            other = vendor_of_feature(name)
            if maker in NAMES and other is not None and other != maker and policy in ("require", "force"):
                yield Finding(
                    ("cpu", "features", name),
                    f"{name} is {NAMES[other]}'s, and {host.name} is {NAMES[maker]}",
                    others=((host, its, "its vendor"),),
                    of=vm,
                )


NAMES = {"intel": "Intel", "amd": "AMD"}
