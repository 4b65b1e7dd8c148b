"""A feature of another processor."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.build.fleet import HostObject, Vm
from vmspec.check.rule import Finding, Phase, rule


@rule(5015, "vendor-features", phase=Phase.FLEET)
def vendor_features(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `hyperv.evmcs` on an AMD host, or SEV on an Intel one.
    Why: evmcs is for Intel's VMX (docs/system/i386/hyperv.rst of QEMU 7.2), SEV is AMD's; the guest does not start.
    Example:
        host n1 { vendor = amd; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hyperv { vapic = true; evmcs = true } }
    Instead:
        host n1 { vendor = intel; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hyperv { vapic = true; evmcs = true } }
    """
    for vm in vms:
        hyperv, security = vm.spec.hyperv, vm.spec.launch_security
        if host.spec.vendor == "amd" and hyperv is not None and hyperv.evmcs:
            yield Finding(
                ("hyperv", "evmcs"), f"evmcs is for Intel, and {host.name} is AMD", others=((host, ("vendor",), "its vendor"),), of=vm
            )
        if host.spec.vendor == "intel" and security is not None and security.type in ("sev", "sev-snp"):
            yield Finding(
                ("launch-security", "type"),
                f"{security.type} is AMD's, and {host.name} is Intel",
                others=((host, ("vendor",), "its vendor"),),
                of=vm,
            )
