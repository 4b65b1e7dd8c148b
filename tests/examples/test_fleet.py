"""The example of a fleet: it builds without a word, and for each proof one changed line is refused at both of its places."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from vmspec.base.diagnostic import Diagnostic
from vmspec.driver.compilation import Compilation

FLEET = Path(__file__).parents[2] / "examples" / "fleet"

SEVERAL = "several objects have it from the one line"
CHANGES: dict[str, tuple[str, str, int, str, str]] = {
    # proof: (line, its change, code, what is pointed at first, what is pointed at too)
    "pages of a node": ("memory.size = 64GiB", "memory.size = 600GiB", 5022, "memory.size = 600GiB", "memory = 512GiB"),
    "memory of a node": ("memory.size = 32GiB", "memory.size = 500GiB; numa { mode = strict; nodeset = 0 }", 5003, "500GiB", "512GiB"),
    "pages and reserve": (
        "reserve { cpus = 0-1,16-17; memory = 8GiB }",
        "reserve { cpus = 0-1,16-17; memory = 180GiB }",
        5022,
        "180GiB",
        "",
    ),
    "dedicated twice": ("pin = 34-35,98-99", "pin = 35-36,99-100", 5005, "pin = ", "pin = "),
    "a core in two guests": ("pin = 34-35,98-99", "pin = 34-35,98,101", 5005, "pin = ", "pin = "),
    "pinned to the house": ("pin = 24-25", "pin = 17,24", 5006, "17,24", "0-1,16-17"),
    "pinned to CPU 0": ("pin = 12-13 }", "pin = 0,12 }", 5007, "0,12", ""),
    "beyond the host": ("pin = 24-25", "pin = 24,32", 5001, "24,32", "0-15"),
    "poll CPU of the switch": ("router = 8-11", "router = 2,8-10", 5045, "pin = $cpus", "$pmd"),
    "poll CPU on the house": ("let $pmd = 2,18", "let $pmd = 1,18", 5045, "", "0-1,16-17"),
    "no house on a node": ("reserve { cpus = 0-1,16-17;", "reserve { cpus = 0-1;", 5044, "0-1", "pin"),
    "emulator on another's CPU": ("pin = 12-13 }", "pin = 12-13 }; emulator.pin = 4", 5005, "emulator.pin = 4", "pin = $cpus"),
    "float over another's CPU": ("cpuset = $cpus }", "cpuset = 2-3,8-15 }", 5005, "2-3,8-15", "pin"),
    "SMT off": (
        'kernel-version = "6.1.0"\n  realtime-kernel = true\n  facts',
        "smt = false\n  realtime-kernel = true\n  facts",
        5024,
        "",
        "smt = false",
    ),
    "fewer CPUs started": ("irqbalance = true", "irqbalance = true; kernel.args { maxcpus = 16 }", 5040, "", "maxcpus = 16"),
    "less memory": ("irqbalance = true", "irqbalance = true; kernel.args { mem = 64GiB }", 5041, "mem = 64GiB", "96GiB"),
    "isolation by hand": ("irqbalance = true", "irqbalance = true; kernel.args { isolcpus = 4-7 }", 5036, "isolcpus = 4-7", ""),
    "tick by hand": ("irqbalance = true", "irqbalance = true; kernel.args { nohz_full = 0-7 }", 5033, "nohz_full = 0-7", ""),
    "interrupts on guests": ("irqbalance = true", "irqbalance = true; kernel.args { irqaffinity = 4-7 }", 5033, "irqaffinity = 4-7", ""),
    "argument against a guest": ("irqbalance = true", "irqbalance = true; kernel.args { nmi_watchdog = 1 }", 5038, "nmi_watchdog = 1", ""),
    "pages by argument too": (
        'kernel-version = "6.1.0"',
        'kernel-version = "6.1.0"; numa 0 { hugepages { 1GiB = 9 } }; kernel.args { hugepages = 9 }',
        5039,
        "hugepages = 9",
        "1GiB = 9",
    ),
    "memory of a node is too far": ("hostdev gpu {", "numa { mode = strict; nodeset = 0 }; hostdev gpu {", 5011, "nodeset = 0", ""),
    "device of another node": ("pin = 36-39,100-103", "pin = 4-7,68-71", 5012, "0000:a1:00.0", "node = 1"),
    "group of two devices": (
        "device gpu {",
        'device snd { address = "0000:a1:00.1"; iommu-group = 61 }; device gpu {',
        5013,
        "0000:a1:00.0",
        "",
    ),
    "device twice": (
        'disk vda { source = block("/dev/nvme-vg/controller") }',
        'disk vda { source = block("/dev/nvme-vg/controller") }; hostdev x { source = pci(0000:a1:00.0); managed = true }',
        6005,
        "0000:a1:00.0",
        "0000:a1:00.0",
    ),
    "IOMMU off": ("realtime-kernel = true\n  facts", "iommu = false\n  realtime-kernel = true\n  facts", 5030, "", "iommu = false"),
    "functions too few": ("vfs = 8", "vfs = 1", 5034, "", "vfs = 1"),
    "kernel without real time": (
        "realtime-kernel = true\n  irqbalance",
        "realtime-kernel = false\n  irqbalance",
        5901,
        "realtime-kernel = false",
        "",
    ),
    "merging against a guest": ("irqbalance = true", "irqbalance = true; ksm = true", 5901, "ksm = true", ""),
    "disk twice": ("db-${node}-system", "gateway", 6002, "", ""),
    "bridge that is not there": ('bridge("br0") }\n  #', 'bridge("br9") }\n  #', 5010, 'bridge("br9")', "br0"),
    "frames too large": ("memory.size = 96GiB", "memory.size = 96GiB; interface eth0 { mtu = 9000 }", 5032, "", "mtu = 1500"),
    "machine too new": ("memory.size = 96GiB", "memory.size = 96GiB; machine = pc-q35-9.0", 5029, "pc-q35-9.0", "large.json"),
    "model of another maker": (
        'memory.size = 8GiB\n  disk vda { source = file("/images/office',
        'memory.size = 8GiB; cpu { mode = custom; model = Skylake-Server }\n  disk vda { source = file("/images/office',
        5027,
        "Skylake-Server",
        "vendor = amd",
    ),
    "too many vCPUs": ("overcommit { cpu = 600%;", "overcommit { cpu = 200%;", 5031, "", "cpu = 200%"),
    "memory overcommitted": ("memory { size = 4GiB; current = 2GiB }", "memory { size = 12GiB; current = 2GiB }", 5003, "12GiB", ""),
    "headroom": ("headroom = 20%", "headroom = 60%", 5003, "", "headroom = 60%"),
    "UUID twice": (
        "memory.size = 2GiB",
        'memory.size = 2GiB; uuid = "11111111-2222-4333-8444-555555555555"',
        6003,
        "uuid = ",
        SEVERAL,
    ),
    "variables of firmware twice": (
        "memory.size = 96GiB",
        'memory.size = 96GiB; firmware { type = efi; nvram = "/var/lib/libvirt/qemu/nvram/db.fd" }',
        6004,
        "nvram = ",
        SEVERAL,
    ),
    "CID twice": ("memory.size = 96GiB", "memory.size = 96GiB; vsock { cid = 7 }", 6006, "cid = 7", SEVERAL),
    "port twice": ("memory.size = 96GiB", "memory.size = 96GiB; graphics vnc { type = vnc; port = 5901 }", 6007, "5901", SEVERAL),
    "socket twice": ('"/run/openvswitch/${name}-${port}"', '"/run/openvswitch/${port}"', 6008, "${port}", SEVERAL),
    "log twice": (
        "memory.size = 96GiB",
        'memory.size = 96GiB; serial s { source = file("/var/log/db.log") }',
        6009,
        "/var/log/db.log",
        SEVERAL,
    ),
    "secret that is not there": (
        'monitors = ["mon1:6789", "mon2:6789"])',
        'monitors = ["mon1:6789", "mon2:6789"]) { auth { username = office; secret = secret(ceph) } }',
        1007,
        "ceph",
        "",
    ),
    "pool that is not there": ('volume("images", "shop', 'volume(pool(images), "shop', 1007, "images", ""),
    "pool of another host": (
        'vm "office-${on}" extends std.windows-guest {',
        'pool office { type = dir; target = "/images"; place = host("r1-large1") }\n'
        'vm "office-${on}" extends std.windows-guest { disk vdb { source = volume(pool(office), "x.qcow2", format = qcow2) }',
        6010,
        "pool(office)",
        'place = host("r1-large1")',
    ),
    "network of another host": ('network("vfs-${on}")', 'network("vfs-r1-edge1")', 6010, "vfs-r1-edge1", "place = host($on)"),
    "MAC twice": (
        "format = qcow2) }\n  interface eth0 {",
        'format = qcow2) }\n  interface eth0 { mac = "52:54:00:00:00:01";',
        4005,
        "52:54",
        "",
    ),
}


def compiled(folder: Path, line: str = "", change: str = "") -> Compilation:
    shutil.copytree(FLEET, folder, ignore=shutil.ignore_patterns("vmspec.lock"))
    changed = 0
    for source in sorted(folder.glob("*.vmspec")):
        text = source.read_text()
        if line and line in text and not changed:
            source.write_text(text.replace(line, change, 1))
            changed = 1
    assert changed or not line, line
    return Compilation([folder])


def places(diagnostic: Diagnostic) -> list[str]:
    return [label.span.text for label in diagnostic.labels]


def test_it_builds_without_a_word(tmp_path: Path) -> None:
    made = compiled(tmp_path / "fleet")
    assert [d.message for d in made.diagnostics] == []
    assert len(made.fleet.vms) >= 200
    assert len(made.fleet.hosts) == 12
    used = {profile for vm in made.fleet.vms for profile in vm.profiles}
    assert len([name for name in used if name.startswith("std.")]) >= 13


@pytest.mark.parametrize("proof", CHANGES)
def test_one_changed_line_is_refused(proof: str, tmp_path: Path) -> None:
    line, change, code, here, there = CHANGES[proof]
    found = [d for d in compiled(tmp_path / "fleet", line, change).diagnostics if d.code.number == code]
    assert found
    first = found[0]
    assert first.primary is not None
    assert here in first.primary.text
    if there is SEVERAL:
        assert len(first.objects) > 1
    else:
        assert not there or any(there in text for text in places(first)), places(first)
