"""One host disk limited twice."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4634, "blkio-duplicate", phase=Phase.DEFINE)
def blkio_duplicate(vm: Domain) -> Iterator[Finding]:
    """
    What: Two `blkiotune.device` blocks have the same path.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefTunablesValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: duplicate blkio device path '/dev/sda'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          blkiotune { device a { path = "/dev/sda"; weight = 100 }; device b { path = "/dev/sda"; weight = 200 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          blkiotune { device a { path = "/dev/sda"; weight = 100 }; device b { path = "/dev/sdb"; weight = 200 } }
        }
    """
    if vm.blkiotune is None:
        return
    seen: dict[str, str] = {}
    for device in vm.blkiotune.device:
        first = seen.setdefault(device.path or "", device.label)
        if first != device.label:
            yield Finding(
                ("blkiotune", "device", device.label, "path"),
                f"{device.path} is limited already",
                labels=((("blkiotune", "device", first), "here"),),
            )
