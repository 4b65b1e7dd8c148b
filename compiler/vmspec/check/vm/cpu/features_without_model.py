"""CPU features with nothing to add them to."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4101, "cpu-features-without-model", phase=Phase.DEFINE)
def features_without_model(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.features` is set, and no model or mode says what CPU they belong to.
    Why: A custom CPU without a model is QEMU's default one, and libvirt 9.0.0 refuses features for it at define (virCPUDefParseXML,
    src/conf/cpu_conf.c: "Non-empty feature list specified without CPU model").
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu { count = 1; mode = custom; features { pdpe1gb = require } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { mode = host-passthrough; features { pdpe1gb = require } }
        }
    """
    if cpu.features and cpu.mode in (None, "custom") and not cpu.model:
        yield Finding(
            ("cpu", "features"),
            f"features ({', '.join(cpu.features)}) need a CPU model",
            help="set cpu.mode = host-model or host-passthrough, or cpu.model",
        )
