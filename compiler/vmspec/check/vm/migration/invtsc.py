"""A clock rate that the next host does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4923, "invtsc", phase=Phase.RUNTIME)
def invtsc(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` with CPU feature invtsc and no TSC frequency.
    Why: libvirt 9.0.0 refuses the migration unless the frequency is said (qemuMigrationSrcIsAllowed, src/qemu/qemu_migration.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
          cpu { mode = host-model; features { invtsc = require } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
          cpu { mode = host-model; features { invtsc = require } }
          clock { offset = utc; timer tsc { frequency = 2GHz } }
        }
    """
    if vm.migration is None or not vm.migration.allowed or vm.cpu is None:
        return
    wanted = (vm.cpu.features or {}).get("invtsc") in ("require", "force")
    said = vm.clock is not None and any(t.label == "tsc" and t.frequency for t in vm.clock.timer)
    if wanted and not said:
        yield Finding(
            ("cpu", "features", "invtsc"),
            "invtsc keeps the VM from migrating unless the TSC frequency is said",
            help="add clock { timer tsc { frequency = … } }",
        )
