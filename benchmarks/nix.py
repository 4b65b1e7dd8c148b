"""The same fleet in the Nix language through nix-instantiate, where nix-bin is installed. For orientation; there is no limit."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import programs
from benchmarks.measure import alternate, needs, options, run


def main() -> int:
    given = options(__doc__, rounds=5)
    needs("nix-instantiate", given.vmc)
    with tempfile.TemporaryDirectory(prefix="vmspec-bench-") as name:
        folder = Path(name)
        source = programs.each(folder / "each", given.count)
        build: list[str | Path] = [given.vmc, "build", source, "-o", folder / "out"]
        evaluate: list[str | Path] = ["nix-instantiate", "--eval", "--strict", "--json", programs.nix(folder, given.count)]
        ours, theirs = alternate(lambda: run(build, folder), lambda: run(evaluate, folder), given.rounds)
        print(f"{given.count} VMs: vmc {ours * 1000:.0f} ms, checked and written; nix-instantiate {theirs * 1000:.0f} ms, only evaluated")
        print(f"ratio {ours / theirs:.2f}")
        return 0


if __name__ == "__main__":
    sys.exit(main())
