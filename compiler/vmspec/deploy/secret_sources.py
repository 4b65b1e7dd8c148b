"""Where the value of a secret comes from: the environment, a file, a command, a file descriptor. Only the command line names one."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable

LARGEST = 64 << 10
"""Bytes. libvirt takes as many (VIR_SECRET_VALUE_MAX… in src/remote/remote_protocol.x 9.0.0: REMOTE_SECRET_VALUE_MAX, 65536)."""
PATIENCE = 120
"""Seconds that a command has: somebody may have to touch a key."""


class UnreadableSecret(Exception):
    """Why there is no value. The text never holds any of it, nor what stands behind `env:` and the like: `env:$PW` is soon written."""


def read(source: str) -> bytes:
    """The value that `env:NAME`, `file:PATH`, `cmd:COMMAND…` or `fd:N` gives. What is taken from the environment is then no longer in it,
    so that no process that is started later has it."""
    scheme, colon, rest = source.partition(":")
    way = WAYS.get(scheme)
    if way is None or not colon or not rest:
        raise UnreadableSecret("is to be read from env:NAME, file:PATH, cmd:COMMAND or fd:N")
    value = way(rest)
    if len(value) > LARGEST:
        raise UnreadableSecret(f"is larger than {LARGEST >> 10} KiB")
    if not value:
        raise UnreadableSecret("is empty")
    return value


def _environment(name: str) -> bytes:
    value = os.environb.pop(os.fsencode(name), None)
    if value is None:
        raise UnreadableSecret("is to be read from a variable of the environment, which is not set (env:NAME, without a $)")
    return value


def _file(path: str) -> bytes:
    try:
        with open(path, "rb") as held:  # noqa: PTH123 - a pipe (`file:<(pass …)`) too
            return _line(held.read(LARGEST + 2))
    except OSError as error:
        raise UnreadableSecret(f"is to be read from a file: {error.strerror}") from None
    except ValueError:
        raise UnreadableSecret("is to be read from a file, which no file can be called") from None


def _descriptor(number: str) -> bytes:
    if not number.isascii() or not number.isdigit() or number in ("1", "2") or len(number) > 6:
        raise UnreadableSecret("is to be read from a file descriptor, and that is none to read from (fd:0, fd:3…)")
    try:
        with open(int(number), "rb", closefd=number != "0") as held:
            return _line(held.read(LARGEST + 2))
    except OSError as error:
        raise UnreadableSecret(f"is to be read from a file descriptor: {error.strerror}") from None


def _command(text: str) -> bytes:
    """Its words are split as a shell does, and run without one. It may ask on the terminal; what it prints is the value."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    if not words:
        raise UnreadableSecret("is to come from a command, whose words cannot be told apart")
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, check=False, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise UnreadableSecret(f"is to come from a command: {error.strerror if isinstance(error, OSError) else 'it has a NUL'}") from None
    except subprocess.TimeoutExpired:
        raise UnreadableSecret(f"is to come from a command, which did not end within {PATIENCE} s") from None
    if done.returncode:
        raise UnreadableSecret(f"is to come from a command, which ended with {done.returncode}")
    return _line(done.stdout)


def _line(value: bytes) -> bytes:
    """Without the one line end that editors and `echo` put behind a text. Of bytes that are no text each counts, as in a key's file."""
    if value.endswith(b"\n") and _is_text(value):
        return value.removesuffix(b"\n").removesuffix(b"\r")
    return value


def _is_text(value: bytes) -> bool:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return False
    return all(c >= " " or c in "\t\r\n" for c in text)


WAYS: dict[str, Callable[[str], bytes]] = {"env": _environment, "file": _file, "cmd": _command, "fd": _descriptor}
