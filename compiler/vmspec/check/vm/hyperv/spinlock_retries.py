"""Too few attempts on a lock."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.hyperv import HyperV


@rule(4710, "hyperv-spinlock-retries", phase=Phase.DEFINE)
def spinlock_retries(hyperv: HyperV) -> Iterator[Finding]:
    """
    What: `spinlocks.retries` is below 4095, or spinlocks are on without it.
    Why: libvirt 9.0.0 refuses it at define (virDomainFeaturesHyperVDefParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: HyperV spinlock retry count must be at least 4095.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hyperv { spinlocks { state = true; retries = 4000 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hyperv { spinlocks { state = true; retries = 8191 } }
        }
    """
    locks = hyperv.spinlocks
    if locks is not None and locks.state and locks.retries is None and not locks.raw:
        yield Finding(("hyperv", "spinlocks"), "spinlocks need retries", help="set retries = 8191")
    elif locks is not None and locks.state is not False and locks.retries is not None and locks.retries < 4095:
        yield Finding(("hyperv", "spinlocks", "retries"), f"retries {locks.retries} is below 4095", instead="8191")
