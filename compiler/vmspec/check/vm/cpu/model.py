"""The CPU model: how it is named, and what goes with which mode."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.suggest import likeliest, question
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.cpu_map import is_model, models
from vmspec.model.domain import Domain
from vmspec.model.machine import has_default_cpu, is_qemu, is_x86


@rule(4102, "cpu-custom-without-model", phase=Phase.ACCEPTED, needs="mode match check")
def custom_without_model(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.mode = custom` without a model.
    Why: libvirt accepts it and starts QEMU's default CPU: qemu64, which hides nearly all of the host's instructions (observed with libvirt
    9.0.0). With `check` it is refused (virDomainDefPostParseCPU, src/conf/domain_postparse.c).
    Example:
        vm a { resolve = false; memory.size = 1GiB; features { acpi = true }; cpu { count = 1; mode = custom } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = custom; model = Skylake-Server } }
    """
    if cpu.mode == "custom" and not cpu.model and not cpu.features:
        yield Finding(("cpu", "mode"), "a custom CPU without a model is qemu64", help="set cpu.model, or cpu.mode = host-model")


@rule(4103, "cpu-check-without-model", phase=Phase.DEFINE, needs="check")
def check_without_model(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.check` is set on a CPU without a model or mode, on a machine for which libvirt knows no default model.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseCPU, src/conf/domain_postparse.c). On x86, POWER and s390x, and on ARM
    with type = qemu, it has filled in QEMU's default model by then (qemuDomainDefSetDefaultCPU, src/qemu/qemu_domain.c): see 4117.
    Observed: libvirt 9.0.0, QEMU 7.0's capabilities: define refuses it: unsupported configuration: check attribute specified for CPU with
    no model.
    Example:
        vm a { resolve = false; type = kvm; arch = aarch64; machine = virt; memory.size = 1GiB; cpu { count = 1; check = full } }
    Instead:
        vm a {
          resolve = false; type = kvm; arch = aarch64; machine = virt; memory.size = 1GiB
          cpu { count = 1; mode = host-passthrough; check = full }
        }
    """
    if cpu.check is not None and cpu.mode in (None, "custom") and not cpu.model and not has_default_cpu(vm):
        yield Finding(("cpu", "check"), f"check = {cpu.check} has no CPU model to compare with")


@rule(4105, "cpu-model-dropped", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="model")
def model_dropped(cpu: Cpu) -> Iterator[Finding]:
    """
    What: A model is named with mode host-passthrough, host-model or maximum.
    Why: The host decides in these modes; libvirt drops the model without a word (virCPUDefParseXML and virCPUDefFormatBuf,
    src/conf/cpu_conf.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = host-passthrough; model = Nehalem } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = custom; model = Nehalem } }
    """
    if cpu.model and cpu.mode in ("host-passthrough", "host-model", "maximum"):
        yield Finding(
            ("cpu", "model"), f"model {cpu.model} has no effect in mode {cpu.mode}", labels=((("cpu", "mode"), "the host decides"),)
        )


@rule(4106, "cpu-vendor-without-model", phase=Phase.DEFINE, needs="vendor")
def vendor_without_model(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.vendor` is set and no model is.
    Why: libvirt 9.0.0 refuses it at define (virCPUDefParseXML, src/conf/cpu_conf.c).
    Example:
        vm a { resolve = false; memory.size = 1GiB; features { acpi = true }; cpu { count = 1; vendor = Intel } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { vendor = Intel; model = Nehalem } }
    """
    if cpu.vendor and not cpu.model and cpu.mode in (None, "custom"):
        yield Finding(("cpu", "vendor"), f"vendor {cpu.vendor} needs a CPU model")


@rule(4107, "cpu-vendor-id-length", phase=Phase.DEFINE, needs="vendor_id")
def vendor_id_length(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.vendor-id` has not exactly 12 characters, or has a comma.
    Why: CPUID has 12 bytes for it; libvirt 9.0.0 refuses others at define (virCPUDefParseXML, src/conf/cpu_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { model = Nehalem; vendor-id = "Intel" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { model = Nehalem; vendor-id = "GenuineIntel" } }
    """
    if cpu.vendor_id and (len(cpu.vendor_id) != 12 or "," in cpu.vendor_id):
        yield Finding(("cpu", "vendor-id"), f"vendor-id {cpu.vendor_id!r} is not 12 characters without a comma")


@rule(4117, "cpu-check-dropped", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="check")
def check_dropped(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.check = partial` or `full` on a CPU without a model or mode.
    Why: libvirt fills in QEMU's default model and turns the check off with it (qemuDomainDefSetDefaultCPU, src/qemu/qemu_domain.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it and makes it check='none'.
    Example:
        vm a { resolve = false; memory.size = 1GiB; features { acpi = true }; cpu { count = 1; check = full } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = host-model; check = full } }
    """
    if cpu.check in ("partial", "full") and cpu.mode in (None, "custom") and not cpu.model and has_default_cpu(vm):
        yield Finding(("cpu", "check"), f"check = {cpu.check} has no effect on a CPU that is not named")


@rule(4118, "cpu-model-unknown", phase=Phase.START, needs="model")
def model_unknown(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.model` is no CPU model of libvirt's.
    Why: define accepts any name, and the start fails ("Unknown CPU model Foo", observed with libvirt 9.0.0 and QEMU 7.2). The names are
    those of src/cpu_map/index.xml, and those of later versions.
    Example:
        vm a { memory.size = 1GiB; cpu { count = 2; mode = custom; model = Skylake-Servr } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 2; mode = custom; model = Skylake-Server } }
    """
    name = cpu.model
    if name is None or cpu.mode not in (None, "custom") or not is_x86(vm) or not is_qemu(vm) or is_model(name):
        return
    close = likeliest(name, models())
    yield Finding(
        ("cpu", "model"),
        f"libvirt knows no CPU model {name}",
        help=question(close) if close else "`virsh cpu-models x86_64` lists them",
        instead=close,
    )
