"""An option that virtiofs does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.filesystem import Filesystem


@rule(4860, "filesystem-virtiofs-options", phase=Phase.DEFINE)
def virtiofs_options(filesystem: Filesystem) -> Iterator[Finding]:
    """
    What: A virtiofs file system is read-only, has another access mode than passthrough, or has `model`, `format`, `multidevs`, `fmode`,
    `dmode` or `wrpolicy`.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefFS, src/qemu/qemu_validate.c; read-only came with 11.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: virtiofs does not yet support read-only mode.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          filesystem data { driver = virtiofs; source = mount("/srv/data"); target = "data"; readonly = true }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          filesystem data { driver = virtiofs; source = mount("/srv/data"); target = "data" }
        }
    """
    if filesystem.driver != "virtiofs":
        return
    here = ("filesystem", filesystem.label)
    outside = getattr(filesystem.source, "socket", None)
    if not outside:
        if filesystem.readonly:
            yield Finding(
                (*here, "readonly"),
                "virtiofs has no read-only mode before libvirt 11.0",
                help="mount it read-only in the guest, or export a read-only directory",
            )
        if filesystem.accessmode not in (None, "passthrough"):
            yield Finding(
                (*here, "accessmode"), f"virtiofs passes access through and cannot be {filesystem.accessmode}", instead="passthrough"
            )
    for option in ("model", "format", "multidevs", "fmode", "dmode", "wrpolicy"):
        if getattr(filesystem, option):
            yield Finding((*here, option), f"virtiofs has no {option}")
