"""The fast tests on every other Python that is found: `python tests/versions.py` runs them, `--list` says which there are.

Looked for on PATH, among pyenv's versions, and in the files that VMSPEC_PYTHONS names (separated by `:`), as a Python of another
distribution unpacked in a folder. Each gets an environment of its own under `build/`. The tests that need libvirt, a linter, or the
network run on the first Python only. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SUPPORTED = ((3, 11), (3, 12), (3, 13), (3, 14))
ROOT = Path(__file__).parents[1]
_FIRST_ONLY = ("tests/corpus", "tests/real", "tests/test_house.py", "tests/test_wheel.py", "tests/test_fuzz.py", "tests/examples")
_ASK = "import sys; print(*sys.version_info[:2])"


def found() -> dict[tuple[int, int], str]:
    """A Python that runs, by version."""
    pythons: dict[tuple[int, int], str] = {}
    for candidate in _candidates():
        asked = subprocess.run([candidate, "-c", _ASK], capture_output=True, text=True, check=False)
        words = asked.stdout.split()
        if asked.returncode == 0 and len(words) == 2:
            pythons.setdefault((int(words[0]), int(words[1])), candidate)
    return pythons


def _candidates() -> list[str]:
    given = [name for name in os.environ.get("VMSPEC_PYTHONS", "").split(":") if name]
    on_path = [path for version in SUPPORTED if (path := shutil.which(f"python{version[0]}.{version[1]}"))]
    pyenv = sorted(map(str, Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob("3.1[1-9].*/bin/python3")))
    return [name for name in (*given, *on_path, *pyenv) if os.access(name, os.X_OK)]


def run(version: tuple[int, int], python: str) -> bool:
    """Whether the fast tests pass on it."""
    name = f"{version[0]}.{version[1]}"
    environment = ROOT / "build" / f"python-{name}"
    inside = environment / "bin" / "python"
    print(f"Python {name} ({python}):", flush=True)
    if not inside.exists() and subprocess.run([python, str(ROOT / "tests" / "environment.py"), str(environment)], check=False).returncode:
        return False
    quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([inside, *quiet, "--editable", ".[dev]"], cwd=ROOT, check=False).returncode:
        return False
    left_out = [f"--ignore={path}" for path in _FIRST_ONLY]
    pytest = [inside, "-m", "pytest", "-n", "2", "-m", "not real", "-p", "no:cacheprovider", *left_out]
    return subprocess.run(pytest, cwd=ROOT, env=_without(os.environ, "CI"), check=False).returncode == 0


def _without(environment: os._Environ[str], name: str) -> dict[str, str]:
    """Here a skip is none of a failure: what needs more than Python runs on the first one."""
    return {key: value for key, value in environment.items() if key != name}


def main(argv: list[str]) -> int:
    pythons = found()
    missing = [f"{a}.{b}" for a, b in SUPPORTED if (a, b) not in pythons and (a, b) != sys.version_info[:2]]
    others = {version: python for version, python in pythons.items() if version in SUPPORTED and version != sys.version_info[:2]}
    if argv == ["--list"]:
        for (a, b), python in sorted(others.items()):
            print(f"Python {a}.{b}: {python}")
        print(f"not found: {', '.join(missing) or 'none'}")
        return 0
    failed = [version for version, python in sorted(others.items()) if not run(version, python)]
    tried = ", ".join(f"{a}.{b}" for a, b in sorted(others)) or "none"
    print(f"Python {tried} tried beside the first; not found: {', '.join(missing) or 'none'}")
    if failed:
        print(f"failed on Python {', '.join(f'{a}.{b}' for a, b in failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
