"""A limit that kills."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.memory import total_memory
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4216, "hard-limit-needless", phase=Phase.RUNTIME, severity=Severity.WARNING)
def hard_limit_needless(vm: Domain) -> Iterator[Finding]:
    """
    What: `hard-limit` without `locked`.
    Why: QEMU's own need cannot be known in advance; a guest that is fine today is killed after an update (docs/formatdomain.rst 9.0.0
    advises against the limit). With locked memory it is the memlock limit and right.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; hard-limit = 4GiB }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; hard-limit = 4GiB; locked = true }
        }
    """
    memory = vm.memory
    if (
        memory is not None
        and memory.hard_limit
        and not memory.locked
        and memory.hard_limit >= total_memory(vm)
        and vm.launch_security is None
    ):
        yield Finding(("memory", "hard-limit"), "a hard limit on QEMU as a whole ends in a killed guest", help="leave it out")
