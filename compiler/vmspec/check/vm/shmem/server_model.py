"""A doorbell without a server, or a server without a doorbell."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.shmem import Shmem


@rule(4851, "shmem-server-model", phase=Phase.DEFINE)
def server_model(shmem: Shmem) -> Iterator[Finding]:
    """
    What: ivshmem-doorbell without a server or with a size, ivshmem-plain with a server or interrupts, or interrupts without a server.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainShmemDefPostParse, src/qemu/qemu_domain.c; virDomainShmemDefParseXML,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          shmem s { name = "s"; model = ivshmem-plain; size = 4MiB; server = "/run/shmem.sock" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          shmem s { name = "s"; model = ivshmem-plain; size = 4MiB }
        }
    """
    here = ("shmem", shmem.label)
    msi = shmem.msi or shmem.msi_vectors is not None or shmem.msi_ioeventfd is not None
    served = bool(shmem.server or shmem.default_server)
    if shmem.model == "ivshmem-plain" and served:
        yield Finding((*here, "server"), "ivshmem-plain has no server", help="use model = ivshmem-doorbell")
    elif shmem.model == "ivshmem-doorbell" and not served:
        yield Finding((*here, "model"), "a doorbell needs a server")
    elif shmem.model == "ivshmem-doorbell" and shmem.size:
        yield Finding((*here, "size"), "the server of a doorbell says the size")
    elif msi and not served:
        yield Finding((*here, "msi-vectors" if shmem.msi_vectors is not None else "msi"), "interrupts need a server")
