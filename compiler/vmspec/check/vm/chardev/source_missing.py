"""A character device that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.chardevs import missing_part, sources
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4801, "source-missing", phase=Phase.DEFINE)
def source_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: A character device has a file, device, pipe, socket or network source without its path, host or port.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrSourceDefValidate, src/conf/domain_validate.c). Only the socket of a virtio channel
    is chosen by libvirt.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Missing source path attribute for char device.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial { source = unix() }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial { source = unix("/run/a.sock", mode = bind) }
        }
    """
    for path, source, device in sources(vm):
        missing = missing_part(source, device)
        if missing:
            yield Finding((*path, "source"), f"{source.tag}() needs {missing}")
