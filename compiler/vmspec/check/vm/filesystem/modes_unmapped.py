"""File modes without a mapping."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.filesystem import Filesystem


@rule(4861, "filesystem-modes-unmapped", phase=Phase.DEFINE)
def modes_unmapped(filesystem: Filesystem) -> Iterator[Finding]:
    """
    What: `fmode` or `dmode` without `accessmode = mapped`.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefFS, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: fmode and dmode must be used with accessmode=mapped.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          filesystem data { driver = path; accessmode = passthrough; source = mount("/srv/data"); target = "data"; fmode = "0600" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          filesystem data { driver = path; accessmode = mapped; source = mount("/srv/data"); target = "data"; fmode = "0600" }
        }
    """
    if filesystem.accessmode != "mapped" and filesystem.driver != "virtiofs":
        for name, mode in (("fmode", filesystem.fmode), ("dmode", filesystem.dmode)):
            if mode:
                yield Finding(("filesystem", filesystem.label, name), f"{name} needs accessmode = mapped")
