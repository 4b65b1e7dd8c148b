"""One setting of the host that is said in two places, or in two spellings, which differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.provenance import Path, show_path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.lower.hosts import show
from vmspec.model.guest_pages import page_size
from vmspec.model.value import Repeated, Size, Symbol, Value

SIZES = {
    "x86_64": ("2MiB", "1GiB"),
    "i686": ("2MiB", "4MiB"),
    "aarch64": ("64KiB", "2MiB", "32MiB", "512MiB", "1GiB", "16GiB"),
    "ppc64": ("2MiB", "16MiB", "1GiB", "16GiB"),
    "ppc64le": ("2MiB", "16MiB", "1GiB", "16GiB"),
    "s390x": ("1MiB", "2GiB"),
    "riscv64": ("64KiB", "2MiB", "1GiB"),
}
"""Sizes that the processors have (Linux 6.1: arch/*/mm/hugetlbpage.c, arch/*/include/asm/page.h; of aarch64 with any granule)."""

PAIRS: Mapping[str, tuple[Path, Mapping[str, str]]] = {
    "numa_balancing": (("sysctl", "kernel.numa_balancing"), {"enable": "1", "disable": "0"}),
    "nmi_watchdog": (("sysctl", "kernel.nmi_watchdog"), {}),
    "transparent_hugepage": (("transparent-hugepage",), {}),
    "cpufreq.default_governor": (("governor",), {}),
    "hung_task_panic": (("sysctl", "kernel.hung_task_panic"), {}),
}
"""Arguments that say what a setting says: that setting, and how it writes the values that it spells otherwise (Linux
Documentation/admin-guide/kernel-parameters.txt)."""


def _plain(value: Value) -> str:
    return {"true": "1", "false": "0"}.get(show(value), show(value))


def _settings(host: HostObject) -> dict[Path, Value]:
    found: dict[Path, Value] = {("sysctl", _sysctl(name)): value for name, value in host.spec.sysctl.items()}
    for name, setting in (("transparent-hugepage", host.spec.transparent_hugepage), ("governor", host.spec.governor)):
        if setting is not None:
            found[(name,)] = setting
    return found


def _sysctl(name: str) -> str:
    """`net/ipv4/ip_forward` and `net.ipv4.ip_forward` are one, by their first separator (sysctl.d(5))."""
    first = next((c for c in name if c in "./"), ".")
    return name if first == "." else name.translate(str.maketrans("./", "/."))


def _parameter(name: str) -> str:
    """`-` and `_` are the same in names of modules and parameters (modprobe(8))."""
    return name.replace("-", "_")


@rule(5038, "argument-against-setting", phase=Phase.FLEET, needs="kernel")
def argument_against_setting(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A kernel argument says the contrary of a setting that the host has, or that a guest asks of it: `numa_balancing = enable` beside
    `kernel.numa_balancing = 0`, a parameter of a module in both places, `tsc = unstable` where a guest needs the TSC.
    Why: Until the setting is applied the argument holds, and where it never is (a built-in module, a clock source) the argument wins.
    Example:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          kernel.args { numa_balancing = enable }
          sysctl { kernel.numa_balancing = 0 }
        }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; sysctl { kernel.numa_balancing = 0 } }
    """
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    settings = _settings(host)
    modules = {_parameter(name): (name, value) for name, value in host.spec.modprobe.items()}
    for name, value in args.items():
        path, words = PAIRS.get(name, ((), {}))
        said = _plain(value)
        if path in settings and words.get(said, said) != _plain(settings[path]):
            yield _against(host, name, value, path, settings[path])
        elif _parameter(name) in modules and _plain(modules[_parameter(name)][1]) != said:
            own, theirs = modules[_parameter(name)]
            yield _against(host, name, value, ("modprobe", own), theirs)
    if str(args.get("tsc")) == "unstable":
        for vm in vms:
            asked = vm.spec.host.kernel if vm.spec.host is not None else None
            if asked is not None and "tsc" in asked.args:
                yield Finding(
                    ("kernel", "args", "tsc"),
                    f"tsc = unstable takes the TSC from {host.name} as a clock, and {vm.name} needs it",
                    others=((vm, ("host", "kernel", "args", "tsc"), "asked for here"),),
                    of=host,
                )
                break


def _against(host: HostObject, name: str, value: Value, path: Path, other: Value) -> Finding:
    return Finding(
        ("kernel", "args", name),
        f"{name} = {show(value)} on the command line of {host.name} is against {show_path(path)} = {show(other)}",
        labels=((path, "said here"),),
        help="leave one of them out",
    )


