"""An alias that libvirt drops."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.walk import devices


@rule(4537, "alias-dropped", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def alias_dropped(vm: Domain) -> Iterator[Finding]:
    """
    What: A device's alias does not begin with `ua-`.
    Why: Only such names are the user's; libvirt drops others at define without a word (virDomainDeviceAliasIsUserAlias,
    src/conf/domain_conf.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); alias = data }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); alias = ua-data }
        }
    """
    for path, device in devices(vm):
        if device.alias and not device.alias.startswith("ua-"):
            yield Finding(
                (*path, "alias"),
                f"libvirt drops alias {device.alias}: one of ours begins with ua-",
                instead=f"ua-{device.alias}",
            )
