"""A cold build of one VM against `virt-install --print-xml` of the same VM; both warm, alternating, medians. Limit: 0.8."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import programs
from benchmarks.measure import alternate, needs, options, run, verdict


def main() -> int:
    given = options(__doc__, rounds=11)
    needs("virt-install", given.vmc)
    with tempfile.TemporaryDirectory(prefix="vmspec-bench-") as name:
        folder = Path(name)
        source = programs.one(folder / "one")
        image = folder / "feed.raw"
        image.touch()
        build: list[str | Path] = [given.vmc, "build", source, "-o", folder / "out"]
        ours, theirs = alternate(lambda: run(build, folder), lambda: run(programs.virt_install(image), folder), given.rounds)
        return verdict("one VM, cold", ours, theirs, "virt-install", 0.8)


if __name__ == "__main__":
    sys.exit(main())
