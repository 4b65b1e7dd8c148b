"""Everything that can be tried on this machine, part by part, and what came of each: `python tests/everything.py`.

The whole suite, with the whole of libvirt's corpus, every form of the model and long runs of what is random (VMSPEC_TEST_ALL); then the
fast tests on every other Python. A part that fails does not keep the next from running. Standard library only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import libvirts, versions

Part = tuple[str, Callable[[], bool]]


def parts() -> Iterator[Part]:
    yield "newer libvirts fetched", lambda: libvirts.main([]) == 0
    yield f"Python {versions.shown(sys.version_info[:2])}, all tests with large samples", _suite
    for version, python in versions.others().items():
        yield f"Python {versions.shown(version)}, fast tests", lambda version=version, python=python: versions.run(version, python)


def _suite() -> bool:
    command = [sys.executable, "-m", "pytest", "-n", "2", "-rs"]
    return subprocess.run(command, cwd=versions.ROOT, env={**os.environ, "VMSPEC_TEST_ALL": "1"}, check=False).returncode == 0


def main() -> int:
    lines, wrong = [], False
    for name, run in parts():
        print(f"\n{name}:", flush=True)
        since = time.monotonic()
        good = run()
        wrong = wrong or not good
        lines.append(f"{'passed' if good else 'FAILED'}  {(time.monotonic() - since) / 60:5.1f} min  {name}")
    print("\n" + "\n".join(lines))
    print(f"Pythons not found: {versions.missing()}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
