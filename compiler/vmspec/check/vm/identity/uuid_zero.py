"""A UUID that is none."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4903, "uuid-zero", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def uuid_zero(vm: Domain) -> Iterator[Finding]:
    """
    What: The VM's UUID is all zeroes or all the same digit.
    Why: libvirt accepts it; it refuses all-equal UUIDs only for hosts (virUUIDIsValid, src/util/viruuid.c 9.0.0), and another VM with the
    same clashes.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          uuid = 00000000-0000-0000-0000-000000000000
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          uuid = 11111111-2222-4333-8444-555555555555
        }
    """
    if vm.uuid and len(set(vm.uuid.replace("-", ""))) == 1:
        yield Finding(("uuid",), f"{vm.uuid} is nobody's identity", help="leave it out to have one derived")
