"""One vsock number in two guests."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm


@rule(6006, "duplicate-cid", phase=Phase.FLEET)
def duplicate_cid(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host have the same `vsock.cid`.
    Why: The kernel gives a number once; the second guest does not start ("unable to set guest cid: Address already in use", vhost_vsock,
    Linux drivers/vhost/vsock.c).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; vsock { cid = 7 } }
        vm b { memory.size = 1GiB; cpu.count = 1; vsock { cid = 7 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; vsock { cid = 7 } }
        vm b { memory.size = 1GiB; cpu.count = 1; vsock { cid = 8 } }
    """
    seen: dict[tuple[str | None, int], Vm] = {}
    for vm in fleet.vms:
        vsock = vm.spec.vsock
        if vsock is not None and vsock.cid and not vsock.auto:
            first = seen.setdefault((vm.host, vsock.cid), vm)
            if first is not vm:
                yield Finding(
                    ("vsock", "cid"),
                    f"{first.name} and {vm.name} both have CID {vsock.cid}",
                    others=((first, ("vsock", "cid"), "the first"),),
                    of=vm,
                )
