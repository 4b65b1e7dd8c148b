"""A name with a slash."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4901, "name-slash", phase=Phase.DEFINE)
def name_slash(vm: Domain) -> Iterator[Finding]:
    """
    What: The VM's name has a `/`.
    Why: libvirt keeps each VM in a file of its name and refuses it at define (virDomainDefPostParseCheckFeatures,
    src/conf/domain_postparse.c 9.0.0).
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          name = "rack1/a"
        }
    Instead:
        vm "rack1-a" { memory.size = 1GiB; cpu.count = 1 }
    """
    if vm.name and "/" in vm.name and is_qemu(vm):
        yield Finding(("name",), f"name {vm.name!r} has a slash", help=f"call it {vm.name.replace('/', '-')}")
