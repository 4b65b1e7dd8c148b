"""Where the guest's clock begins."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4723, "offset-details", phase=Phase.DEFINE, needs="clock.offset")
def offset_details(vm: Domain) -> Iterator[Finding]:
    """
    What: `offset = timezone` without a timezone, or `offset = absolute` without a start.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefClockParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: missing 'timezone' attribute for clock with offset='timezone'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { offset = timezone } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { offset = timezone; timezone = "Europe/Berlin" } }
    """
    clock = vm.clock
    if clock is None:
        return
    if clock.offset == "timezone" and not clock.timezone:
        yield Finding(("clock", "offset"), "offset = timezone needs clock.timezone")
    elif clock.offset == "absolute" and clock.start is None:
        yield Finding(("clock", "offset"), "offset = absolute needs clock.start")


@rule(4724, "detail-ignored", phase=Phase.ACCEPTED, needs="clock.timezone clock.start")
def detail_ignored(vm: Domain) -> Iterator[Finding]:
    """
    What: `clock.timezone` with another offset than timezone, or `clock.start` with another than absolute.
    Why: libvirt reads them for that offset only (virDomainDefClockParse, src/conf/domain_conf.c 9.0.0).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { offset = utc; timezone = "Europe/Berlin" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; clock { offset = timezone; timezone = "Europe/Berlin" } }
    """
    clock = vm.clock
    if clock is None:
        return
    if clock.timezone and clock.offset not in (None, "timezone"):
        yield Finding(
            ("clock", "timezone"), f"timezone has no effect with offset = {clock.offset}", labels=((("clock", "offset"), "the offset"),)
        )
    if clock.start is not None and clock.offset not in (None, "absolute"):
        yield Finding(
            ("clock", "start"), f"start has no effect with offset = {clock.offset}", labels=((("clock", "offset"), "the offset"),)
        )
