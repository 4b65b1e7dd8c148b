"""A name that tools stumble over."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4902, "name-odd", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def name_odd(vm: Domain) -> Iterator[Finding]:
    """
    What: The VM's name has spaces at an end, control characters, or begins with `-`.
    Why: libvirt accepts it; virsh, scripts and file names then need quotes that are forgotten, and a number alone is taken for an id
    (virsh(1), "domain").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm "a " { memory.size = 1GiB; cpu.count = 1 }
    Instead:
        vm "a" { memory.size = 1GiB; cpu.count = 1 }
    """
    name = vm.name or ""
    if name and (name != name.strip() or name.startswith("-") or not name.isprintable() or name.isdigit()):
        yield Finding(("name",), f"name {name!r} is hard to use: use letters, digits, - _ and .")
