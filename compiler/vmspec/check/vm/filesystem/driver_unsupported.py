"""A file system of containers."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.filesystem import Filesystem
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4863, "filesystem-driver-unsupported", phase=Phase.DEFINE)
def driver_unsupported(filesystem: Filesystem, vm: Domain) -> Iterator[Finding]:
    """
    What: A file system that is no mount, or whose driver is loop, nbd or ploop.
    Why: libvirt 9.0.0 refuses these with QEMU at define (qemuValidateDomainDeviceDefFS, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Cannot automatically add a new PCI bus for a device with connect
    flags 00.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          filesystem data { driver = loop; source = mount("/srv/data"); target = "data" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          filesystem data { driver = path; source = mount("/srv/data"); target = "data" }
        }
    """
    if not is_qemu(vm):
        return
    if filesystem.driver in ("loop", "nbd", "ploop"):
        yield Finding(
            ("filesystem", filesystem.label, "driver"), f"driver {filesystem.driver} is for containers", help="use driver = virtiofs"
        )
    elif filesystem.source is not None and filesystem.source.tag != "mount":
        yield Finding(("filesystem", filesystem.label, "source"), f"{filesystem.source.tag}() is for containers", help="use mount()")
    if filesystem.boot and filesystem.driver != "virtiofs":
        yield Finding(("filesystem", filesystem.label, "boot"), "the guest boots from virtiofs only")
