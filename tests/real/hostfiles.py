"""Host files as an init without systemd applies them: sysctl.d, tmpfiles.d, modprobe.d, oneshot units and grub.d fragments.

Each line becomes one shell command of /apply.sh; what fails is in `Report.failures` and what took is in `Report.applied`.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping

_HEAD = r"""
load() { if modprobe "$1" 2>/tmp/why; then say applied "modprobe $1" ""; else say failed "modprobe $1" "$(cat /tmp/why)"; fi; }
put() { # put SETTING FILE VALUE QUIET
  if [ ! -e "$2" ]; then [ -n "$4" ] || say failed "$1" "no $2"; return; fi
  if echo "$3" 2>/tmp/why >"$2"; then say applied "$1" "$3"; else say failed "$1" "$(cat /tmp/why)"; fi
}
"""


def apply_script(files: Mapping[str, bytes], modules: tuple[str, ...] = ()) -> bytes:
    """The commands that apply `files`, in systemd's order: modules with their options, tmpfiles, sysctl, units."""
    lines = [_HEAD]
    lines += [f"load {shlex.quote(name)}" for name in modules]
    lines += [each for text in _below(files, "etc/tmpfiles.d/", ".conf") for each in _tmpfiles(text)]
    lines += [each for text in _below(files, "etc/sysctl.d/", ".conf") for each in _sysctl(text)]
    lines += [each for text in _below(files, "etc/systemd/system/", ".service") for each in _unit(text)]
    return "\n".join([*lines, ""]).encode()


def cmdline_of(files: Mapping[str, bytes], base: str = "") -> str:
    """The kernel arguments that grub.d's fragments make of `base`, run as update-grub runs them: in a shell, in order of name."""
    script = f"GRUB_CMDLINE_LINUX_DEFAULT={shlex.quote(base)}\nGRUB_CMDLINE_LINUX=\n"
    script += "\n".join(_below(files, "etc/default/grub.d/", ".cfg"))
    script += '\nprintf "%s" "$GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT"'
    return subprocess.run(
        ["sh", "-eu", "-c", script], capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"}
    ).stdout.strip()


def _below(files: Mapping[str, bytes], folder: str, suffix: str) -> Iterator[str]:
    for path in sorted(files, key=lambda path: path.lstrip("/")):
        if path.lstrip("/").startswith(folder) and path.endswith(suffix):
            yield files[path].decode()


def _settings(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip() and line.lstrip()[0] not in "#;":
            yield line.strip()


def _sysctl(text: str) -> Iterator[str]:
    """sysctl.d(5): `key = value`; a leading `-` makes a failure silent; `.` and `/` both part the names."""
    for line in _settings(text):
        key, _, value = line.partition("=")
        name = key.strip().removeprefix("-")
        path = name if "/" in name.split(".")[0] else name.replace(".", "/")
        quiet = "quiet" if key.strip().startswith("-") else ""
        yield f"put {shlex.quote('sysctl ' + name)} /proc/sys/{shlex.quote(path)} {shlex.quote(value.strip())} {quiet}"


def _tmpfiles(text: str) -> Iterator[str]:
    """tmpfiles.d(5): `w PATH - - - - VALUE` writes to every existing path that the pattern matches; `w` on an absent one is silent."""
    for line in _settings(text):
        kind, path, *rest = line.split(None, 6)
        if not kind.startswith("w"):
            yield f"say failed {shlex.quote('tmpfiles ' + line)} 'only w is known here'"
            continue
        value = shlex.quote(_unquoted(rest[4]) if len(rest) > 4 else "")
        yield f'for f in {path}; do put "tmpfiles $f" "$f" {value} quiet; done'


def _unit(text: str) -> Iterator[str]:
    """The ExecStart= lines of a oneshot service, in turn (systemd.service(5): `$$` is `$`, `%%` is `%`, a leading `-` ignores failure)."""
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.startswith("ExecStart="):
            command = line.removeprefix("ExecStart=").replace("$$", "$").replace("%%", "%").lstrip()
            name = shlex.quote("unit " + command)
            tolerant = command.startswith("-")
            run = f"({command.lstrip('-@:+!')}) >/tmp/why 2>&1"
            yield f'{run} && say applied {name} "" || ' + ("true" if tolerant else f'say failed {name} "$(tr "\\n" " " </tmp/why)"')


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
