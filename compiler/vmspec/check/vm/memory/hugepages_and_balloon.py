"""A balloon in huge pages."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.memory import page_sizes
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4219, "hugepages-and-balloon", phase=Phase.RUNTIME, severity=Severity.WARNING)
def hugepages_and_balloon(vm: Domain) -> Iterator[Finding]:
    """
    What: Huge pages together with a balloon that is used: statistics aside, `free-page-reporting`, `autodeflate` or `current` below the
    memory.
    Why: The balloon gives back 4 KiB at a time, and a huge page is freed only when all of it is (QEMU docs, hw/virtio/virtio-balloon.c:
    "inhibited" and partially ballooned pages): the host gets nothing back.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; hugepages = 2MiB; balloon { model = virtio; free-page-reporting = true } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; hugepages = 2MiB; balloon { model = none } }
        }
    """
    memory = vm.memory
    if memory is None or not page_sizes(vm):
        return
    balloon = memory.balloon
    used = balloon is not None and balloon.model != "none" and (balloon.free_page_reporting or balloon.autodeflate)
    if used:
        yield Finding(("memory", "balloon"), "a balloon gives no huge pages back", help="set memory.balloon.model = none")
    elif memory.current and memory.size and memory.current < memory.size:
        yield Finding(("memory", "current"), "a balloon gives no huge pages back", labels=((("memory", "hugepages"), "huge pages"),))
