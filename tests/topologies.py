"""Twelve machines as their /sys and /proc show them, made from what is publicly known of each: a tree that `vmc facts --root` reads.

Numbering of CPUs is Linux': on x86 the second threads follow all first ones; on hybrid and s390x machines they are neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Core:
    cpus: tuple[int, ...]
    node: int
    socket: int
    cache: int
    kind: str = ""


@dataclass(frozen=True)
class Card:
    name: str
    address: str
    node: int
    speed: int = 10_000
    vfs: int = 0


@dataclass(frozen=True)
class Machine:
    name: str
    cores: tuple[Core, ...]
    memory: tuple[int, ...]
    """GiB by node."""
    cards: tuple[Card, ...] = ()
    arch: str = "x86_64"
    vendor: str = "GenuineIntel"
    model: str = ""
    os: str = 'ID=debian\nVERSION_ID="13"\n'
    kernel: str = "6.12.48+deb13-amd64"


def even(sockets: int, nodes: int, cores: int, threads: int, caches: int) -> tuple[Core, ...]:
    """`cores` in all; nodes and caches share them evenly."""
    return tuple(
        Core(
            tuple(core + cores * thread for thread in range(threads)),
            core * nodes // cores,
            core * sockets // cores,
            core * caches // cores,
        )
        for core in range(cores)
    )


def _hybrid() -> tuple[Core, ...]:
    """8 cores of two threads and 16 of one, numbered in that order (Core i9-13900)."""
    big = tuple(Core((2 * each, 2 * each + 1), 0, 0, 0, "core") for each in range(8))
    return (*big, *(Core((16 + each,), 0, 0, 0, "atom") for each in range(16)))


def _asymmetric() -> tuple[Core, ...]:
    """Node 0 has 16 cores, node 1 has 8, each of two threads."""
    return tuple(Core((core, core + 24), 0 if core < 16 else 1, 0 if core < 16 else 1, 0 if core < 16 else 1) for core in range(24))


MACHINES = (
    Machine("homelab", even(1, 1, 4, 1, 1), (16,), (Card("enp1s0", "0000:01:00.0", -1, 1000),), model="Intel(R) N100"),
    Machine("one-socket", even(1, 1, 16, 2, 1), (128,), (Card("eno1", "0000:3b:00.0", 0, 25_000, 64),), model="Intel(R) Xeon(R) Gold 6326"),
    Machine("two-by-32", even(2, 2, 32, 2, 2), (192, 192), (Card("ens1f0", "0000:af:00.0", 1, 25_000, 64),), model="Xeon Silver 4314"),
    Machine(
        "two-by-128",
        even(2, 2, 128, 2, 16),
        (512, 512),
        (Card("ens1f0np0", "0000:41:00.0", 0, 100_000, 16), Card("ens2f0np0", "0000:c1:00.0", 1, 100_000, 16)),
        vendor="AuthenticAMD",
        model="AMD EPYC 7763 64-Core Processor",
    ),
    Machine(
        "epyc-nps4",
        even(1, 4, 64, 2, 8),
        (64, 64, 64, 64),
        (Card("enp65s0", "0000:41:00.0", 2, 100_000, 128),),
        vendor="AuthenticAMD",
        model="AMD EPYC 7713 64-Core Processor",
    ),
    Machine("no-smt", even(2, 2, 40, 1, 2), (96, 96), (Card("eno1", "0000:19:00.0", 0),), model="Intel(R) Xeon(R) Gold 6138"),
    Machine(
        "altra",
        even(1, 1, 80, 1, 80),
        (256,),
        (Card("enP2p1s0", "0002:01:00.0", 0, 100_000, 16),),
        arch="aarch64",
        vendor="0x41",
        kernel="6.12.48+deb13-arm64",
    ),
    Machine(
        "s390x",
        tuple(Core((2 * core, 2 * core + 1), 0, 0, 0) for core in range(8)),
        (64,),
        (),
        arch="s390x",
        vendor="IBM/S390",
        os='ID="rhel"\nVERSION_ID="9.6"\n',
        kernel="5.14.0-570.el9.s390x",
    ),
    Machine("sub-numa", even(2, 4, 64, 2, 4), (128,) * 4, (Card("ens3f0", "0000:5e:00.0", 1, 100_000, 64),), model="Xeon Platinum 8358"),
    Machine("memory-only", even(1, 1, 24, 2, 1), (96, 256), (Card("eno1", "0000:3b:00.0", 0),), model="Intel(R) Xeon(R) 6972P"),
    Machine("asymmetric", _asymmetric(), (128, 64), (Card("eno1", "0000:b1:00.0", 1),), model="Intel(R) Xeon(R)"),
    Machine("hybrid", _hybrid(), (64,), (Card("eno1", "0000:03:00.0", -1, 2500),), model="13th Gen Intel(R) Core(TM) i9-13900"),
)  # fmt: skip


def write_tree(root: Path, machine: Machine) -> Path:
    """The files below `root`, which is made."""
    files: dict[str, str] = {
        "proc/sys/kernel/osrelease": machine.kernel,
        "proc/sys/kernel/arch": machine.arch,
        "proc/sys/vm/swappiness": "60",
        "proc/sys/net/ipv4/conf/all/rp_filter": "0",
        "proc/sys/net/ipv4/conf/vnet7/rp_filter": "0",
        "proc/cmdline": "BOOT_IMAGE=/boot/vmlinuz root=UUID=1 ro quiet",
        "etc/os-release": machine.os,
        "etc/default/grub": "",
        "proc/cpuinfo": f"vendor_id\t: {machine.vendor}\nmodel name\t: {machine.model}\n\nprocessor : 1\n"
        if machine.arch != "aarch64"
        else f"CPU implementer\t: {machine.vendor}\n\n",
        "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids",
        "sys/fs/cgroup/cpuset.cpus.isolated": "",
        "sys/kernel/mm/ksm/run": "0",
        "sys/devices/system/cpu/online": _list(cpu for core in machine.cores for cpu in core.cpus),
    }
    pages = (2048, 1048576) if machine.arch == "x86_64" else (1024,) if machine.arch == "s390x" else (64, 2048, 32768, 1048576)
    for number, memory in enumerate(machine.memory):
        at = f"sys/devices/system/node/node{number}/"
        files[at + "cpulist"] = _list(cpu for core in machine.cores if core.node == number for cpu in core.cpus)
        files[at + "meminfo"] = f"Node {number} MemTotal:       {memory * 1016 * 1024} kB\nNode {number} MemFree:  1 kB"
        files[at + "distance"] = " ".join("10" if other == number else "21" for other in range(len(machine.memory)))
        files.update({f"{at}hugepages/hugepages-{size}kB/nr_hugepages": "0" for size in pages})
    caches = {core.cache: _list(cpu for each in machine.cores if each.cache == core.cache for cpu in each.cpus) for core in machine.cores}
    for core in machine.cores:
        for cpu in core.cpus:
            at = f"sys/devices/system/cpu/cpu{cpu}/"
            files[at + "topology/thread_siblings_list"] = _list(core.cpus)
            files[at + "topology/physical_package_id"] = str(core.socket)
            files[at + "cache/index3/level"] = "3"
            files[at + "cache/index3/type"] = "Unified"
            files[at + "cache/index3/size"] = "32768K"
            files[at + "cache/index3/shared_cpu_list"] = caches[core.cache]
    for kind in sorted({core.kind for core in machine.cores if core.kind}):
        files[f"sys/devices/cpu_{kind}/cpus"] = _list(cpu for core in machine.cores if core.kind == kind for cpu in core.cpus)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text + "\n")
    for card in machine.cards:
        _card(root, card)
    return root


def _card(root: Path, card: Card) -> None:
    device = root / "sys/devices/pci0000:00" / card.address
    net = device / "net" / card.name
    net.mkdir(parents=True)
    entries = {"class": "0x020000", "vendor": "0x15b3", "device": "0x1017", "numa_node": str(card.node)}
    entries |= {"sriov_totalvfs": str(card.vfs)} if card.vfs else {}
    for name, text in entries.items():
        (device / name).write_text(text + "\n")
    for name, text in {"mtu": "1500", "speed": str(card.speed)}.items():
        (net / name).write_text(text + "\n")
    (net / "device").symlink_to(device)
    for folder, name, target in (("bus/pci/devices", card.address, device), ("class/net", card.name, net)):
        (root / "sys" / folder).mkdir(parents=True, exist_ok=True)
        (root / "sys" / folder / name).symlink_to(target)


def _list(cpus: Sequence[int] | object) -> str:
    """As the kernel prints a set: `0-3,8`."""
    numbers = sorted(cpus)  # type: ignore[call-overload]
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
