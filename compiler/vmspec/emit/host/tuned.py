"""A profile of tuned on top of the one that the host names, for hosts that use tuned; it then owns the kernel arguments.

Sources: tuned 2.26: tuned/consts.py and tuned-main.conf (profile_dirs), plugin_bootloader.py, plugin_scheduler.py, the profiles
cpu-partitioning, realtime and realtime-virtual-host.
"""

from __future__ import annotations

from collections.abc import Callable

from vmspec.emit.host import cmdline
from vmspec.emit.host.file import OURS, ROOT, FileEntry, HostFile, lines
from vmspec.emit.host.systemd import isolated
from vmspec.lower.fleet import HostObject

FOLDERS = ("etc/tuned/vmspec", "etc/tuned/profiles/vmspec")
"""Where a profile is looked for: before 2.23, and by Red Hat's builds before RHEL 10, in /etc/tuned; else in /etc/tuned/profiles. Which one
a host reads its profile_dirs says; the same profile lies in both, and each version reads one."""

SUFFIXES = {
    "cpu-partitioning": ("cmdline_cpu_part",),
    "cpu-partitioning-powersave": ("cmdline_cpu_part", "cmdline_powersave"),
    "realtime": ("cmdline_realtime",),
    "realtime-virtual-host": ("cmdline_realtime", "cmdline_rvh"),
    "realtime-virtual-guest": ("cmdline_realtime", "cmdline_rvg"),
}
"""Profiles that isolate CPUs by their own variables, and the names of their kernel arguments: one that is set again replaces the parent's,
whose isolcpus would come first, and the kernel keeps the first."""

SPARED = "^pmd;^PMD;^DPDK;.*qemu-kvm.*;.*qemu-system.*;.*ovs-vswitchd.*"
"""Processes whose affinity these profiles leave as it is: their own list has qemu-kvm alone, and Debian's QEMU has another name."""


def profile(folder: str) -> Callable[[HostObject], HostFile | None]:
    def emit(host: HostObject) -> HostFile | None:
        base = host.spec.tuned
        if base is None:
            return None
        arguments = cmdline.arguments(host)
        # The suffix is ours alone: of two arguments with one suffix tuned keeps the last.
        boot = [f"{suffix}=" for suffix in SUFFIXES.get(base, ())]
        boot += ["cmdline_vmspec=+" + " ".join(text for text, _ in arguments)] if arguments else []
        text = lines(
            f"# {OURS}",
            ["[main]", "summary=What vmspec derived from the guests of this host", f"include={base}"],
            ["", "[bootloader]", *boot] if boot else [],
            ["", "[scheduler]", f"ps_blacklist={SPARED}"] if base in SUFFIXES else [],
        )
        entries = (FileEntry("include", (("tuned",),), base), *(entry for _, entry in arguments))
        return HostFile(
            f"{ROOT}{folder}/tuned.conf",
            text,
            entries,
            "profile of tuned",
            ("tuned-adm profile vmspec",),
            (f"tuned-adm profile {base}",),
            reboot=bool(arguments),
        )

    return emit


def variables(host: HostObject) -> HostFile | None:
    """Profiles that isolate CPUs refuse to load without these."""
    base, (cpus, paths) = host.spec.tuned, isolated(host)
    if base not in SUFFIXES or not cpus:
        return None
    text = lines(f"# {OURS}", f"isolated_cores={cpus}", "isolate_managed_irq=Y")
    entry = FileEntry("isolated_cores", (("tuned",), *paths), str(cpus))
    return HostFile(f"{ROOT}etc/tuned/{base}-variables.conf", text, (entry,), "variables of tuned's profile", reboot=True)
