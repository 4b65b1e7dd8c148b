"""A tag that virtio does not carry."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.filesystem import Filesystem


@rule(4864, "filesystem-target-length", phase=Phase.START)
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
