"""The wheel, in a fresh environment: it holds what it should, and compiles an example."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*words: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run([str(word) for word in words], cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def vmc(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment of its own. The dependencies are lent from this one, without its own vmspec: a path in a `.pth`
    file is searched, and the `.pth` files in it are not read."""
    folder = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "dependencies.pth").write_text("\n".join(p for p in sys.path if p.endswith("site-packages")) + "\n")
    where = run(python, "-c", "import vmspec; print(vmspec.__file__)", cwd=folder).stdout
    assert where.startswith(str(folder))
    return folder / "bin" / "vmc"


def test_what_is_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "vmspec/_grammar/vmspec.lark",
        "vmspec/_grammar/tables.json",
        "vmspec/_stdlib/balanced.vmspec",
        "vmspec/_stdlib/balanced.tree",
        "vmspec/py.typed",
    } <= names
    assert {"vmspec/_schemas/domain.xsd", "vmspec/_schemas/domain-lax.xsd", "vmspec/cli/main.py"} <= names
    assert all(name.startswith(("vmspec/", "vmspec-")) for name in names)


def test_it_compiles_an_example(vmc: Path, tmp_path: Path) -> None:
    done = run(vmc, "build", ROOT / "examples" / "guides", "-o", tmp_path / "out", cwd=tmp_path)
    assert "Traceback" not in done.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert any(name.endswith("guide-low-latency.xml") for name in manifest["files"])


def test_nothing_is_compiled_or_cached_where_it_runs(vmc: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    done = subprocess.run(
        [str(vmc), "build", str(ROOT / "examples" / "guides"), "-o", str(tmp_path / "out")],
        env={"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Nothing but the record of what was built.
    assert {file.parent.name for file in cache.rglob("*") if file.is_file()} <= {"builds"}


def test_help_and_completion(vmc: Path, tmp_path: Path) -> None:
    assert "build" in run(vmc, "--help", cwd=tmp_path).stdout
    assert "_VMC_COMPLETE" in run(vmc, "completion", "bash", cwd=tmp_path).stdout
