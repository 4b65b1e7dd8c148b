"""Formats values for the kernel's command line, sysctl, sysfs and module parameters.

Each function gives the text or a Problem. What a format cannot hold is refused, never escaped by guesswork: a value must not be
able to end its line or its argument. Sources: Linux Documentation/admin-guide/kernel-parameters.rst and lib/cmdline.c 6.1
(next_arg: double quotes, no escapes); sysctl.d(5), tmpfiles.d(5), modprobe.d(5) of Debian 12.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from vmspec.model.kind import Problem
from vmspec.model.value import CpuSet, Quantity, Repeated, Size, Value, show_quantity

ARGUMENT_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")
SYSCTL_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./\-]*")
PARAMETER_NAME = re.compile(r"[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+")
SYSFS_PATH = re.compile(r"/sys(/[A-Za-z0-9_.:@+*\-]+)+")
CONSOLE = re.compile(r"(tty|hvc|ttyS|ttyAMA|ttyUSB|netcon)[0-9]*(,.*)?")
BARE = re.compile(r"[A-Za-z0-9_.,:=/+@%^*~!?\-]+")
"""Nothing that the kernel, GRUB's script language or a shell gives a meaning to."""
BAD = "it holds a quote, a backslash, `$` or a character that is not printable ASCII"
FORBIDDEN = re.compile(r"""[^ -~]|["'\\$`]""")


def kernel_argument(name: str, value: Value) -> str | Problem | None:
    """`isolcpus=managed_irq,domain,2-5`, a bare name for `true`; None for what is not to be there: `false`, an empty set or list."""
    if not ARGUMENT_NAME.fullmatch(name):
        return Problem(f'"{name}" is not a name of a kernel argument')
    if isinstance(value, bool):
        return name if value else None
    if isinstance(value, Repeated):
        each = [kernel_argument(name, one) for one in value]
        problem = next((one for one in each if isinstance(one, Problem)), None)
        return problem or " ".join(one for one in each if isinstance(one, str)) or None
    if name == "console" and isinstance(value, tuple) and any(CONSOLE.fullmatch(str(part)) for part in value[1:]):
        return Problem("a list is one value with commas; for two consoles write repeated(tty0, …)")
    parts = value if isinstance(value, tuple) else (value,)
    if not parts or any(isinstance(part, CpuSet) and not part for part in parts):
        return None
    texts: list[str] = []
    for part in parts:
        text = _argument_part(part)
        if isinstance(text, Problem):
            return text
        texts.append(text)
    joined = ",".join(texts)
    if FORBIDDEN.search(joined):
        return Problem(f"{_quoted(joined)} cannot stand on a kernel command line: {BAD}")
    return f"{name}={joined}" if BARE.fullmatch(joined) else f'{name}="{joined}"'


def _argument_part(value: Value) -> str | Problem:
    if isinstance(value, Size):
        for shift, suffix in ((40, "T"), (30, "G"), (20, "M"), (10, "K")):
            if value and value % (1 << shift) == 0:
                return f"{value >> shift}{suffix}"
    return plain(value)


def plain(value: Value) -> str | Problem:
    """A scalar: `true` and `false` are 1 and 0; what has a unit is refused, for the kernel's files say none."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Quantity) and not isinstance(value, Size):
        return Problem(f"{show_quantity(value)} has a unit, and the kernel takes a plain number here")
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, (str, CpuSet)):
        return str(value)
    return Problem("is neither a string, a number, a cpuset nor a list of them")


def _line(value: Value, separator: str) -> str | Problem:
    texts: list[str] = []
    for part in value if isinstance(value, tuple) else (value,):
        if isinstance(part, Quantity):
            return Problem(f"{show_quantity(part)} has a unit, and the kernel takes a plain number here")
        text = plain(part)
        if isinstance(text, Problem):
            return text
        texts.append(text)
    joined = separator.join(texts)
    if any(not c.isprintable() for c in joined) or joined != joined.strip():
        return Problem(
            f"{_quoted(joined)} cannot stand on one line: it holds a line break or another control character, or blanks at an end"
        )
    return joined


def sysctl_value(name: str, value: Value) -> str | Problem:
    """After `=`; a list is joined by blanks, as in net.ipv4.tcp_rmem."""
    return _line(value, " ") if SYSCTL_NAME.fullmatch(name) and ".." not in name else Problem(f'"{name}" is not a name of a sysctl')


def parameter_value(name: str, value: Value) -> str | Problem:
    """Of a module's parameter; modprobe hands the text to the kernel, which knows double quotes and no escapes."""
    if not PARAMETER_NAME.fullmatch(name):
        return Problem(f'"{name}" is not `module.parameter`')
    text = _line(value, ",")
    if isinstance(text, str) and FORBIDDEN.search(text):
        return Problem(f"{_quoted(text)} cannot be a module's parameter: {BAD}")
    return text if isinstance(text, Problem) or BARE.fullmatch(text) else f'"{text}"'


def sysfs_path(name: str) -> str | None:
    """`kernel/mm/ksm/run` or the whole path; None where it is no path below /sys."""
    path = name if name.startswith("/") else f"/sys/{name}"
    return path if SYSFS_PATH.fullmatch(path) and "/.." not in path else None


def sysfs_value(name: str, value: Value) -> str | Problem:
    """The argument of a `w` line: tmpfiles.d reads `%` as a specifier and `\\` as an escape, so both are doubled."""
    if sysfs_path(name) is None:
        return Problem(f'"{name}" is not a path below /sys')
    text = _line(value, " ")
    if text == "":
        return Problem("is empty, and a `w` line has to write something")
    return text if isinstance(text, Problem) else text.replace("\\", "\\\\").replace("%", "%%")


WRITERS: Mapping[tuple[str, ...], Callable[[str, Value], str | Problem | None]] = {
    ("kernel", "args"): kernel_argument,
    ("sysctl",): sysctl_value,
    ("modprobe",): parameter_value,
    ("sysfs",): sysfs_value,
}
"""The formatter of each open map of a host, by path."""


def _quoted(text: str) -> str:
    shown = text.encode("unicode_escape").decode("ascii")
    return f'"{shown}"'
