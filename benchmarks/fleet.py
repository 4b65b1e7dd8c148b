"""A fleet, fully checked and schema-validated, against xmllint validating the very files that were emitted.

Limits at 1,000 VMs: 4 from `each`, 6 written out. And the cost per VM from 100 to 10,000 VMs, which may grow by 15 %.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import programs
from benchmarks.measure import alternate, needs, options, run, verdict

Program = Callable[[Path, int], Path]
SCHEMA = Path("/usr/share/libvirt/schemas/domain.rng")


def main() -> int:
    given = options(__doc__, rounds=5)
    needs("xmllint", given.vmc)
    with tempfile.TemporaryDirectory(prefix="vmspec-bench-") as name:
        folder = Path(name)
        failed = _against_xmllint(folder, given.vmc, "each", programs.each, given.count, given.rounds, 4)
        failed |= _against_xmllint(folder, given.vmc, "written out", programs.written, given.count, given.rounds, 6)
        return failed | _growth(folder, given.vmc)


def _against_xmllint(folder: Path, vmc: str, spelling: str, program: Program, count: int, rounds: int, limit: float) -> int:
    home = folder / spelling.replace(" ", "-")
    out = home / "out"
    build: list[str | Path] = [vmc, "build", program(home, count), "-o", out]
    run(build, folder)
    emitted = sorted(out.glob("domains/*.xml"))
    if len(emitted) != count:
        sys.exit(f"{len(emitted)} domains were emitted instead of {count}")
    lint: list[str | Path] = ["xmllint", "--noout", "--relaxng", SCHEMA, *emitted]
    ours, theirs = alternate(lambda: run(build, folder), lambda: run(lint, folder), rounds)
    return verdict(f"{count} VMs, {spelling}", ours, theirs, "xmllint", limit)


def _growth(folder: Path, vmc: str) -> int:
    """The cost per VM without what an empty build costs, at 100 and at 10,000 VMs."""
    costs = {}
    base = _build_time(folder, vmc, 1, 5)
    for count, rounds in ((100, 5), (1000, 3), (10_000, 1)):
        costs[count] = (_build_time(folder, vmc, count, rounds) - base) / (count - 1)
        print(f"{count:6} VMs: {costs[count] * 1000:.3f} ms a VM above the {base * 1000:.0f} ms of one")
    growth = costs[10_000] / costs[100] - 1
    print(f"growth of the cost per VM from 100 to 10,000: {growth:+.0%} (limit +15%)")
    return int(growth > 0.15)


def _build_time(folder: Path, vmc: str, count: int, rounds: int) -> float:
    home = folder / f"growth-{count}"
    build: list[str | Path] = [vmc, "build", programs.each(home, count), "-o", home / "out"]
    return min(run(build, folder).seconds for _ in range(rounds + 1))


if __name__ == "__main__":
    sys.exit(main())
