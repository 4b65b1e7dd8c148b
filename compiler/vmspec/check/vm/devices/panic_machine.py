"""A panic device of another machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_pseries, is_s390, is_x86


@rule(4541, "panic-machine", phase=Phase.DEFINE)
def panic_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: A panic device whose model belongs to another machine, or that has an address where its model has none.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefPanic, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: only pSeries guests support panic device of model
    'pseries'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          panic { model = pseries }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          panic { model = isa }
        }
    """
    for panic in vm.panic:
        here = ("panic", panic.label)
        model = panic.model or ("pseries" if is_pseries(vm) else "s390" if is_s390(vm) else "isa")
        wrong = (
            (panic.model == "pseries" and not is_pseries(vm))
            or (panic.model == "s390" and not is_s390(vm))
            or (model in ("hyperv", "isa") and not is_x86(vm))
        )
        if wrong:
            yield Finding((*here, "model"), f"{describe(vm)} has no panic device {model}", instead="isa" if is_x86(vm) else None)
        elif panic.address is not None and model in ("pseries", "s390", "hyperv"):
            yield Finding((*here, "address"), f"a panic device {model} has no address")
        elif panic.address is not None and panic.model in ("isa", None) and panic.address.tag != "isa" and is_x86(vm):
            yield Finding((*here, "address"), f"a panic device isa has an isa address, not {panic.address.tag}")
