"""libvirt's source package, fetched with apt into the user's cache without touching the system's own apt configuration."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prerequisites import missing
from tests.real.cache import cache_dir

_DISTRIBUTION = re.compile(r"debian|ubuntu")  # other mirrors in /etc/apt have no libvirt and may have no sources


def source_tree() -> Path:
    """The unpacked source of libvirt; skips the test where it can be neither found nor fetched.

    `VMSPEC_TEST_CACHE`/corpus/libvirt-src may be put there by hand on a machine without apt.
    """
    home = cache_dir("corpus")
    tree = home / "libvirt-src"
    if not (tree / "tests").is_dir():
        if reason := missing("corpus"):
            pytest.skip(reason)
        _fetch(home, tree)
    return tree


def _fetch(home: Path, tree: Path) -> None:
    options = _apt_options(home / "apt")
    for command in (["apt-get", *options, "-qq", "update"], ["apt-get", *options, "-qq", "source", "--download-only", "libvirt"]):
        result = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            pytest.skip(f"needs corpus: {' '.join(command[-3:])}: {result.stderr.strip()[-300:]}")
    description = max(home.glob("libvirt_*.dsc"), key=lambda path: path.stat().st_mtime)
    unpacked = home / "unpacking"
    shutil.rmtree(unpacked, ignore_errors=True)
    subprocess.run(["dpkg-source", "--no-check", "--skip-patches", "-x", description, unpacked], check=True, capture_output=True)
    shutil.rmtree(tree, ignore_errors=True)
    unpacked.rename(tree)


def _apt_options(folder: Path) -> list[str]:
    """Options that give apt lists and caches of its own and the system's mirrors as sources of sources."""
    parts = folder / "parts"
    for needed in (parts, folder / "lists" / "partial", folder / "cache" / "archives" / "partial"):
        needed.mkdir(parents=True, exist_ok=True)
    for old in parts.iterdir():
        old.unlink()
    stanzas = "\n\n".join(_deb822_sources(Path("/etc/apt")))
    lines = "\n".join(_one_line_sources(Path("/etc/apt")))
    (parts / "source.sources").write_text(stanzas + "\n")
    (parts / "source.list").write_text(lines + "\n")
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": parts,
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",  # apt's own user cannot read a home directory
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _deb822_sources(etc: Path) -> Iterator[str]:
    """sources.list(5), deb822 style: the stanzas of the distribution with `Types: deb-src`."""
    for path in sorted((etc / "sources.list.d").glob("*.sources")):
        text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
        for stanza in re.split(r"\n\s*\n", text.strip()):
            uris = re.search(r"^URIs:(.*)$", stanza, re.MULTILINE)
            if uris and _DISTRIBUTION.search(uris[1]):
                yield re.sub(r"^Types:.*$", "Types: deb-src", stanza, flags=re.MULTILINE)


def _one_line_sources(etc: Path) -> Iterator[str]:
    """sources.list(5), one-line style."""
    lists = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))]
    for line in [line for path in lists if path.exists() for line in path.read_text().splitlines()]:
        if line.startswith("deb ") and _DISTRIBUTION.search(line.split("://")[-1].split()[0]):
            yield line.replace("deb ", "deb-src ", 1)
