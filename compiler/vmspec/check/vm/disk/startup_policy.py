"""A start-up policy that this source or drive cannot have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage_parts import Startup


@rule(4333, "disk-startup-policy", phase=Phase.DEFINE)
def startup_policy(disk: Disk) -> Iterator[Finding]:
    """
    What: `startup-policy` is set on network storage, or `requisite` on something else than a CD-ROM or floppy.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidateStartupPolicy, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: disk startupPolicy 'requisite' is allowed only for cdrom or floppy.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.img", format = raw, startup-policy = requisite) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.img", format = raw, startup-policy = mandatory) }
        }
    """
    policy = disk.source.startup_policy if isinstance(disk.source, Startup) else None
    if policy == "requisite" and disk.device not in ("cdrom", "floppy"):
        yield Finding(
            ("disk", disk.label, "source", "startup-policy"),
            "startup-policy = requisite is for CD-ROM and floppy drives",
            instead="mandatory",
        )
