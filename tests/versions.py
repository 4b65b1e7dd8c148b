"""The fast tests on every other Python that is found: `python tests/versions.py` runs them, `--list` says which there are.

Looked for on PATH, among pyenv's versions, and in what VMSPEC_PYTHONS names (separated by `:`): the file of a Python, or the folder of
an unpacked distribution with one in it; those below /opt are found by themselves. Each gets an environment of its own under `build/`.
The fast tests are those that need no libvirt and could come out differently on another Python (the marker `once` is on the rest).
Standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

SUPPORTED = ((3, 11), (3, 12), (3, 13), (3, 14))
ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
FAST = "not real and not once"
_ASK = "import sys; print(*sys.version_info[:2])"
_WRAPPER = """\
#!/bin/sh
exec {loader} --argv0 "$0" --library-path {libraries} {python} "$@"
"""
Version = tuple[int, int]


def others() -> dict[Version, str]:
    """A Python that runs, by version, but for the version of this one."""
    return {version: python for version, python in sorted(_found().items()) if version in SUPPORTED and version != sys.version_info[:2]}


def missing() -> str:
    """The versions that were not found, for people."""
    there = {*others(), sys.version_info[:2]}
    return ", ".join(shown(version) for version in SUPPORTED if version not in there) or "none"


def shown(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def run(version: Version, python: str) -> bool:
    """Whether the fast tests pass on it."""
    print(f"Python {shown(version)} ({python}):", flush=True)
    environment = BUILD / f"python-{shown(version)}"
    inside = environment / "bin" / "python"
    made = _made(python, environment) and _done(inside, "-m", "compileall", "-q", "compiler/vmspec", "tests")
    return made and _done(inside, "-m", "pytest", "-n", "2", "-m", FAST, "-p", "no:cacheprovider")


def _made(python: str, environment: Path) -> bool:
    """The environment, made anew where the project or the Python is another."""
    mark = environment / "made-from"
    wanted = f"{python}\n{(ROOT / 'pyproject.toml').read_text(encoding='utf-8')}"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return True
    if not _done(python, "-m", "venv", "--without-pip", "--clear", environment):
        return False
    # That Python may have come without pip, and this one's may be too old to run on it: the newest, as plain files.
    site = next(environment.glob("lib/python*/site-packages"))
    pip, quiet = ("-m", "pip", "install"), ("--quiet", "--disable-pip-version-check")
    done = _done(sys.executable, *pip, *quiet, "--target", site, "pip") and _done(
        environment / "bin" / "python", *pip, *quiet, "--editable", ".[test]"
    )
    if done:
        mark.write_text(wanted, encoding="utf-8")
    return done


def _done(*words: str | Path) -> bool:
    """A skip is no failure here, even where CI=true: what needs more than Python runs on the first one."""
    left_out = ("CI", "PYTHONDONTWRITEBYTECODE")
    clean = {name: value for name, value in os.environ.items() if name not in left_out}
    return subprocess.run(words, cwd=ROOT, env=clean, check=False).returncode == 0


# -------------------------------------------------------------------------------------------------- looking


def _found() -> Mapping[Version, str]:
    pythons: dict[Version, str] = {}
    for candidate in _candidates():
        asked = subprocess.run([candidate, "-c", _ASK], capture_output=True, text=True, check=False)
        words = asked.stdout.split()
        if asked.returncode == 0 and len(words) == 2:
            pythons.setdefault((int(words[0]), int(words[1])), candidate)
    return pythons


def _candidates() -> Iterator[str]:
    """Executable files, those that somebody has named first."""
    given = [Path(name) for name in os.environ.get("VMSPEC_PYTHONS", "").split(":") if name]
    yield from (str(path) for path in given if path.is_file() and os.access(path, os.X_OK))
    names = [f"python{shown(version)}" for version in SUPPORTED]
    yield from filter(None, map(shutil.which, names))
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    yield from (str(path) for name in names for path in sorted(pyenv.glob(f"*/bin/{name}")) if os.access(path, os.X_OK))
    for folder in (*filter(Path.is_dir, given), *sorted(Path("/opt").glob("*"))):
        for python in (folder / "usr" / "bin" / name for name in names):
            loader = next(folder.glob("usr/lib*/ld-linux-*.so.*"), None)
            if python.is_file() and loader is not None:
                yield str(_wrapped(folder, python, loader))


def _wrapped(folder: Path, python: Path, loader: Path) -> Path:
    """The Python of an unpacked distribution under the loader and the libraries that it was built for: no root, no chroot.

    It lies beside a link to its own standard library, since a Python looks for that from where it was called (`getpath.py`).
    """
    home = BUILD / f"{python.name}-of-{folder.name}"
    (home / "bin").mkdir(parents=True, exist_ok=True)
    library = home / "lib" / python.name
    library.parent.mkdir(exist_ok=True)
    library.unlink(missing_ok=True)
    library.symlink_to(folder / "usr" / "lib" / python.name)
    wrapper = home / "bin" / python.name
    libraries = ":".join(str(path) for path in sorted(folder.glob("usr/lib/*-linux-gnu*")))
    wrapper.write_text(_WRAPPER.format(loader=loader, libraries=libraries or folder / "usr" / "lib", python=python))
    wrapper.chmod(0o755)
    return wrapper


def main(argv: list[str]) -> int:
    there = others()
    if argv == ["--list"]:
        for version, python in there.items():
            print(f"Python {shown(version)}: {python}")
        print(f"not found: {missing()}")
        return 0
    failed = [shown(version) for version, python in there.items() if not run(version, python)]
    tried = ", ".join(map(shown, there)) or "none"
    print(f"Python {tried} tried beside {shown(sys.version_info[:2])}; not found: {missing()}")
    if failed:
        print(f"failed on Python {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
