"""Which CPUs of the host vCPUs and the emulator run on."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_x86
from vmspec.model.value import CpuSet


@rule(4161, "empty-pin", phase=Phase.DEFINE, needs="vcpu iothread emulator")
def empty_pin(vm: Domain) -> Iterator[Finding]:
    """
    What: The pin of a vCPU, iothread or the emulator is empty.
    Why: libvirt 9.0.0 refuses an empty bitmap at define (virDomainVcpuPinDefParseXML and its kin, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { pin = 4,^4 }; vcpu 1 { pin = 5 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { pin = 4 }; vcpu 1 { pin = 5 }; emulator { pin = 0 } }
    """
    for kind, blocks in (("vcpu", vm.vcpu), ("iothread", vm.iothread)):
        for block in blocks:
            if block.pin is not None and not block.pin:
                yield Finding((kind, block.label, "pin"), f"the pin of {kind} {block.label} is empty")
    if vm.emulator is not None and vm.emulator.pin is not None and not vm.emulator.pin:
        yield Finding(("emulator", "pin"), "the pin of the emulator is empty")


@rule(4165, "pins-incomplete", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="vcpu cpu.pin")
def pins_incomplete(vm: Domain) -> Iterator[Finding]:
    """
    What: Some vCPUs are pinned and others float.
    Why: The floating ones run wherever the scheduler puts them, also on the CPUs of the pinned ones; mostly a pin was forgotten
    (docs/formatdomain.rst 9.0.0, "vcpupin": without one, all CPUs of `cpuset`).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu { count = 3 }; vcpu 0 { pin = 4 }; vcpu 1 { pin = 5 }; emulator { pin = 0 } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 2 }; vcpu 0 { pin = 4 }; vcpu 1 { pin = 5 }; emulator { pin = 0 } }
    """
    where = pins(vm)
    most = max_vcpus(vm)
    missing = [i for i in range(min(most, 4096)) if i not in where]
    if where and missing and not (vm.cpu is not None and vm.cpu.cpuset):
        yield Finding(("vcpu", str(min(where))), f"vCPU {CpuSet.of(missing)} is not pinned, and the others are")


@rule(4166, "emulator-on-vcpu-cpus", phase=Phase.FLEET, severity=Severity.WARNING, needs="vcpu cpu.pin")
def emulator_on_vcpu_cpus(vm: Domain) -> Iterator[Finding]:
    """
    What: vCPUs are pinned one to a CPU, and the emulator has no pin, or its pin lies within theirs.
    Why: The main loop, migration and device threads then interrupt vCPUs (docs/formatdomain.rst 9.0.0, "emulatorpin": without one, the CPUs
    of `cpuset`, else all); libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { pin = 4 }; vcpu 1 { pin = 5 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { pin = 4 }; vcpu 1 { pin = 5 }; emulator { pin = 0 } }
    """
    where = pins(vm)
    if not where or any(len(cpus) != 1 for cpus in where.values()):
        return
    taken = CpuSet.of(cpu for cpus in where.values() for cpu in cpus)
    own = vm.emulator.pin if vm.emulator is not None else None
    if own is None and not (vm.cpu is not None and vm.cpu.cpuset):
        yield Finding(
            ("vcpu", str(min(where))),
            f"vCPUs are pinned to {taken}, and QEMU's other threads may run there too",
            help="set emulator.pin to a housekeeping CPU",
        )
    elif own and own & taken == own:
        yield Finding(("emulator", "pin"), f"the emulator's CPUs {own} are those of pinned vCPUs ({taken})")


@rule(4167, "two-vcpus-on-cpu", phase=Phase.FLEET, needs="vcpu cpu.pin")
def two_vcpus_on_cpu(vm: Domain) -> Iterator[Finding]:
    """
    What: Two vCPUs of one VM are pinned to the same single CPU.
    Why: They take turns: a lock held by the one waits for the other's time slice. libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { pin = 4 }; vcpu 1 { pin = 4 }; emulator { pin = 0 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { pin = 4 }; vcpu 1 { pin = 5 }; emulator { pin = 0 } }
    """
    seen: dict[int, int] = {}
    for number, cpus in sorted(pins(vm).items()):
        if len(cpus) != 1:
            continue
        cpu = next(iter(cpus))
        first = seen.setdefault(cpu, number)
        if first != number:
            yield Finding(
                ("vcpu", str(number), "pin"),
                f"vCPUs {first} and {number} are both pinned to CPU {cpu}",
                labels=((("vcpu", str(first), "pin"), "the first"),),
            )


@rule(4173, "placement-auto", phase=Phase.START, severity=Severity.WARNING, needs="cpu.placement numa.placement")
def placement_auto(vm: Domain) -> Iterator[Finding]:
    """
    What: `placement = auto` for vCPUs or memory.
    Why: libvirt asks numad at each start; without it the start fails, with it the guest lies elsewhere each time (docs/formatdomain.rst
    9.0.0, "placement").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: operation failed: Failed to query numad for the advisory
    nodeset.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { placement = auto } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { cpuset = 0-3 } }
    """
    if vm.cpu is not None and vm.cpu.placement == "auto":
        yield Finding(("cpu", "placement"), "placement = auto needs numad and is another at each start", help="say cpu.cpuset or pins")
    elif vm.numa is not None and vm.numa.placement == "auto":
        yield Finding(("numa", "placement"), "placement = auto needs numad and is another at each start", help="say numa.nodeset")


@rule(4174, "smt-without-pins", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="cpu.topology")
def smt_without_pins(vm: Domain) -> Iterator[Finding]:
    """
    What: The guest's topology has several threads in a core, and its vCPUs are not pinned.
    Why: The guest's scheduler then packs or spreads by siblings that are none on the host (docs/formatdomain.rst 9.0.0, "topology"); side-
    channel mitigations rely on them too.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu { count = 4; mode = host-passthrough; topology { sockets = 1; cores = 2; threads = 2 } } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 4; mode = host-passthrough; topology { sockets = 1; cores = 4; threads = 1 } } }
    """
    shape = vm.cpu.topology if vm.cpu is not None else None
    if shape is not None and (shape.threads or 1) > 1 and not pins(vm) and is_x86(vm):
        yield Finding(
            ("cpu", "topology", "threads"),
            f"{shape.threads} threads in a core mean nothing while vCPUs float over the host",
            help="set threads = 1, or pin sibling vCPUs to sibling CPUs",
        )
