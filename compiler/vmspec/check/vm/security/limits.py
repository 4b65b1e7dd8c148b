"""Confidential guests, TPMs and block I/O weights."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import total_memory


@rule(4625, "two-tpms", phase=Phase.DEFINE, needs="tpm")
def two_tpms(vm: Domain) -> Iterator[Finding]:
    """
    What: Two TPMs that are no proxy, or two proxies.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefTPMs, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: only a single TPM non-proxy device is supported.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          tpm a { model = tpm-crb; version = "2.0" }
          tpm b { model = tpm-tis; version = "2.0" }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; tpm a { model = tpm-crb; version = "2.0" } }
    """
    proxies = [t for t in vm.tpm if t.model == "spapr-tpm-proxy"]
    others = [t for t in vm.tpm if t.model != "spapr-tpm-proxy"]
    for some, name in ((proxies, "TPM proxy"), (others, "TPM")):
        for tpm in some[1:]:
            yield Finding(("tpm", tpm.label), f"a VM has one {name}", labels=((("tpm", some[0].label), "the first"),))


@rule(4632, "sev-memlock", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="launch_security")
def sev_memlock(vm: Domain) -> Iterator[Finding]:
    """
    What: SEV without `memory.locked` or a `hard-limit` of the memory and 256 MiB.
    Why: SEV pins the guest's memory, and QEMU's memlock limit must allow it (docs/kbase/launch_security_sev.rst, libvirt 9.0.0).
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          launch-security { type = sev; policy = 3; cbitpos = 47; reduced-phys-bits = 1 }
        }
    Instead:
        vm a {
          cpu.count = 2; machine = q35
          memory { size = 1GiB; locked = true; hard-limit = 2GiB }
          launch-security { type = sev; policy = 3; cbitpos = 47; reduced-phys-bits = 1 }
        }
    """
    security, memory = vm.launch_security, vm.memory
    if security is None or security.type != "sev":
        return
    if memory is None or not (memory.locked or (memory.hard_limit and memory.hard_limit >= total_memory(vm) + (256 << 20))):
        yield Finding(
            ("launch-security",),
            "SEV pins the guest's memory, and nothing lets QEMU lock it",
            help="set memory.locked = true and memory.hard-limit",
        )


@rule(4634, "blkio-duplicate", phase=Phase.DEFINE, needs="blkiotune")
def blkio_duplicate(vm: Domain) -> Iterator[Finding]:
    """
    What: Two `blkiotune.device` blocks have the same path.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefTunablesValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: duplicate blkio device path '/dev/sda'.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          blkiotune { device a { path = "/dev/sda"; weight = 100 }; device b { path = "/dev/sda"; weight = 200 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          blkiotune { device a { path = "/dev/sda"; weight = 100 }; device b { path = "/dev/sdb"; weight = 200 } }
        }
    """
    if vm.blkiotune is None:
        return
    seen: dict[str, str] = {}
    for device in vm.blkiotune.device:
        first = seen.setdefault(device.path or "", device.label)
        if first != device.label:
            yield Finding(
                ("blkiotune", "device", device.label, "path"),
                f"{device.path} is limited already",
                labels=((("blkiotune", "device", first), "here"),),
            )
