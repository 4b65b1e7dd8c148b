"""Versions that the host's block must have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import show_path
from vmspec.check.queries.since import newer_features
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.model.machine import dropped_by, is_deprecated
from vmspec.model.target import Software, shown, version

SINCE: Mapping[str, tuple[str, str]] = {"sev-snp": ("10.5.0", "9.1.0"), "tdx": ("11.6.0", "10.1.0")}
"""libvirt and QEMU that brought it (docs/formatdomain.rst, "Launch Security"; QEMU's change logs 9.1 and 10.1)."""


BESIDES: Mapping[str, str] = {
    "sev-snp": "an EPYC of the third generation or newer with SNP on in its firmware, and Linux 6.11 or newer on the host",
    "tdx": "a Xeon of the fifth generation or newer with TDX on in its firmware, and Linux 6.16 or newer on the host",
}
"""Linux 6.11 and 6.16 brought both to KVM (Documentation/virt/kvm/x86/amd-memory-encryption.rst, intel-tdx.rst)."""


@rule(6000, "target-too-old", phase=Phase.FLEET)
def target_too_old(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A VM uses a feature, or a word, that is newer than the libvirt that is meant. That is what `--target` says, else `[target]` in
    vmspec.toml, else, of a VM that is on no host, the oldest libvirt of the program's hosts.
    Why: An older libvirt drops an element that it does not know without a word, or refuses it where VALIDATE is asked for; a word of an
    enumeration it refuses. Of a host that says its own version 5014 speaks.
    Example:
        host n1 { libvirt = "9.0.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { memory.size = 1GiB; cpu.count = 1; iothread 1 { poll-max = 20us } }
    Instead:
        host n1 { libvirt = "9.4.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { memory.size = 1GiB; cpu.count = 1; iothread 1 { poll-max = 20us } }
    """
    own = {host.name for host in fleet.hosts if host.spec.libvirt}
    for vm in fleet.vms:
        have = fleet.software(vm).libvirt
        if have and vm.host not in own:
            for path, what, since in newer_features(vm.spec, have):
                message = f"{show_path((*path[:-1], what))} needs libvirt {since}, and libvirt {shown(have)} is meant"
                yield Finding(path, message, help=f"leave {path[-1]} out, or build for a newer libvirt", of=vm)


@rule(6100, "machine-dropped", phase=Phase.FLEET)
def machine_dropped(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A VM has a versioned machine type that the QEMU that is meant no longer has, or deprecates: then the QEMU that will drop it is
    named.
    Why: QEMU deprecates the types of a version after three years and removes them after six (docs/about/deprecated.rst of QEMU 9.1);
    libvirt refuses one that is gone at define. Another type changes what the guest sees: plan a stop for it.
    Example:
        host n1 { qemu = "11.1.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; machine = pc-q35-5.1 }
    Instead:
        host n1 { qemu = "11.1.0"; numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; machine = pc-q35-9.2 }
    """
    for vm in fleet.vms:
        qemu, machine = fleet.software(vm).qemu, str(vm.spec.machine or "")
        gone = dropped_by(machine) if qemu else None
        if gone is not None and qemu[:2] >= gone:
            message = f"{machine} was dropped by QEMU {shown(gone)}, and QEMU {shown(qemu)} is meant"
            yield Finding(("machine",), message, help="take a newer one: the guest sees other hardware", of=vm)
        elif gone is not None and is_deprecated(machine, qemu):
            message = f"QEMU {shown(qemu)} deprecates {machine}, and QEMU {shown(gone)} will drop it"
            yield Finding(("machine",), message, help="plan to move the guest to a newer one", severity=Severity.WARNING, of=vm)


@rule(4631, "snp-version", phase=Phase.START, needs="launch_security")
def snp_version(fleet: Fleet) -> Iterator[Finding]:
    """
    What: `launch-security.type` is sev-snp or tdx, and the host is not known to have a libvirt and a QEMU that know it.
    Why: libvirt knows sev-snp since 10.5.0 and tdx since 11.6.0 (docs/formatdomain.rst of those versions), QEMU since 9.1 and 10.1; older
    ones refuse the definition or the start. The host needs besides for sev-snp an EPYC of the third generation or newer and Linux 6.11, for
    tdx a Xeon of the fifth generation or newer and Linux 6.16. Place the VM on a host that says its versions (`libvirt`, `qemu`), or whose
    facts do.
    Example:
        host n1 { libvirt = "9.0.0"; vendor = amd; numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a {
          place = host(n1); memory.size = 1GiB; cpu.count = 2; machine = q35
          launch-security { type = sev-snp; policy = 0x30000 }
        }
    Instead:
        host n1 { libvirt = "10.5.0"; qemu = "9.1.0"; vendor = amd; numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a {
          place = host(n1); memory.size = 1GiB; cpu.count = 2; machine = q35
          launch-security { type = sev-snp; policy = 0x30000 }
        }
    """
    hosts = {host.name: host for host in fleet.hosts}
    for vm in fleet.vms:
        kind = vm.spec.launch_security.type if vm.spec.launch_security is not None else None
        from_xml = vm.spec.resolve is None and not vm.resolve  # is on no host: the schema says which libvirt knows it (7006)
        if kind in SINCE and not from_xml:
            host = hosts.get(vm.host or "")
            if host is not None and (host.spec.libvirt or host.spec.qemu or not fleet.target.libvirt):
                yield from _of_host(vm, str(kind), host)
            elif fleet.target.libvirt:
                yield from _of_target(vm, str(kind), fleet.target)
            else:
                yield _unplaced(vm, str(kind))


def _of_host(vm: Vm, kind: str, host: HostObject) -> Iterator[Finding]:
    for path, name, have, since in zip(
        ("libvirt", "qemu"), ("libvirt", "QEMU"), (host.spec.libvirt, host.spec.qemu), SINCE[kind], strict=True
    ):
        if have is None:
            yield Finding(
                ("launch-security", "type"),
                f"{kind} needs {name} {since}, and nothing says which {host.name} has",
                help=f'say it in the host\'s block, {path} = "{since}", or in its facts',
                notes=(f"it needs {BESIDES[kind]} too",),
                severity=Severity.WARNING,
                of=vm,
            )
        elif version(have) < version(since):
            yield Finding(
                ("launch-security", "type"),
                f"{kind} needs {name} {since}, and {host.name} has {have}",
                others=((host, (path,), "its version"),),
                notes=(f"it needs {BESIDES[kind]} too",),
                of=vm,
            )


def _of_target(vm: Vm, kind: str, target: Software) -> Iterator[Finding]:
    for name, have, since in zip(("libvirt", "QEMU"), (target.libvirt, target.qemu), SINCE[kind], strict=True):
        if have and have < version(since):
            said = f"{kind} needs {name} {since}, and {name} {shown(have)} is meant"
            yield Finding(("launch-security", "type"), said, notes=(f"it needs {BESIDES[kind]} too",), of=vm)


def _unplaced(vm: Vm, kind: str) -> Finding:
    libvirt, qemu = SINCE[kind]
    return Finding(
        ("launch-security", "type"),
        f"{kind} needs libvirt {libvirt} and QEMU {qemu}, and {vm.name} is placed on no host that says its versions",
        notes=(f"it needs {BESIDES[kind]} too",),
        help=f'place it on a host that says `libvirt = "{libvirt}"` and `qemu = "{qemu}"` or newer: then it is checked, and nothing warns',
        severity=Severity.WARNING,
        of=vm,
    )