@rule(5039, "setting-twice", phase=Phase.FLEET, needs="sysctl modprobe kernel sysfs")
def setting_twice(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A sysctl, an argument or a parameter of a module stands there in two spellings with two values (`kvm-intel.nested` and
    `kvm_intel.nested`, `net/ipv4/ip_forward` and `net.ipv4.ip_forward`), a switch below /sys against the setting of its own
    (`transparent-hugepage`, `ksm`, `governor`), or huge pages are reserved by the nodes and by an argument or a sysctl as well.
    Why: Which one is read last decides, and that is the order of lines in a file.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; modprobe { "kvm-intel.nested" = 1; kvm_intel.nested = 0 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; modprobe { kvm_intel.nested = 0 } }
    """
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    for at, spelt, held in (
        (("sysctl",), _sysctl, host.spec.sysctl),
        (("modprobe",), _parameter, host.spec.modprobe),
        (("kernel", "args"), _parameter, args),
    ):
        first: dict[str, str] = {}
        for name, value in held.items():
            other = first.setdefault(spelt(name), name)
            if other != name and _plain(held[other]) != _plain(value):
                yield Finding(
                    (*at, name),
                    f"{name} and {other} of {host.name} are one setting: {show(value)} and {show(held[other])}",
                    labels=(((*at, other), "the other spelling"),),
                )
    yield from _switches(host)
    reserved = [(node.label, key) for node in host.spec.numa for key, count in node.hugepages.items() if count]
    if not reserved:
        return
    node, key = reserved[0]
    by_hand: list[tuple[Path, str]] = []
    if host.spec.kernel is not None and "hugepages" in host.spec.kernel.args:
        by_hand.append((("kernel", "args", "hugepages"), "hugepages"))
    small = any(page_size(each) == page_size("2MiB") for _, each in reserved)
    by_hand += [(("sysctl", name), name) for name in host.spec.sysctl if small and _sysctl(name).startswith("vm.nr_hugepages")]
    for path, name in by_hand:
        yield Finding(
            path,
            f"huge pages of {host.name} are reserved by its nodes, and by {name} as well",
            labels=((("numa", node, "hugepages", key), "reserved here"),),
            help="leave it out: the nodes' numbers become arguments and switches",
        )


def _switches(host: HostObject) -> Iterator[Finding]:
    """Of switches below /sys that have a setting of their own, those that say something else."""
    own: dict[str, tuple[Path, Value, tuple[str, ...]]] = {}
    settings: tuple[tuple[str, Path, Symbol | None], ...] = (
        ("kernel/mm/transparent_hugepage/enabled", ("transparent-hugepage",), host.spec.transparent_hugepage),
        ("devices/system/cpu/cpu*/cpufreq/scaling_governor", ("governor",), host.spec.governor),
    )
    for name, path, word in settings:
        if word is not None:
            own[name] = (path, word, (str(word),))
    if host.spec.ksm is not None and host.spec.ksm.run is not None:
        own["kernel/mm/ksm/run"] = (("ksm", "run"), host.spec.ksm.run, ("1",) if host.spec.ksm.run else ("0", "2"))
    for name, said in host.spec.sysfs.items():
        path, value, fits = own.get(name.removeprefix("/sys/"), ((), "", ()))
        if path and _plain(said) not in fits:
            yield Finding(
                ("sysfs", name),
                f"{name} of {host.name} is {show(said)}, and {show_path(path)} is {show(value)}",
                labels=((path, "said here"),),
                help="leave one of them out",
            )


@rule(5042, "page-size-unknown", phase=Phase.FLEET, needs="numa kernel")
def page_size_unknown(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A node reserves huge pages of a size, or `hugepagesz` or `default_hugepagesz` names one, that processors of the host's
    architecture do not have.
    Why: The kernel has no such pool ("HugeTLB: unsupported hugepagesz", mm/hugetlb.c of Linux 6.1), and its guests do not start.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB; hugepages { 512MiB = 4 } } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB; hugepages { 1GiB = 2 } } }
    """
    arch = str(host.spec.arch or "x86_64")
    known = {page_size(text) for text in SIZES.get(arch, ())}
    for node in host.spec.numa:
        for key in node.hugepages:
            size = page_size(key)
            if known and size is not None and size not in known:
                yield Finding(
                    ("numa", node.label, "hugepages", key),
                    f"{arch} has no pages of {key}",
                    help=f"it has {', '.join(SIZES[arch])}",
                )
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    for name in ("default_hugepagesz", "hugepagesz"):
        value = args.get(name)
        for each in value if isinstance(value, Repeated) else (value,):
            size = int(each) if isinstance(each, Size) else page_size(f"{each}iB") if isinstance(each, str) else None
            if known and size is not None and size not in known:
                yield Finding(
                    ("kernel", "args", name), f"{arch} has no pages of {show(value or '')}", help=f"it has {', '.join(SIZES[arch])}"
                )
