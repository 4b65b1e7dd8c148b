"""A definition without a name, or without a type."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4908, "domain-incomplete", phase=Phase.DEFINE)
def incomplete(vm: Domain) -> Iterator[Finding]:
    """
    What: The definition of a domain has no name, an empty one, or no type of hypervisor.
    Why: libvirt refuses it at parse (virDomainDefParseIDs and virDomainDefParseXML, src/conf/domain_conf.c 9.0.0): "missing name
    information", "missing domain type attribute".
    Example:
        vm a {
          resolve = false
          name = ""
          type = kvm
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
        }
    Instead:
        vm a {
          resolve = false
          type = kvm
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
        }
    """
    if not (vm.name or "").strip():
        yield Finding(("name",), "the domain has no name")
    from_xml = vm.resolve is None  # a source may leave its type out
    if from_xml and vm.type is None and "@type" not in vm.raw:
        yield Finding(("type",), "the domain has no type, such as kvm")
