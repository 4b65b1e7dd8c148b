"""Peak resident memory per VM of a build of 10,000 VMs. Limit: 60 KiB a VM, the interpreter and all it loads included."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import programs
from benchmarks.measure import needs, options, run


def main() -> int:
    given = options(__doc__, rounds=1, count=10_000)
    needs(given.vmc)
    with tempfile.TemporaryDirectory(prefix="vmspec-bench-") as name:
        folder = Path(name)
        base = run([given.vmc, "build", programs.one(folder / "one"), "-o", folder / "one" / "out"], folder).peak
        worst = 0.0
        for spelling, program in (("each", programs.each), ("written out", programs.written)):
            home = folder / spelling.replace(" ", "-")
            peak = run([given.vmc, "build", program(home, given.count), "-o", home / "out"], folder).peak
            each = peak / given.count
            above = (peak - base) / given.count
            print(f"{given.count} VMs, {spelling}: peak {peak / 1024:.0f} MiB, {each:.1f} KiB a VM (limit 60), {above:.1f} above one VM")
            worst = max(worst, each)
        return int(worst > 60)


if __name__ == "__main__":
    sys.exit(main())
