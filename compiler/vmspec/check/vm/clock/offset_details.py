"""A clock that says half."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4723, "offset-details", phase=Phase.DEFINE)
def offset_details(vm: Domain) -> Iterator[Finding]:
    """
    What: `offset = timezone` without a timezone, or `offset = absolute` without a start.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefClockParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: missing 'timezone' attribute for clock with offset='timezone'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          clock { offset = timezone }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          clock { offset = timezone; timezone = "Europe/Berlin" }
        }
    """
    clock = vm.clock
    if clock is None:
        return
    if clock.offset == "timezone" and not clock.timezone:
        yield Finding(("clock", "offset"), "offset = timezone needs clock.timezone")
    elif clock.offset == "absolute" and clock.start is None:
        yield Finding(("clock", "offset"), "offset = absolute needs clock.start")
