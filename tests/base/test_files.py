"""Reading only regular files of a bounded size, and writing none through a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vmspec.base.files import FileError, is_below, read_bytes, write_whole


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def refused(path: Path, below: Path | None = None) -> str:
    with pytest.raises(FileError) as error:
        read_bytes(path, 1 << 20, below)
    return error.value.reason


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"text")
    assert read_bytes(tmp_path / "a", 4, below=tmp_path) == b"text"


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "large").write_bytes(b"x" * ((1 << 20) + 1))
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    assert refused(tmp_path) == "is a directory"
    assert refused(tmp_path / "fifo") == "is not a regular file"
    assert refused(tmp_path / "zero") == "is not a regular file"
    assert refused(tmp_path / "large") == "is larger than 1 MiB"
    assert refused(tmp_path / "gone") == "does not exist"
    assert refused(tmp_path / "nowhere") == "is a symbolic link that leads nowhere"


@pytest.mark.parametrize("link", ["../outside", "inner/../../outside", "/etc/passwd"])
def test_no_link_leads_out(tmp_path: Path, link: str) -> None:
    (tmp_path / "project" / "inner").mkdir(parents=True)
    (tmp_path / "outside").write_text("theirs")
    project = tmp_path / "project"
    (project / "link").symlink_to(link)
    assert refused(project / "link", below=project).startswith("lies outside of the project")
    (project / "in").symlink_to("inner")
    assert is_below(project / "in", project)
    assert not is_below(tmp_path / "projectile", project)


def test_a_file_is_replaced_whole_with_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("before")
    file.chmod(0o640)
    write_whole(file, b"after")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("after", 0o640)
    write_whole(tmp_path / "new", b"", mode=0o600)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["a", "new"]


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "link").symlink_to("victim")
    with pytest.raises(FileError, match="symbolic link"):
        write_whole(tmp_path / "link", b"lost")
    assert (tmp_path / "victim").read_text() == "precious"
    assert (tmp_path / "link").is_symlink()


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written: no such file"):
        write_whole(tmp_path / "no" / "file", b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match="cannot be written: is a directory"):
        write_whole(tmp_path / "folder", b"")
    assert names(tmp_path) == ["folder"]
