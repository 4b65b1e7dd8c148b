"""Makes a virtual environment with pip where Python came without ensurepip, as Debian's does: `python3 tests/environment.py DIR`.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

_OLDEST = (3, 11)
_HELP = """\
cannot make a virtual environment: this Python has neither ensurepip nor pip, and no virtualenv or uv is on PATH.
On Debian and Ubuntu:  apt-get install python3-venv   (as root), then run make again.
"""


def main(argv: list[str]) -> int:
    if len(argv) != 1:
        print(__doc__)
        return 2
    if sys.version_info < _OLDEST:
        print(f"needs Python {_OLDEST[0]}.{_OLDEST[1]} or newer, this is {sys.version.split()[0]}; make PYTHON=python3.12", file=sys.stderr)
        return 1
    target = Path(argv[0])
    if _has("ensurepip") or _install_ensurepip():
        return _run(sys.executable, "-m", "venv", str(target))
    if _has("pip"):
        return _run(sys.executable, "-m", "venv", "--without-pip", str(target)) or _pip_into(target)
    if shutil.which("virtualenv"):
        return _run("virtualenv", "--python", sys.executable, str(target))
    if shutil.which("uv"):
        return _run("uv", "venv", "--seed", "--python", sys.executable, str(target))
    print(_HELP, end="", file=sys.stderr)
    return 1


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _install_ensurepip() -> bool:
    """Debian keeps ensurepip in python3-venv; root may install it."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print("installing python3-venv, which Debian keeps apart from python3")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        subprocess.run(["apt-get", *command], env=quiet, check=False, stdout=subprocess.DEVNULL)
    return subprocess.run([sys.executable, "-c", "import ensurepip"], check=False, capture_output=True).returncode == 0


def _pip_into(target: Path) -> int:
    """A pip from outside installs pip into the environment (pip 22.3 and newer know --python)."""
    return _run(sys.executable, "-m", "pip", "--python", str(target / "bin" / "python"), "install", "--quiet", "pip")


def _run(*command: str) -> int:
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
