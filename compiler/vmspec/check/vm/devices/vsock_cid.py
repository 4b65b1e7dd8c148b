"""A vsock number that is taken for good."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4544, "vsock-cid", phase=Phase.DEFINE)
def vsock_cid(vm: Domain) -> Iterator[Finding]:
    """
    What: `vsock.cid` is 1 or 2.
    Why: 0 to 2 are the hypervisor, the loopback and the host (vsock(7)); libvirt 9.0.0 refuses them at define (virDomainVsockDefValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: guest CIDs must be >= 3.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vsock { cid = 2 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vsock { cid = 3 }
        }
    """
    if vm.vsock is not None and vm.vsock.cid is not None and 0 < vm.vsock.cid <= 2:
        yield Finding(("vsock", "cid"), f"CID {vm.vsock.cid} is not a guest's: they begin at 3", instead="3")
