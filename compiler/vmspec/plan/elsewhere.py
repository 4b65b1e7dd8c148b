"""Settings that a host has elsewhere than in our files, and that win over ours or stand beside them on the command line.

Sources: sysctl.d(5), modprobe.d(5), tmpfiles.d(5) of Debian 12 (files of one name hide those of lower folders, and later names win),
util/grub-mkconfig.in and util/grub.d/10_linux.in of grub2 2.06 (GRUB_CMDLINE_LINUX, then GRUB_CMDLINE_LINUX_DEFAULT), bootparam(7), Linux
kernel/sched/isolation.c 6.12 (a second isolcpus= or nohz_full= has to say the same), tuned 2.27 (reapply_sysctl, bootcmdline).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from vmspec.base.record import record
from vmspec.plan.files import Elsewhere, FileSetting

Texts = Mapping[str, str]
"""Files of the host by their path."""


@record(frozen=True, slots=True)
class OwnSettings:
    """What our files of a host set, by what reads them."""

    sysctls: Sequence[FileSetting] = ()
    parameters: Sequence[FileSetting] = ()
    switches: Sequence[FileSetting] = ()
    arguments: Sequence[FileSetting] = ()
    argument_files: Sequence[str] = ()
    """Where the boot loader of this host takes arguments from, as prefixes of paths."""
    tuned: str | None = None
    """The profile that ours includes."""


OURS = ("/etc/sysctl.d/90-vmspec.conf", "/etc/modprobe.d/vmspec.conf", "/etc/tmpfiles.d/vmspec.conf", "/etc/default/grub.d/90-vmspec.cfg")
FOLDERS = {
    "sysctl.d": ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"),
    "modprobe.d": ("/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"),
    "tmpfiles.d": ("/etc/tmpfiles.d", "/run/tmpfiles.d", "/usr/lib/tmpfiles.d"),
    "arguments": ("/etc/default/grub.d", "/boot/loader/entries"),
    "wants": ("/etc/systemd/system/multi-user.target.wants",),
}
SINGLE = (
    *("/etc/sysctl.conf", "/etc/default/grub", "/etc/kernel/cmdline", "/usr/lib/kernel/cmdline"),
    *("/etc/tuned/bootcmdline", "/etc/tuned/active_profile"),
)
FIRST_WINS = ("isolcpus", "nohz_full")
OFTEN = ("console", "earlycon", "earlyprintk", "hugepagesz", "hugepages", "blacklist", "module_blacklist", "rd.driver.blacklist")
"""Arguments that a line has several times on purpose."""


def elsewhere(own: OwnSettings, texts: Texts, enabled: Sequence[str]) -> Iterator[Elsewhere]:
    """What of `own` is otherwise elsewhere; `enabled` are the units that multi-user.target wants."""
    sysctls = {path_of_sysctl(each.name): each for each in own.sysctls}
    yield from _later(texts, "sysctl.d", "90-vmspec.conf", lambda line: _sysctl(line, sysctls))
    parameters = {each.name.replace("-", "_"): each for each in own.parameters}
    yield from _later(texts, "modprobe.d", "vmspec.conf", lambda line: _parameter(line, parameters))
    yield from _later(texts, "tmpfiles.d", "vmspec.conf", lambda line: _switch(line, own.switches))
    yield from _arguments(own, texts)
    yield from _tuned(own, texts, enabled)


def _later(texts: Texts, kind: str, ours: str, read: Callable[[str], Iterator[tuple[FileSetting, str]]]) -> Iterator[Elsewhere]:
    """Of files that are read after ours. /etc/sysctl.conf is read last, or, by a link, as 99-sysctl.conf."""
    found: dict[str, str] = {}
    for folder in FOLDERS[kind]:
        for path in texts:
            name = path.removeprefix(f"{folder}/")
            if name != path and "/" not in name:
                found.setdefault(name, path)
    if kind == "sysctl.d" and "/etc/sysctl.conf" in texts:
        found.setdefault("99-sysctl.conf", "/etc/sysctl.conf")
    last: dict[str, Elsewhere] = {}
    for name in sorted(name for name in found if name > ours and name.endswith(".conf")):
        for number, line in enumerate(texts[found[name]].splitlines(), 1):
            for setting, theirs in read(line.strip()):
                last.pop(setting.name, None)
                if " ".join(theirs.split()) != setting.value:
                    last[setting.name] = Elsewhere(found[name], number, setting, theirs, "it is read after ours, and wins")
    yield from last.values()


def path_of_sysctl(name: str) -> str:
    """Below /proc/sys: the separator that comes first is that of the whole name (sysctl.d(5))."""
    slash, dot = name.find("/"), name.find(".")
    return name if slash != -1 and (dot == -1 or slash < dot) else name.replace("/", "\0").replace(".", "/").replace("\0", ".")


def _sysctl(line: str, ours: Mapping[str, FileSetting]) -> Iterator[tuple[FileSetting, str]]:
    name, equals, value = line.partition("=")
    if equals and line[0] not in "#;":
        pattern = path_of_sysctl(name.strip().removeprefix("-"))
        yield from ((setting, value.strip()) for path, setting in ours.items() if fnmatchcase(path, pattern))


def _parameter(line: str, ours: Mapping[str, FileSetting]) -> Iterator[tuple[FileSetting, str]]:
    word, *rest = line.split() or [""]
    for part in rest[1:] if word == "options" else ():
        name, _, value = part.partition("=")
        setting = ours.get(f"{rest[0]}.{name}".replace("-", "_"))
        if setting is not None:
            yield setting, value


def _switch(line: str, ours: Sequence[FileSetting]) -> Iterator[tuple[FileSetting, str]]:
    fields = line.split(None, 6)
    if len(fields) == 7 and fields[0].startswith("w"):
        yield from ((setting, fields[6]) for setting in ours if setting.name == fields[1] or fnmatchcase(setting.name, fields[1]))


_GRUB_LINE = re.compile(r"\s*(?:export\s+)?GRUB_CMDLINE_LINUX(?:_DEFAULT)?\+?=(.*)")


def _arguments(own: OwnSettings, texts: Texts) -> Iterator[Elsewhere]:
    ours: dict[str, list[FileSetting]] = {}
    for each in own.arguments:
        ours.setdefault(each.name, []).append(each)
    for path in sorted(texts):
        tuned = path == "/etc/tuned/bootcmdline" and own.tuned is None
        if path in OURS or not (tuned or path.startswith(tuple(own.argument_files))):
            continue
        for number, line in enumerate(texts[path].splitlines(), 1):
            for word in _words(path, line):
                name, _, value = word.partition("=")
                settings = ours.get(name)
                if settings and name not in OFTEN and value not in [each.value for each in settings]:
                    why = "the kernel keeps the first, and drops ours" if name in FIRST_WINS else "both stand on the command line"
                    yield Elsewhere(path, number, settings[0], word, why)


def _words(path: str, line: str) -> list[str]:
    """The arguments on a line of a file that a boot loader or tuned reads."""
    if path.startswith("/etc/default/grub"):
        match = _GRUB_LINE.match(line)
        text = match[1] if match else ""
    elif path.startswith("/boot/loader/entries/"):
        text = line.removeprefix("options") if line.startswith("options") else ""
    elif path == "/etc/tuned/bootcmdline":
        text = line.partition("=")[2] if line.startswith("TUNED_BOOT_CMDLINE=") else ""
    else:
        text = "" if line.startswith("#") else line
    return text.replace('"', " ").replace("'", " ").split()


def _tuned(own: OwnSettings, texts: Texts, enabled: Sequence[str]) -> Iterator[Elsewhere]:
    """tuned sets its profile's values as it starts, after sysctl.d and tmpfiles.d were applied; sysctls of files it then applies again."""
    active = texts.get("/etc/tuned/active_profile", "").strip()
    if own.tuned is None and active and own.switches and "tuned.service" in enabled:
        setting = own.switches[0]
        why = f"tuned's profile {active} sets such switches after ours: say tuned = {active}, or disable tuned.service"
        yield Elsewhere("/etc/tuned/active_profile", 1, setting, active, why)
