"""Two devices under one alias."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.walk import DeviceAt, distinct_devices


@rule(4536, "duplicate-alias", phase=Phase.DEFINE)
def duplicate_alias(vm: Domain) -> Iterator[Finding]:
    """
    What: Two devices have the same alias.
    Why: libvirt 9.0.0 refuses it at define ("non unique alias detected", virDomainDeviceDefValidateAliasesIterator,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: non unique alias detected: ua-a.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); alias = ua-a }
          interface eth0 { source = bridge("br0"); alias = ua-a }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); alias = ua-a }
          interface eth0 { source = bridge("br0"); alias = ua-b }
        }
    """
    seen: dict[str, DeviceAt] = {}
    for here in distinct_devices(vm):
        alias = here.device.alias
        if not alias or not alias.startswith("ua-"):
            continue
        first = seen.setdefault(str(alias), here)
        if first is not here:
            yield Finding(
                (*here.path, "alias"),
                f"{first} and {here} both have alias {alias}",
                labels=(((*first.path, "alias"), "the first"),),
            )
