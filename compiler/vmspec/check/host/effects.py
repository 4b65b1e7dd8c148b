"""Settings of a host that have no effect on it, or another one than is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.check.queries.hosts import is_derived, smt_off, vendor
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.model.facts import HostFacts

OF_MAKER = {
    "intel": re.compile(r"intel_iommu|intel_idle\..+|intel_pstate|kvm_intel\..+"),
    "amd": re.compile(r"amd_iommu|amd_pstate|kvm_amd\..+"),
}
"""Arguments and parameters that the other maker's processors have no driver for (Linux
Documentation/admin-guide/kernel-parameters.txt)."""
NOT_REAL_TIME = re.compile(r"[0-9.]+-[0-9]+-(cloud-)?(amd64|arm64)|.*-(generic|lowlatency)|(?!.*rt).*\.el[0-9]+(_[0-9]+)?\.[a-z0-9_]+")
"""Names of distributions' kernels that have a real-time twin: Debian's `-rt-amd64`, Ubuntu's `-realtime`, Red Hat's `.rt7…` and `+rt`."""


@rule(5056, "setting-of-other-maker", phase=Phase.FLEET, severity=Severity.WARNING, needs="kernel modprobe")
def setting_of_other_maker(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A kernel argument or a parameter of a module is for Intel's processors, and the host has AMD's, or the other way.
    Why: The driver never starts there, and nothing says so: nested guests, the IOMMU or idle states are as if nothing was set.
    Example:
        host n1 { vendor = amd; numa 0 { cpus = 0-3; memory = 16GiB }; modprobe { kvm_intel.nested = 1 } }
    Instead:
        host n1 { vendor = amd; numa 0 { cpus = 0-3; memory = 16GiB }; modprobe { kvm_amd.nested = 1 } }
    """
    own = vendor(host)
    if own not in OF_MAKER:
        return
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    paths: list[Path] = [*(("kernel", "args", name) for name in args), *(("modprobe", name) for name in host.spec.modprobe)]
    for path in paths:
        maker = next((maker for maker, names in OF_MAKER.items() if names.fullmatch(path[-1].replace("-", "_"))), own)
        if maker != own and not is_derived(host, path):
            yield Finding(path, f"{path[-1]} is for {maker}, and {host.name} has processors of {own}", of=host)


@rule(5057, "real-time-kernel-absent", phase=Phase.FLEET, needs="realtime_kernel")
def real_time_kernel_absent(host: HostObject, vms: tuple[Vm, ...], fleet: Fleet) -> Iterator[Finding]:
    """
    What: A host is to have a kernel with PREEMPT_RT, by its own word or a guest's, and its facts or its `kernel-version` name one without.
    Why: On another kernel a vCPU waits for whatever holds a lock with preemption off, and the deadlines of its guest are not met.
    Example:
        host n1 { os = debian; kernel-version = "6.1.0-18-amd64"; realtime-kernel = true }
    Instead:
        host n1 { os = debian; kernel-version = "6.1.0-18-rt-amd64"; realtime-kernel = true }
    """
    if not host.spec.realtime_kernel:
        return
    facts = fleet.facts.get(host.name, HostFacts())
    release = str(host.spec.kernel_version or "")
    built = facts.kernel_config.get("PREEMPT_RT")
    if built == "n" or (built is None and NOT_REAL_TIME.fullmatch(release)):
        packages = {"debian": "linux-image-rt-amd64", "ubuntu": "linux-realtime"}
        help_ = f"install {packages.get(str(host.spec.os), 'kernel-rt')}, and say its version"
        yield Finding(("kernel-version",), f"{host.name} is to have a real-time kernel, and {release} is none", help=help_, of=host)


@rule(5058, "polling-idle-thread", phase=Phase.FLEET, severity=Severity.WARNING, needs="kernel")
def polling_idle_thread(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `idle = poll` on a host whose cores have two threads.
    Why: An idle thread then spins, and takes half of its core from the thread that works (Linux Documentation/admin-guide/
    kernel-parameters.txt: "not recommended" with SMT); a limit on the wake-up latency of isolated CPUs does what is meant.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; siblings = ["0,2", "1,3"]; kernel.args { idle = poll } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; siblings = ["0,2", "1,3"]; wake-latency = 2 }
    """
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    threads = any(len(core) > 1 for core in host.spec.siblings or ())
    if str(args.get("idle")) == "poll" and threads and smt_off(host) is None:
        yield Finding(("kernel", "args", "idle"), f"an idle thread of {host.name} takes half of its core from the other one", of=host)
