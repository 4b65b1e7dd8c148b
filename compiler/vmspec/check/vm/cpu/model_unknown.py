"""A CPU model that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.suggest import likeliest, question
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.cpu_map import is_model, models
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu, is_x86


@rule(4118, "cpu-model-unknown", phase=Phase.START)
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
