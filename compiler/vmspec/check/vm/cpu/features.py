"""CPU features by name."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.suggest import likeliest, question
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.cpu_map import features, is_feature, own_name, vendor_of, vendor_of_feature
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_qemu, is_x86


@rule(4101, "cpu-features-without-model", phase=Phase.DEFINE, needs="features")
def features_without_model(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.features` is set, and no model or mode says what CPU they belong to.
    Why: A custom CPU without a model is QEMU's default one, and libvirt 9.0.0 refuses features for it at define (virCPUDefParseXML,
    src/conf/cpu_conf.c: "Non-empty feature list specified without CPU model").
    Example:
        vm a {
          resolve = false; memory.size = 1GiB
          features { acpi = true }
          cpu { count = 1; mode = custom; features { pdpe1gb = require } }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = host-passthrough; features { pdpe1gb = require } } }
    """
    if cpu.features and cpu.mode in (None, "custom") and not cpu.model:
        yield Finding(
            ("cpu", "features"),
            f"features ({', '.join(cpu.features)}) need a CPU model",
            help="set cpu.mode = host-model or host-passthrough, or cpu.model",
        )


@rule(4104, "cpu-migratable-mode", phase=Phase.DEFINE, needs="migratable")
def migratable_mode(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.migratable` is set and the mode is neither host-passthrough nor maximum, or it is true on another machine than x86.
    Why: Named models hold nothing that cannot migrate; libvirt 9.0.0 refuses the flag at define (virCPUDefParseXML, src/conf/cpu_conf.c).
    Only QEMU's x86 CPUs have the property (qemuValidateDomainDefCpu, src/qemu/qemu_validate.c; tests/qemucapabilitiesdata: cpu-migratable).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Attribute migratable is only allowed for 'host-
    passthrough' / 'maximum' CPU mode.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = host-model; migratable = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = host-passthrough; migratable = true } }
    """
    if cpu.migratable is not None and cpu.mode not in ("host-passthrough", "maximum"):
        yield Finding(("cpu", "migratable"), f"migratable is for host-passthrough and maximum, not {cpu.mode or 'custom'}")
    elif cpu.migratable and not is_x86(vm) and is_qemu(vm):
        yield Finding(("cpu", "migratable"), f"{describe(vm)} has no CPU whose features could be restricted to those that migrate")


@rule(4116, "cpu-sve-lengths", phase=Phase.DEFINE, needs="features")
def sve_lengths(cpu: Cpu) -> Iterator[Finding]:
    """
    What: A length of SVE (`sve512`) is asked for, and `sve` is off.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainDefCPUPostParse, src/qemu/qemu_domain.c).
    Example:
        vm a {
          resolve = false; arch = aarch64; machine = virt; memory.size = 1GiB
          cpu { count = 1; mode = host-passthrough; features { sve = disable; sve512 = require } }
        }
    Instead:
        vm a {
          resolve = false; arch = aarch64; machine = virt; memory.size = 1GiB
          cpu { count = 1; mode = host-passthrough; features { sve = require; sve512 = require } }
        }
    """
    asked = cpu.features or {}
    lengths = [name for name in asked if name.startswith("sve") and name != "sve"]
    if lengths and asked.get("sve") in ("disable", "forbid"):
        yield Finding(
            ("cpu", "features", lengths[0]),
            f"{lengths[0]} is a length of vectors that are off",
            labels=((("cpu", "features", "sve"), "off here"),),
        )


@rule(4119, "cpu-feature-unknown", phase=Phase.START, needs="features")
def feature_unknown(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.features` names a feature that is none of libvirt's.
    Why: define accepts any name, and the start fails in every mode and with every policy ("unknown CPU feature: foo", observed with libvirt
    9.0.0 and QEMU 7.2). The names are those of src/cpu_map/x86_features.xml, where QEMU's own may differ: `lahf_lm`, not `lahf-lm`.
    Example:
        vm a { memory.size = 1GiB; cpu { count = 2; mode = host-passthrough; features { pdpe1g = require } } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 2; mode = host-passthrough; features { pdpe1gb = require } } }
    """
    if not cpu.features or not is_x86(vm) or not is_qemu(vm):
        return
    for name in cpu.features:
        if not is_feature(name):
            close = own_name(name) or likeliest(name, features())
            yield Finding(
                ("cpu", "features", name),
                f"libvirt knows no CPU feature {name}",
                help=question(close) if close else "they are listed in libvirt's cpu_map, x86_features.xml",
            )


NAMES = {"intel": "Intel", "amd": "AMD"}


@rule(4120, "cpu-feature-of-other-vendor", phase=Phase.START, needs="features")
def feature_of_other_vendor(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: A model of one maker with a feature that only the other's processors have, such as svm on an Intel model.
    Why: Under KVM the host has to have both, which none does: the start fails ("Host CPU does not provide required features", observed with
    libvirt 9.0.0 and QEMU 7.2).
    Example:
        vm a { memory.size = 1GiB; cpu { count = 2; mode = custom; model = Skylake-Server; features { svm = require } } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 2; mode = custom; model = Skylake-Server; features { vmx = require } } }
    """
    maker = vendor_of(cpu.model) if cpu.model is not None and cpu.mode in (None, "custom") else None
    if maker is None or vm.type == "qemu" or not is_x86(vm):
        return
    for name, policy in (cpu.features or {}).items():
        other = vendor_of_feature(name)
        if policy in ("require", "force") and other is not None and other != maker:
            yield Finding(
                ("cpu", "features", name),
                f"{name} is {NAMES[other]}'s, and {cpu.model} is a model of {NAMES[maker]}'s",
                labels=((("cpu", "model"), "the model"),),
            )
