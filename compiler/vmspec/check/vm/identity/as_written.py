"""libvirt's own text of a value that is another one by now."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.written import differs


@rule(4907, "as-written", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def as_written(vm: Domain) -> Iterator[Finding]:
    """
    What: An entry of `as-written` has no effect: its value is another one by now, or is not there, or the VM is resolved.
    Why: `vmc import` keeps libvirt's own text of a value (`<memory>1048576</memory>` for 1GiB) in `as-written`, so that a VM with
    `resolve = false` emits what it was read from. A resolved VM is written in the compiler's own spelling, which libvirt reads as the same.
    Example:
        vm a {
          resolve = false
          memory.size = 2GiB
          cpu.count = 1
          features { acpi = true }
          as-written { memory.size = "1048576" }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
          as-written { memory.size = "1048576" }
        }
    """
    if vm.as_written and vm.resolve is not False:
        yield Finding(("as-written",), "as-written counts while resolve = false, and this VM is resolved", help="take as-written away")
        return
    for key, text in vm.as_written.items():
        if differs(vm, key, text):
            yield Finding(("as-written", key), f"{text!r} is not what {key} is now, and is not written", help="take the entry away")
