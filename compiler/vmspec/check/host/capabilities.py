"""What the host's libvirt, QEMU and CPU can do."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path, show_path
from vmspec.check.queries.hosts import vendor
from vmspec.check.queries.since import newer_features
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.cpu_map import is_later, vendor_of, vendor_of_feature
from vmspec.model.machine import RED_HAT, arch, is_red_hat, is_x86, version_of
from vmspec.model.target import version

NAMES = {"intel": "Intel", "amd": "AMD"}
"""Vendors by the word of the language."""


@rule(5014, "libvirt-too-old", phase=Phase.FLEET)
def libvirt_too_old(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM uses a feature that is newer than the libvirt of its host (`host.libvirt`).
    Why: An older libvirt refuses it by its schema, or drops it without a word where VALIDATE is not asked for.
    Example:
        host n1 { libvirt = "8.0.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; iothread 1 { poll-max = 20us } }
    Instead:
        host n1 { libvirt = "9.4.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; iothread 1 { poll-max = 20us } }
    """
    have = version(host.spec.libvirt)
    if not have:
        return
    for vm in vms:
        for path, what, since in newer_features(vm.spec, have):
            yield Finding(
                path,
                f"{show_path((*path[:-1], what))} needs libvirt {since}, and {host.name} has {host.spec.libvirt}",
                others=((host, ("libvirt",), "its version"),),
                help=f"leave {path[-1]} out, or place {vm.name} on a host with libvirt {since} or newer",
                of=vm,
            )


@rule(5015, "vendor-features", phase=Phase.FLEET, needs="hyperv launch_security cpu.features")
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


@rule(5016, "kvm-architecture", phase=Phase.START, needs="arch")
def kvm_architecture(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM of type kvm has another architecture than its host.
    Why: KVM runs the host's own instructions; libvirt refuses the pair where it knows the host (virQEMUCapsIsVirtTypeSupported, libvirt
    9.0.0).
    Example:
        host n1 { arch = aarch64; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1 }
    Instead:
        host n1 { arch = x86_64; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1 }
    """
    for vm in vms:
        own, theirs = arch(vm.spec), str(host.spec.arch or "x86_64")
        compatible = own == theirs or (own, theirs) in (
            ("i686", "x86_64"),
            ("armv7l", "aarch64"),
            ("ppc64", "ppc64le"),
            ("ppc64le", "ppc64"),
        )
        if vm.spec.type in (None, "kvm") and not compatible:
            yield Finding(
                ("arch",),
                f"{vm.name} is {own} under KVM, and {host.name} is {theirs}",
                others=((host, ("arch",), "its architecture"),),
                help="set type = qemu to emulate it",
                of=vm,
            )


@rule(5027, "cpu-model-other-vendor", phase=Phase.FLEET, severity=Severity.WARNING, needs="cpu.model")
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


@rule(5028, "cpu-name-later", phase=Phase.START, needs="cpu")
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


@rule(5029, "machine-absent", phase=Phase.FLEET)
def machine_absent(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM's machine type is not one of its host's QEMU: it is newer than `host.qemu`, or Red Hat's where the host is no Red Hat
    system, or upstream's where it is one.
    Why: QEMU has the machine types of its own version and of older ones; libvirt refuses others at define ("Emulator … does not support
    machine type", virQEMUCapsIsMachineSupported, 9.0.0). Red Hat's qemu-kvm has only types such as pc-q35-rhel9.2.0.
    Example:
        host n1 { qemu = "6.2.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; machine = pc-q35-8.2 }
    Instead:
        host n1 { qemu = "8.2.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; machine = pc-q35-8.2 }
    """
    have, system = version(host.spec.qemu), host.spec.os
    for vm in vms:
        machine = str(vm.spec.machine or "")
        needs = version_of(machine)
        why = None
        if needs is not None and have and needs > have[:2]:
            why = f"{machine} came with QEMU {needs[0]}.{needs[1]}, and {host.name} has {host.spec.qemu}"
        elif needs is not None and system in RED_HAT:
            why = f"{host.name} is {system}, whose QEMU does not have {machine}"
        elif is_red_hat(machine) and system is not None and system not in RED_HAT:
            why = f"{machine} is a machine type of Red Hat's QEMU, and {host.name} is {system}"
        if why is not None:
            yield Finding(
                ("machine",),
                why,
                others=((host, ("qemu",) if host.spec.qemu is not None else ("os",), "the host"),),
                help="leave the version out (q35): the host's newest is taken and kept in the lock",
                of=vm,
            )
