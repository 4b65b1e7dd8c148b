"""A custom CPU that is QEMU's oldest."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4102, "cpu-custom-without-model", phase=Phase.ACCEPTED)
def custom_without_model(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.mode = custom` without a model.
    Why: libvirt accepts it and starts QEMU's default CPU: qemu64, which hides nearly all of the host's instructions (observed with libvirt
    9.0.0). With `check` it is refused (virDomainDefPostParseCPU, src/conf/domain_postparse.c).
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu { count = 1; mode = custom }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { mode = custom; model = Skylake-Server }
        }
    """
    if cpu.mode == "custom" and not cpu.model and not cpu.features:
        yield Finding(("cpu", "mode"), "a custom CPU without a model is qemu64", help="set cpu.model, or cpu.mode = host-model")
