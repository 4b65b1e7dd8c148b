"""A Fibre Channel name that is none."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4633, "resource-appid", phase=Phase.DEFINE)
def resource_appid(vm: Domain) -> Iterator[Finding]:
    """
    What: `resource.appid` is not from 1 to 128 printable characters.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefResourceValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          resource { appid = "" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          resource { appid = "feed-a" }
        }
    """
    name = vm.resource.appid if vm.resource is not None else None
    if name is not None and not (1 <= len(name) <= 128 and name.isprintable()):
        yield Finding(("resource", "appid"), f"appid {name!r} is not from 1 to 128 printable characters")
