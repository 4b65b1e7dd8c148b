"""Names that kernels know: arguments, sysctls, and parameters of modules with their types.

The table beside this file is made by tests/tools/kernel_names.py of Debian's kernels and their documents. A name that it lacks may be
one of another distribution's kernel, so only what is nearly a known one is a likely mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from vmspec.base.record import record
from vmspec.base.suggest import distance

TABLE = Path(__file__).with_suffix(".txt")
USER_SPACE = (
    "rd.", "systemd.", "luks.", "udev.", "vconsole.", "locale.", "plymouth.", "tuned.", "inst.", "coreos.", "ignition.", "bootc.", "fsck.",
    "zfs", "ostree", "ds", "ip", "boot", "cloud-init", "live", "cloud-config-url", "net.ifnames", "biosdevname", "cryptdevice", "fastboot",
    "splash", "text", "single", "emergency", "rescue", "root", "resume", "quiet", "BOOT_IMAGE", "console", "security", "init", "rdinit",
)  # fmt: skip
"""Arguments that programs read (bootparam(7), dracut.cmdline(7), kernel-command-line(7)), or that every kernel takes: a name that is one of
these, or begins with one that ends in a dot, is not judged."""
SHORTEST = 4
"""Letters of a name from which on one letter is a slip, and not another word."""


@record(frozen=True, slots=True)
class KernelNames:
    args: Mapping[str, frozenset[str]]
    """The versions of the table that know each; without parameters of modules."""
    sysctls: Mapping[str, frozenset[str]]
    modules: Mapping[str, Mapping[str, frozenset[str]]]
    """By module: its parameters with the types that versions give them."""
    module_versions: Mapping[tuple[str, str], frozenset[str]]
    versions: tuple[str, ...]


@cache
def kernel_names() -> KernelNames:
    """Read once, by the first host that sets something."""
    args: dict[str, frozenset[str]] = {}
    sysctls: dict[str, frozenset[str]] = {}
    modules: dict[str, dict[str, frozenset[str]]] = {}
    known: dict[tuple[str, str], frozenset[str]] = {}
    every: dict[str, None] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        kind, *rest = line.split()
        if kind == "#":
            continue
        module = rest.pop(0) if kind == "module" else ""
        versions = frozenset(rest[0].split(","))
        every |= dict.fromkeys(rest[0].split(","))
        if kind == "module":
            for typed in rest[1:]:
                name, _, of = typed.partition(":")
                at = modules.setdefault(module, {})
                at[name] = at.get(name, frozenset()) | {of}
                known[module, name] = known.get((module, name), frozenset()) | versions
        else:
            into = args if kind == "args" else sysctls
            into.update({(name.replace("-", "_") if kind == "args" else name): versions for name in rest[1:] if len(name) > 1})
    return KernelNames(args, sysctls, modules, known, tuple(every))


def slip(name: str, known: Iterable[str]) -> str | None:
    """The known name that a slip of one letter makes this one, if there is one."""
    if len(name) < SHORTEST:
        return None
    found = [each for each in known if abs(len(each) - len(name)) <= 1 and distance(name, each, 1) == 1]
    return min(found) if found else None


def begun(name: str, known: Iterable[str]) -> str | None:
    """The only known name that goes on after this one and an underscore: `sched_rt_runtime` of `sched_rt_runtime_us`."""
    found = [each for each in known if each.startswith(f"{name}_")]
    return found[0] if len(found) == 1 else None
