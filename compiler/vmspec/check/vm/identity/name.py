"""A VM's name, UUID and title."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4902, "name-odd", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="name")
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
    if name and "\n" not in name and (name != name.strip() or name.startswith("-") or not name.isprintable() or name.isdigit()):
        yield Finding(("name",), f"name {name!r} is hard to use: use letters, digits, - _ and .")


@rule(4912, "name-newline", phase=Phase.DEFINE, needs="name")
def name_newline(vm: Domain) -> Iterator[Finding]:
    """
    What: The VM's name has a line end in it.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefParseIDs, src/conf/domain_conf.c). It comes from XML only: the language takes no
    control character in a name (1012).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: invalid char in name.
    Example:
        vm a { resolve = false; name = "a\\nb"; memory.size = 1GiB; features { acpi = true }; cpu.count = 1 }
    Instead:
        vm a { resolve = false; name = "a-b"; memory.size = 1GiB; features { acpi = true }; cpu.count = 1 }
    """
    if "\n" in (vm.name or ""):
        yield Finding(("name",), f"name {vm.name!r} has a line end", help="call it by one word")


@rule(4903, "uuid-zero", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="uuid")
def uuid_zero(vm: Domain) -> Iterator[Finding]:
    """
    What: The VM's UUID is all zeroes or all the same digit.
    Why: libvirt accepts it; it refuses all-equal UUIDs only for hosts (virUUIDIsValid, src/util/viruuid.c 9.0.0), and another VM with the
    same clashes.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; uuid = 00000000-0000-0000-0000-000000000000 }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; uuid = 11111111-2222-4333-8444-555555555555 }
    """
    if vm.uuid and len(set(vm.uuid.replace("-", ""))) == 1:
        yield Finding(("uuid",), f"{vm.uuid} is nobody's identity", help="leave it out to have one derived")


@rule(4904, "title-newline", phase=Phase.DEFINE, needs="title")
def title_newline(vm: Domain) -> Iterator[Finding]:
    """
    What: The title has a line break.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; title = "a\\nb" }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; title = "a b" }
    """
    if vm.title and "\n" in vm.title:
        yield Finding(("title",), "the title has a line break", help="use description")
