"""A build in which nothing has changed writes nothing; one in which anything has writes what it would write without a store."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from vmspec.base import build_id
from vmspec.base.cache import cache_folder
from vmspec.cli.main import main

PROGRAM = """\
param $size: size = 1GiB
host n1 { numa 0 { cpus = 0-3; memory = 8GiB } }
vm "web-${n}" {
  each $n in [1, 2]
  memory.size = $size
  cpu.count = 1
  disk vda { source = file("/srv/web-${n}.raw", format = raw) }
}
env big { vm "web-1" { cpu.count = 2 } }
"""


class Home:
    """A project with a store of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source, self.toml = folder / "fleet.vmspec", folder / "vmspec.toml"
        self.lock, self.out = folder / "vmspec.lock", folder / "out"

    def build(self, *words: str) -> int:
        return main(["build", str(self.source), "-o", str(self.out), *words])

    def swapped(self, *words: str) -> bool:
        """Builds, and says whether the output was written anew."""
        before = self.out.stat().st_ino if self.out.exists() else None
        assert self.build(*words) == 0
        return self.out.stat().st_ino != before

    def content(self) -> dict[str, bytes]:
        return {str(file.relative_to(self.out)): file.read_bytes() for file in sorted(self.out.rglob("*")) if file.is_file()}

    def records(self) -> list[Path]:
        return sorted((cache_folder() / "builds").glob("*.json"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Home(tmp_path / "project")
    made.folder.mkdir()
    made.toml.write_text('id = "stored"\n')
    made.source.write_text(PROGRAM)
    made.build()
    made.build()  # the first one made the lock
    return made


def test_nothing_changed(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    home.build("--no-cache")
    long = capsys.readouterr()
    assert not home.swapped()  # every file has another inode now and is read
    assert capsys.readouterr() == long


def _edit_source(home: Home) -> None:
    home.source.write_text(home.source.read_text().replace("cpu.count = 1", "cpu.count = 3"))


def _edit_output(home: Home) -> None:
    """As long as before, and with the old time."""
    file = home.out / "domains/web-1.xml"
    status = file.stat()
    file.write_bytes(file.read_bytes().replace(b"<vcpu", b"<vcpv", 1))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def _edit_record(home: Home) -> None:
    for file in home.records():
        kept = json.loads(file.read_text())
        kept["files"]["domains/web-1.xml"][0] = "0" * 64
        file.write_text(json.dumps(kept))


def _truncate_record(home: Home) -> None:
    for file in home.records():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


CHANGES: dict[str, tuple[Callable[[Home], object], tuple[str, ...]]] = {
    "a source": (_edit_source, ()),
    "the project's id": (lambda home: home.toml.write_text('id = "other"\n'), ()),
    "no project file": (lambda home: home.toml.unlink(), ()),
    "no lock": (lambda home: home.lock.unlink(), ()),
    "an env": (lambda home: None, ("--env", "big")),
    "a parameter": (lambda home: None, ("--param", "size=2GiB")),
    "a target": (lambda home: None, ("--target", "libvirt=9.0.0")),
    "an output file": (_edit_output, ()),
    "an output file is gone": (lambda home: (home.out / "domains/web-1.xml").unlink(), ()),
    "an output file may be read by nobody": (lambda home: (home.out / "domains/web-1.xml").chmod(0), ()),
    "another output": (lambda home: shutil.rmtree(home.out), ()),
    "a record that was edited": (_edit_record, ()),
    "a record that is cut off": (_truncate_record, ()),
    "a record that others may write": (lambda home: [file.chmod(0o666) for file in home.records()], ()),
    "no records": (lambda home: [file.unlink() for file in home.records()], ()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change(home: Home, change: tuple[Callable[[Home], object], tuple[str, ...]]) -> None:
    assert not home.swapped()
    change[0](home)
    assert home.swapped(*change[1])
    built = home.content()
    assert home.build(*change[1], "--no-cache") == 0
    assert home.content() == built


def test_a_file_that_nobody_built_is_still_refused(home: Home) -> None:
    (home.out / "domains/mine.xml").write_text("<domain/>")
    assert home.build() == 2


def test_a_source_more(home: Home) -> None:
    words = ["build", str(home.folder), "-o", str(home.out)]
    for _ in range(2):
        assert main(words) == 0
    (home.folder / "more.vmspec").write_text("vm more { memory.size = 1GiB; cpu.count = 1 }\n")
    assert main(words) == 0
    assert "domains/more.xml" in home.content()


def test_another_compiler(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not home.swapped()
    monkeypatch.setattr("vmspec.driver.stored.build_id", lambda: "another")
    assert build_id.build_id() != "another"
    assert home.swapped()


def test_an_output_that_was_only_touched(home: Home) -> None:
    (home.out / "domains/web-1.xml").touch()
    assert not home.swapped()


def test_what_has_a_password_or_a_warning_is_not_kept(home: Home) -> None:
    for file in home.records():
        file.unlink()
    screen = 'vm secret { memory.size = 1GiB; cpu.count = 1; graphics vnc { type = vnc; passwd = "hunter2" } }\n'
    home.source.write_text(screen)
    for _ in range(2):
        assert home.build() == 0
    assert home.records() == []
