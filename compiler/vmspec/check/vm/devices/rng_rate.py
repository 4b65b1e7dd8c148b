"""A source that the guest may drain."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.rng import Random
from vmspec.model.domain import Domain


@rule(4546, "rng-rate", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def rng_rate(vm: Domain) -> Iterator[Finding]:
    """
    What: A random number device with `/dev/random` and no rate.
    Why: On kernels before 5.6 /dev/random blocks when it is drained, for the host's other readers too (random(4)); /dev/urandom is the
    right one (docs/formatdomain.rst 9.0.0, "rng").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          rng { backend = random("/dev/random") }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          rng { backend = random("/dev/urandom") }
        }
    """
    for rng in vm.rng:
        if isinstance(rng.backend, Random) and rng.backend.path == "/dev/random" and rng.rate is None:
            yield Finding(("rng", rng.label, "backend"), "the guest may drain /dev/random for all", help='use random("/dev/urandom")')
