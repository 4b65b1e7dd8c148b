"""Values that the kernel takes of what hosts set by name."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORDS = {
    "transparent_hugepage": ("always", "madvise", "never"),
    "transparent_hugepage_shmem": ("always", "within_size", "advise", "never", "deny", "force"),
    "numa_balancing": ("enable", "disable"),
    "preempt": ("none", "voluntary", "full", "lazy"),
    "idle": ("poll", "halt", "nomwait"),
    "intel_pstate": ("disable", "active", "passive", "force", "no_hwp", "hwp_only", "support_acpi_ppc", "per_cpu_perf_limits", "no_cas"),
    "amd_pstate": ("disable", "passive", "active", "guided"),
    "hugetlb_free_vmemmap": ("on", "off", "1", "0", "y", "n"),
    "cpufreq.default_governor": ("performance", "powersave", "ondemand", "userspace", "schedutil", "conservative"),
}
"""Arguments of one word (Linux Documentation/admin-guide/kernel-parameters.txt 6.1 and 6.12)."""
LISTS = {
    "intel_iommu": ("on", "off", "igfx_off", "forcedac", "strict", "sp_off", "sm_on", "sm_off", "tboot_noforce"),
    "iommu": (
        "off", "force", "noforce", "biomerge", "merge", "nomerge", "soft", "allowdac", "forcedac", "usedac", "pt", "nopt", "panic",
        "nopanic",        "noagp", "fullflush", "nobypass", "memaper", "noaperture", "calgary",
    ),
    "mitigations": (
        "auto", "off", "nosmt", "no_user_kernel", "no_user_user", "no_guest_host", "no_guest_guest", "no_cross_thread",
    ),
}  # fmt: skip
"""Arguments of words with commas (the same document; attack vectors of mitigations since 6.17)."""
RANGES: dict[str, tuple[int, int | None]] = {
    "vm.swappiness": (0, 200),
    "vm.overcommit_memory": (0, 2),
    "vm.dirty_ratio": (0, 100),
    "vm.dirty_background_ratio": (0, 100),
    "vm.unprivileged_userfaultfd": (0, 1),
    "vm.stat_interval": (0, None),
    "vm.nr_hugepages": (0, None),
    "vm.compaction_proactiveness": (0, 100),
    "kernel.numa_balancing": (0, 3),
    "kernel.timer_migration": (0, 1),
    "kernel.nmi_watchdog": (0, 1),
    "kernel.soft_watchdog": (0, 1),
    "kernel.watchdog": (0, 1),
    "kernel.watchdog_thresh": (0, 60),
    "kernel.sched_rt_runtime_us": (-1, None),
    "kernel.sched_rt_period_us": (1, None),
    "kernel.sched_autogroup_enabled": (0, 1),
    "kernel.io_uring_disabled": (0, 2),
    "kernel.randomize_va_space": (0, 2),
    "kernel.split_lock_mitigate": (0, 1),
    "fs.aio-max-nr": (0, None),
}
"""Sysctls with bounds; another value is refused with EINVAL (the tables of struct ctl_table in Linux 6.12: mm/util.c, mm/page-writeback.c,
kernel/sched/rt.c, kernel/watchdog.c, fs/aio.c, io_uring/io_uring.c; Documentation/admin-guide/sysctl/vm.rst)."""
SYSFS = {
    "/sys/kernel/mm/transparent_hugepage/enabled": ("always", "madvise", "never"),
    "/sys/kernel/mm/transparent_hugepage/defrag": ("always", "defer", "defer+madvise", "madvise", "never"),
    "/sys/kernel/mm/transparent_hugepage/shmem_enabled": ("always", "within_size", "advise", "never", "deny", "force"),
    "/sys/kernel/mm/transparent_hugepage/use_zero_page": ("0", "1"),
    "/sys/kernel/mm/transparent_hugepage/khugepaged/defrag": ("0", "1"),
    "/sys/kernel/mm/ksm/run": ("0", "1", "2"),
    "/sys/kernel/mm/ksm/pages_to_scan": (),
    "/sys/kernel/mm/ksm/sleep_millisecs": (),
    "/sys/kernel/mm/ksm/merge_across_nodes": ("0", "1"),
    "/sys/kernel/mm/ksm/use_zero_pages": ("0", "1"),
    "/sys/kernel/mm/ksm/max_page_sharing": (),
    "/sys/kernel/mm/ksm/advisor_mode": ("none", "scan-time"),
    "/sys/devices/system/cpu/smt/control": ("on", "off", "forceoff"),
    "/sys/devices/system/cpu/cpufreq/boost": ("0", "1"),
    "/sys/devices/system/cpu/intel_pstate/no_turbo": ("0", "1"),
    "/sys/devices/system/cpu/intel_pstate/min_perf_pct": (),
    "/sys/devices/system/cpu/intel_pstate/max_perf_pct": (),
    "/sys/devices/system/cpu/intel_pstate/status": ("off", "active", "passive"),
    "/sys/devices/virtual/workqueue/cpumask": (),
}
"""Switches below /sys with what may be written, where that is words (Documentation/admin-guide/mm/transhuge.rst, ksm.rst,
Documentation/ABI/testing/sysfs-devices-system-cpu of Linux 6.12)."""
OWN_WORDS = {"kvm.nx_huge_pages": ("0", "1", "off", "force", "auto", "never", "y", "n", "Y", "N", "on")}
"""Parameters that are no plain bool though they say so (set_nx_huge_pages, arch/x86/kvm/mmu/mmu.c of Linux 6.12)."""
_BOOLEAN = re.compile(r"[yYtT1nNfF0]\w*|[oO](?:[nN]|[fF])\w*")
"""kstrtobool, lib/kstrtox.c of Linux 6.12: it looks at the first letter, or the first two."""
_INTEGER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)")
_NATURAL = re.compile(r"\+?(?:0[xX][0-9a-fA-F]+|[0-9]+)")


def refused_argument(name: str, text: str) -> str | None:
    """Why the kernel does not take this value of an argument; None where it does, or where that is not known."""
    if name in WORDS and text not in WORDS[name]:
        return f"it takes {_or(WORDS[name])}"
    if name in LISTS and (wrong := [part for part in text.split(",") if part not in LISTS[name]]):
        return f"{wrong[0]} is none of {_or(LISTS[name])}"
    return None


def refused_sysctl(name: str, text: str) -> str | None:
    if name not in RANGES:
        return None
    low, high = RANGES[name]
    if not _INTEGER.fullmatch(text) or int(text, 0 if "x" in text.lower() else 10) < low or (high is not None and int(text, 0) > high):
        return f"it takes {low} to {high}" if high is not None else f"it takes whole numbers from {low} on"
    return None


def refused_parameter(name: str, types: Iterable[str], text: str) -> str | None:
    """`types`: those that kernels give the parameter; one that takes the value is enough."""
    if name in OWN_WORDS:
        return None if text in OWN_WORDS[name] else f"it takes {_or(OWN_WORDS[name][:6])}"
    wrong = [why for kind in types if (why := _refused_by(kind, text)) is not None]
    return wrong[0] if wrong and len(wrong) == len(list(types)) else None


def _refused_by(kind: str, text: str) -> str | None:
    if kind.startswith("array of "):
        return next((why for part in text.split(",") if (why := _refused_by(kind.removeprefix("array of "), part)) is not None), None)
    match kind:
        case "bool" | "bint" | "invbool":
            return None if _BOOLEAN.fullmatch(text) else "it takes 1 or 0"
        case "int" | "long" | "short":
            return None if _INTEGER.fullmatch(text) else "it takes a whole number"
        case "uint" | "ulong" | "ushort" | "byte" | "ullong":
            return None if _NATURAL.fullmatch(text) else "it takes a whole number from 0 on"
    return None


def refused_switch(path: str, text: str) -> str | None:
    words = SYSFS.get(path, ())
    return f"it takes {_or(words)}" if words and text not in words else None


def _or(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
