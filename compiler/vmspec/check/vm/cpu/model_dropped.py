"""A model beside the host's own CPU."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4105, "cpu-model-dropped", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def model_dropped(cpu: Cpu) -> Iterator[Finding]:
    """
    What: A model is named with mode host-passthrough, host-model or maximum.
    Why: The host decides in these modes; libvirt drops the model without a word (virCPUDefParseXML and virCPUDefFormatBuf,
    src/conf/cpu_conf.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { mode = host-passthrough; model = Nehalem }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { mode = custom; model = Nehalem }
        }
    """
    if cpu.model and cpu.mode in ("host-passthrough", "host-model", "maximum"):
        yield Finding(
            ("cpu", "model"), f"model {cpu.model} has no effect in mode {cpu.mode}", labels=((("cpu", "mode"), "the host decides"),)
        )
