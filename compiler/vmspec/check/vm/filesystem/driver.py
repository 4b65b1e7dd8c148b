"""Shared directories: virtiofs and 9p."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.filesystem import Filesystem
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4860, "filesystem-virtiofs-options", phase=Phase.DEFINE, needs="driver")
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
                until="11.0.0",
            )
        if filesystem.accessmode not in (None, "passthrough"):
            yield Finding(
                (*here, "accessmode"), f"virtiofs passes access through and cannot be {filesystem.accessmode}", instead="passthrough"
            )
    for option in ("model", "format", "multidevs", "fmode", "dmode", "wrpolicy"):
        if getattr(filesystem, option):
            yield Finding((*here, option), f"virtiofs has no {option}")


@rule(4861, "filesystem-modes-unmapped", phase=Phase.DEFINE, needs="fmode dmode")
def modes_unmapped(filesystem: Filesystem) -> Iterator[Finding]:
    """
    What: `fmode` or `dmode` without `accessmode = mapped`.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefFS, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: fmode and dmode must be used with accessmode=mapped.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          filesystem data { driver = path; accessmode = passthrough; source = mount("/srv/data"); target = "data"; fmode = "0600" }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          filesystem data { driver = path; accessmode = mapped; source = mount("/srv/data"); target = "data"; fmode = "0600" }
        }
    """
    if filesystem.accessmode != "mapped" and filesystem.driver != "virtiofs":
        for name, mode in (("fmode", filesystem.fmode), ("dmode", filesystem.dmode)):
            if mode:
                yield Finding(("filesystem", filesystem.label, name), f"{name} needs accessmode = mapped")


@rule(4862, "filesystem-target-missing", phase=Phase.DEFINE)
def target_missing(filesystem: Filesystem) -> Iterator[Finding]:
    """
    What: A file system has no target.
    Why: The target is the tag by which the guest mounts it; libvirt 9.0.0 refuses it at define (virDomainFSDefValidate,
    src/conf/domain_validate.c).
    Example:
        vm a {
          resolve = false
          memory { size = 1GiB; source = memfd; access = shared }
          cpu.count = 1
          features { acpi = true }
          filesystem data { driver = virtiofs; source = mount("/srv/data") }
        }
    Instead:
        vm a {
          resolve = false
          memory { size = 1GiB; source = memfd; access = shared }
          cpu.count = 1
          features { acpi = true }
          filesystem data { driver = virtiofs; source = mount("/srv/data"); target = "data" }
        }
    """
    if not filesystem.target:
        yield Finding(
            ("filesystem", filesystem.label),
            f"file system {filesystem.label} has no target",
            help="set target, the tag that the guest mounts",
        )


@rule(4863, "filesystem-driver-unsupported", phase=Phase.DEFINE, needs="driver source")
def driver_unsupported(filesystem: Filesystem, vm: Domain) -> Iterator[Finding]:
    """
    What: A file system that is no mount, or whose driver is loop, nbd or ploop.
    Why: libvirt 9.0.0 refuses these with QEMU at define (qemuValidateDomainDeviceDefFS, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Cannot automatically add a new PCI bus for a device with connect
    flags 00.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; filesystem data { driver = loop; source = mount("/srv/data"); target = "data" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; filesystem data { driver = path; source = mount("/srv/data"); target = "data" } }
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


@rule(4864, "filesystem-target-length", phase=Phase.START, needs="target")
def target_length(filesystem: Filesystem) -> Iterator[Finding]:
    """
    What: A virtiofs tag has more than 36 bytes.
    Why: virtio-fs has 36 bytes for it (struct virtio_fs_config, Linux include/uapi/linux/virtio_fs.h); QEMU refuses more at start.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          filesystem data { driver = virtiofs; source = mount("/srv/data"); target = "the-data-of-all-feeds-of-the-last-year" }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          filesystem data { driver = virtiofs; source = mount("/srv/data"); target = "data" }
        }
    """
    if filesystem.driver == "virtiofs" and filesystem.target and len(filesystem.target.encode()) > 36:
        yield Finding(
            ("filesystem", filesystem.label, "target"),
            f"a virtiofs tag has at most 36 bytes, and {filesystem.target!r} has {len(filesystem.target.encode())}",
        )
