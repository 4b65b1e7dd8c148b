"""Where values come from, and what becomes of their last line end."""

import os
from pathlib import Path

import pytest

from vmspec.deploy.secret_sources import LARGEST, UnreadableSecret, read


@pytest.mark.parametrize(
    ("held", "value"),
    [
        (b"word", b"word"),
        (b"word\n", b"word"),
        (b"word\r\n", b"word"),
        (b"word\n\n", b"word\n"),
        ("wört\n".encode(), "wört".encode()),
        (b"\xff\x00\n", b"\xff\x00\n"),
        (b"a\x00b\n", b"a\x00b\n"),
    ],
)
def test_one_line_end_of_a_text_is_none_of_it(held: bytes, value: bytes, tmp_path: Path) -> None:
    (tmp_path / "held").write_bytes(held)
    assert read(f"file:{tmp_path}/held") == value
    assert read(f"cmd:cat '{tmp_path}/held'") == value
    assert read(f"fd:{os.open(tmp_path / 'held', os.O_RDONLY)}") == value


def test_the_environment_is_left_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VMSPEC_PW", "word\n")
    assert read("env:VMSPEC_PW") == b"word\n"
    assert "VMSPEC_PW" not in os.environ
    with pytest.raises(UnreadableSecret, match="which is not set"):
        read("env:VMSPEC_PW")


def test_no_shell_reads_a_command() -> None:
    assert read("cmd:printf %s '$HOME; `id`'") == b"$HOME; `id`"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "hunter",
        "env:",
        "env:hunter",
        "file",
        "file:/hunter",
        "cmd:hunter 2",
        "fd:hunter",
        "cmd:",
        "cmd:'",
        "fd:-1",
        "fd:1",
        "fd:2",
        "fd:9999999999999999999",
        "vault:x",
    ],
)
def test_what_is_no_source_is_not_repeated(source: str) -> None:
    with pytest.raises(UnreadableSecret) as refused:
        read(source)
    assert "hunter" not in str(refused.value)


def test_too_much_is_refused(tmp_path: Path) -> None:
    (tmp_path / "held").write_bytes(b"x" * (LARGEST + 1))
    with pytest.raises(UnreadableSecret, match="larger than 64 KiB"):
        read(f"file:{tmp_path}/held")
    with pytest.raises(UnreadableSecret, match="larger than 64 KiB"):
        read("file:/dev/zero")
