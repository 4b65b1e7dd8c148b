"""A network login that the protocol does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage_net import Logged, RbdSource


@rule(4348, "disk-auth-protocol", phase=Phase.DEFINE)
def auth_protocol(disk: Disk) -> Iterator[Finding]:
    """
    What: The source logs in with a secret on a protocol without authentication.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidateSourceChainOne, src/conf/domain_validate.c): only iscsi, rbd, http,
    https, ftp, ftps and ssh log in.
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = rbd("pool/a", monitors = ["mon:6789"], secret = secret("ceph")) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = rbd("pool/a", monitors = ["mon:6789"], user = vm, secret = secret("ceph")) }
        }
    """
    source = disk.source
    if isinstance(source, (RbdSource, Logged)) and (source.secret or source.secret_uuid) and not source.user:
        yield Finding(("disk", disk.label, "source"), "the source has a secret and no user", help="add user = …")
