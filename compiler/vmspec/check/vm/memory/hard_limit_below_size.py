"""A limit below the guest's memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import total_memory
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import Size, show_quantity


@rule(4214, "hard-limit-below-size", phase=Phase.ACCEPTED)
def hard_limit_below_size(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.hard-limit` is below the guest's memory.
    Why: It limits QEMU as a whole, guest memory included; beyond it the kernel kills QEMU (docs/formatdomain.rst 9.0.0, "hard_limit").
    libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 4GiB; hard-limit = 2GiB }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 4GiB }
        }
    """
    memory = vm.memory
    if memory is None or not memory.hard_limit:
        return
    whole = total_memory(vm)
    if memory.hard_limit < whole:
        yield Finding(
            ("memory", "hard-limit"),
            f"hard-limit {show_quantity(memory.hard_limit)} is below the guest's {show_quantity(Size(whole))}: the kernel kills the guest",
            labels=((("memory", "size"), "its memory"),),
            help="leave it out; it is no protection against swapping",
        )
