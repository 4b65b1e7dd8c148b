"""The processor's model: what libvirt fills in, and what it does not write."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.model.cpu import Cpu
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, has_default_cpu, is_s390, is_x86, machine
from vmspec.model.value import Symbol, Value
from vmspec.normal.edit import filled, made, without
from vmspec.normal.target import Target

_MODEL = ("mode", "match", "check", "migratable", "model", "fallback", "vendor_id", "vendor", "topology", "cache", "maxphysaddr",
          "features")  # fmt: skip


def parsed(vm: Domain, target: Target) -> Domain:
    """Mode custom, match exact, a die in each socket, features required (virCPUDefParseXML, src/conf/cpu_conf.c 9.0.0)."""
    cpu = vm.cpu
    if cpu is None or not _stands(vm):
        return vm
    if cpu.mode is None:
        cpu = cpu.but(mode=Symbol("custom"))
    if cpu.mode == "custom":
        cpu = filled(cpu, match=Symbol("exact"))
    if cpu.mode in ("custom", "host-model") and cpu.model is not None:
        cpu = filled(cpu, fallback=Symbol("allow"))
    if cpu.topology is not None:
        cpu = cpu.but(topology=filled(cpu.topology, dies=1))
    return vm.but(cpu=cpu)


def default_model(vm: Domain, target: Target) -> Domain:
    """The machine's own model where none is named (qemuDomainDefSetDefaultCPU, src/qemu/qemu_domain.c 9.0.0)."""
    cpu = vm.cpu
    if cpu is not None and (cpu.mode not in (None, "custom") or cpu.model is not None):
        return vm
    if not has_default_cpu(vm):
        return vm
    name = target.default_cpus.get(f"{arch(vm)}/{machine(vm)}/{vm.type}") or target.default_cpus.get(_binary(vm))
    if name is None:
        return vm
    if name == "host":
        mode = "host-model" if is_s390(vm) and target.host_model else "host-passthrough"
        return vm.but(cpu=made(cpu, Cpu, mode=Symbol(mode)))
    words = {"mode": Symbol("custom"), "match": Symbol("exact"), "check": Symbol("none"), "fallback": Symbol("forbid")}
    return vm.but(cpu=made(cpu, Cpu, model=Symbol(name), **words))


def _binary(vm: Domain) -> str:
    """The architecture that QEMU was built for: its 64-bit binary also runs 32-bit guests, with its own default model."""
    return "x86_64" if arch(vm) == "i686" and str(vm.emulator_path).endswith("x86_64") else arch(vm)


def checks(vm: Domain, target: Target) -> Domain:
    """What is compared with the host, whether it can migrate, SVE with its vector lengths
    (qemuDomainDefCPUPostParse, src/qemu/qemu_domain.c 9.0.0)."""
    cpu = vm.cpu
    if cpu is None or not _stands(vm):
        return vm
    cpu = cpu if cpu.features is None else cpu.but(features=_with_sve(cpu.features))
    if cpu.mode == "host-passthrough" and (target.has("cpu.migratable") or is_x86(vm)):
        cpu = filled(cpu, migratable=target.has("cpu.migratable"))
    if cpu.mode == "custom" and cpu.model is None:
        return vm.but(cpu=cpu)
    none = cpu.mode in ("host-passthrough", "maximum") or (cpu.mode == "custom" and vm.type == "qemu")
    return vm.but(cpu=filled(cpu, check=Symbol("none" if none else "partial")))


def _with_sve(features: Mapping[str, Value]) -> Mapping[str, Value]:
    lengths = any(name.startswith("sve") and name != "sve" for name in features)
    return {**features, "sve": Symbol("require")} if lengths else features


def written(vm: Domain, target: Target) -> Domain:
    """Attributes only beside a model or a mode; a model only in the modes that have one (virCPUDefFormatBufFull,
    src/conf/cpu_conf.c 9.0.0)."""
    cpu = vm.cpu
    if cpu is None:
        return vm
    if cpu.mode in (None, "custom") and cpu.model is None:
        cpu = without(cpu, "mode", "match", "check", "migratable", "fallback")
    elif cpu.mode != "custom":
        cpu = without(cpu, "match")
        if cpu.mode != "host-model":
            cpu = without(cpu, "model", "fallback", "vendor_id", "vendor")
    if cpu.mode not in ("host-passthrough", "maximum"):
        cpu = without(cpu, "migratable")
    if cpu.model is None:
        cpu = without(cpu, "fallback")
    return vm.but(cpu=cpu)


def _stands(vm: Domain) -> bool:
    """Whether there is a `cpu` element at all; the block has vCPUs and limits too."""
    return vm.cpu is not None and any(getattr(vm.cpu, name) for name in _MODEL)
