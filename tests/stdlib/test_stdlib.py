"""The standard library: one documented profile a file, each usable as it is, and what must not go together does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.base.source import Source
from vmspec.driver.compilation import Compilation
from vmspec.lower.fleet import Vm
from vmspec.syntax.parser import parse
from vmspec.syntax.tree import Let, Profile

STDLIB = Path(__file__).parents[2] / "stdlib"
FILES = tuple(sorted(STDLIB.glob("*.vmspec")))
NAMES = tuple(f.stem for f in FILES)
NEEDS = {
    "numa-local": "cpu.cpuset = 2-7",
    "low-latency": "cpu.pin = 4-7",
    "realtime": "cpu.pin = 4-7",
    "dpdk-nfv": "cpu.pin = 4-7",
    "database": "cpu.cpuset = 2-7",
    "gpu-passthrough": "cpu.pin = 4-7; hostdev gpu { source = pci(0000:3b:00.0) }",
    "storage-server": 'disk sda { source = block("/dev/vg0/b") }',
}
"""What a VM has to say beside its vCPUs and memory."""
DISK = 'disk vda { source = block("/dev/vg0/a") }'
DISKS = {"storage-server": "", "ci-ephemeral": 'disk vda { source = file("/images/a.qcow2", format = qcow2) }'}
HOST = """host n1 {
  numa 0 { cpus = 0-15; memory = 64GiB; hugepages { 1GiB = 8; 2MiB = 4096 } }
  reserve { cpus = 0,1 }
  realtime-kernel = true
}
"""
VIRTIOFS = 'memory { access = shared; source = memfd }; filesystem share { source = mount("/srv"); target = "share"; driver = virtiofs }'


def compile_(tmp_path: Path, text: str) -> Compilation:
    main = tmp_path / "main.vmspec"
    main.write_text(text, encoding="utf-8")
    return Compilation([main])


def errors(compilation: Compilation) -> list[Diagnostic]:
    return [d for d in compilation.diagnostics if d.severity is Severity.ERROR]


def one(tmp_path: Path, text: str) -> Vm:
    compilation = compile_(tmp_path, text)
    assert [f"{d.code} {d.message}" for d in errors(compilation)] == []
    (vm,) = compilation.fleet.vms
    return vm


def vm(
    parents: str, extra: str = "", *, name: str = "a", count: int = 4, placed: bool = False, disk: str = DISK, needs: str | None = None
) -> str:
    """A guest of these profiles that says what they need of it."""
    words = parents.replace("(", " ").replace(",", " ").split()
    wanted = "; ".join(NEEDS[p] for p in NEEDS if f"std.{p}" in words) if needs is None else needs
    body = [f"cpu.count = {count}", "memory.size = 4GiB", 'interface eth0 { source = bridge("br0") }', disk, wanted, extra]
    return f"vm {name} extends {parents} {{ " + "; ".join(["place = host(n1)"] * placed + [part for part in body if part]) + " }\n"


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_a_file_holds_the_documented_profile_of_its_name(file: Path) -> None:
    parsed = parse(Source(file.name, file.read_text(encoding="utf-8")))
    assert parsed.diagnostics == ()
    profiles = [s for s in parsed.statements if isinstance(s, Profile)]
    assert [p.name.name for p in profiles] == [file.stem]
    assert profiles[0].doc
    assert all(isinstance(s, (Profile, Let)) for s in parsed.statements)


def test_a_confidential_guest_wants_nothing_but_a_libvirt_that_knows_it(tmp_path: Path) -> None:
    compilation = compile_(tmp_path, vm("std.confidential-sev-snp"))
    assert ("warning", "snp-version") in {(d.severity.value, d.code.name) for d in compilation.diagnostics}
    old = HOST.replace("host n1 {", 'host n1 { libvirt = "9.0.0"; qemu = "9.1.0"')
    compilation = compile_(tmp_path, old + vm("std.confidential-sev-snp", placed=True))
    assert [d.code.name for d in errors(compilation)] == ["snp-version"]
    new = HOST.replace("host n1 {", 'host n1 { libvirt = "10.5.0"; qemu = "9.1.0"')
    compilation = compile_(tmp_path, new + vm("std.confidential-sev-snp", placed=True))
    assert compilation.diagnostics == ()
    (found,) = compilation.fleet.vms
    assert found.spec.launch_security and found.spec.launch_security.policy == 0x30000


@pytest.mark.parametrize("name", [n for n in NAMES if n != "confidential-sev-snp"])
@pytest.mark.parametrize("placed", [False, True], ids=["unplaced", "placed"])
def test_a_plain_guest_compiles(name: str, placed: bool, tmp_path: Path) -> None:
    one(tmp_path, HOST + vm(f"std.{name}", placed=placed, disk=DISKS.get(name, DISK)))


@pytest.mark.parametrize(
    ("parents", "paths"),
    [
        ("std.high-throughput, std.low-latency", {'host.sysctl."kernel.numa_balancing"'}),
        ("std.dense-overcommit, std.low-latency", {"host.ksm.run"}),
        ("std.migratable, std.low-latency", {"cpu.mode"}),
        ("std.database, std.low-latency", {"memory.hugepages"}),
        ("std.windows-guest, std.low-latency", {"controller.usb0.model"}),
        ("std.balanced, std.windows-guest", set()),
        ("std.numa-local, std.migratable", set()),
        ("std.high-throughput, std.windows-guest", set()),
        ("std.realtime, std.gpu-passthrough", set()),
        ("std.database, std.windows-guest", set()),
    ],
)
def test_latency_against_throughput_is_never_decided_silently(parents: str, paths: set[str], tmp_path: Path) -> None:
    found = [d for d in errors(compile_(tmp_path, vm(parents))) if d.code.number < 2114 or d.code.number > 2115]
    assert {d.code.number for d in found} == ({2104} if paths else set())
    assert {p for p in paths for d in found if f"disagree on {p}:" in d.message} == paths
    assert len(found) == len(paths)


@pytest.mark.parametrize(
    ("parents", "extra", "code"),
    [
        ("std.migratable", "cpu.mode = host-passthrough", 2114),
        ("std.migratable", "hostdev nic { source = pci(0000:3b:00.0) }", 4921),
        ("std.migratable", VIRTIOFS, 4922),
        ("std.migratable", 'disk vdb { source = file("/var/lib/libvirt/images/b.qcow2", format = qcow2) }', 4925),
        ("std.migratable", 'disk vdb { source = file("/srv/b.qcow2", format = qcow2); cache = writeback }', 4926),
        ("std.migratable", "launch-security { type = sev; policy = 3; cbitpos = 47; reduced-phys-bits = 1 }; memory.locked = true", 4927),
        ("std.dense-overcommit", "cpu.pin = 2-5", 2114),
        ("std.dense-overcommit", "memory.hugepages = 2MiB", 2114),
        ("std.dense-overcommit", "memory { locked = true; hard-limit = 6GiB }", 2114),
        ("std.realtime", "memory.balloon.model = virtio", 2105),
        ("std.realtime", "memory.locked = false", 2105),
        ("std.confidential-sev-snp", "memory.balloon.model = virtio", 2105),
    ],
)
def test_what_makes_no_sense_is_refused(parents: str, extra: str, code: int, tmp_path: Path) -> None:
    assert code in {d.code.number for d in errors(compile_(tmp_path, vm(parents, extra)))}


@pytest.mark.parametrize("name", ["low-latency", "realtime", "dpdk-nfv", "gpu-passthrough"])
def test_isolation_requires_pins(name: str, tmp_path: Path) -> None:
    text = f"vm a extends std.{name} {{ cpu.count = 2; memory.size = 1GiB }}"
    assert 2109 in {d.code.number for d in errors(compile_(tmp_path, text))}


def test_low_latency(tmp_path: Path) -> None:
    spec = one(tmp_path, HOST + vm("std.low-latency", placed=True)).spec
    assert spec.cpu and spec.memory and spec.numa and spec.emulator and spec.features and spec.features.kvm and spec.memory.balloon
    assert spec.cpu.mode == "host-passthrough"
    assert spec.memory.hugepages == 1 << 30
    assert spec.memory.balloon.model == "none"
    assert str(spec.numa.nodeset) == "0"
    assert str(spec.emulator.pin) == "0-1"
    assert spec.features.kvm.hint_dedicated is True
    assert spec.features.pmu is False
    assert [str(v.pin) for v in spec.vcpu] == ["4", "5", "6", "7"]


def test_a_host_unites_what_its_guests_isolate(tmp_path: Path) -> None:
    second = vm("std.low-latency", name="b", count=2, placed=True, disk="", needs="cpu.pin = 8-9")
    text = HOST + vm("std.low-latency", placed=True, disk="") + second
    compilation = compile_(tmp_path, text)
    assert [f"{d.code} {d.message}" for d in errors(compilation)] == []
    (host,) = compilation.fleet.hosts
    assert host.spec.kernel is not None
    arguments = host.spec.kernel.args
    assert [str(part) for part in arguments["isolcpus"]] == ["managed_irq", "domain", "4-9"]  # type: ignore[union-attr]
    assert str(arguments["nohz_full"]) == str(arguments["rcu_nocbs"]) == "4-9"
    assert str(arguments["irqaffinity"]) == "0-1"


def test_dense_and_fast_guests_do_not_share_a_host(tmp_path: Path) -> None:
    text = HOST + vm("std.dense-overcommit", placed=True, disk="") + vm("std.low-latency", name="b", placed=True, disk="")
    assert {d.code.number for d in errors(compile_(tmp_path, text))} == {5900}


def test_realtime_keeps_a_vcpu_for_the_guest_itself(tmp_path: Path) -> None:
    spec = one(tmp_path, vm("std.realtime")).spec
    (schedule,) = spec.vcpu_schedule
    assert (str(schedule.vcpus), schedule.scheduler, schedule.priority) == ("1-3", "fifo", 1)
    assert spec.memory and spec.memory.locked and spec.memory.nosharepages
    assert spec.memory.hard_limit is not None and spec.memory.size is not None
    assert spec.memory.hard_limit > spec.memory.size
    too_few = vm("std.realtime", count=1, needs="cpu.pin = 4")
    assert 2114 in {d.code.number for d in errors(compile_(tmp_path, too_few))}


def test_high_throughput_queues_follow_the_vcpus(tmp_path: Path) -> None:
    for count, queues in ((1, 1), (4, 4), (16, 8)):
        spec = one(tmp_path, vm("std.high-throughput", count=count)).spec
        assert spec.interface[0].queues == queues
        assert (spec.disk[0].io, spec.disk[0].cache, spec.disk[0].iothread) == ("native", "none", 1)


def test_storage_server_puts_the_thread_on_the_controller(tmp_path: Path) -> None:
    spec = one(tmp_path, vm("std.storage-server", disk="")).spec
    assert spec.disk[0].bus == "scsi" and spec.disk[0].iothread is None
    assert next(c for c in spec.controller if c.type == "scsi").iothread == 1


def test_dpdk_isolates_the_switch_s_cpus_too(tmp_path: Path) -> None:
    compilation = compile_(tmp_path, HOST + vm("std.dpdk-nfv(pmd = 2-3)", placed=True))
    assert [f"{d.code} {d.message}" for d in errors(compilation)] == []
    (host,) = compilation.fleet.hosts
    assert host.spec.kernel is not None
    assert str(host.spec.kernel.args["nohz_full"]) == "2-7"


def test_windows_enlightenments_have_what_they_depend_on(tmp_path: Path) -> None:
    spec = one(tmp_path, vm("std.windows-guest")).spec
    assert spec.hyperv and spec.hyperv.stimer and spec.hyperv.spinlocks and spec.clock
    assert spec.hyperv.synic and spec.hyperv.vpindex and spec.hyperv.stimer.state
    assert (spec.hyperv.spinlocks.retries or 0) >= 4095
    assert next(t for t in spec.clock.timer if t.label == "hypervclock").present
    assert spec.clock.offset == "localtime"
    assert spec.tpm[0].version == "2.0"


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (['cpu-model = "Skylake-Server"', 'cpu-model = "Haswell"'], "Haswell"),
        (['cpu-model = "Cascadelake-Server-noTSX"', 'cpu-model = "Icelake-Server-noTSX"'], "Cascadelake-Server-noTSX"),
        (['cpu-model = "EPYC-Milan"', 'cpu-model = "Skylake-Server"'], "EPYC-Milan"),
        (['cpu-model = "EPYC-Genoa"', 'cpu-model = "EPYC-Genoa"'], "EPYC-Genoa"),
        (["vendor = amd", "vendor = amd"], "EPYC"),
        (["vendor = intel", "vendor = amd"], "Westmere"),
        (["tags = [a]", "tags = [b]"], "Westmere"),
    ],
)
def test_a_guest_that_migrates_has_what_all_hosts_have(hosts: list[str], expected: str, tmp_path: Path) -> None:
    text = "".join(f"host n{i} {{ {said}; numa 0 {{ cpus = 0-7; memory = 32GiB }} }}\n" for i, said in enumerate(hosts))
    spec = one(tmp_path, text + vm("std.migratable", "place = host(n0)")).spec
    assert spec.cpu and spec.cpu.model == expected


@pytest.mark.parametrize(
    "setting", ["realtime-kernel = false", "sysctl.kernel.sched_rt_runtime_us = 950000", "transparent-hugepage = always"]
)
def test_a_host_cannot_take_back_what_realtime_needs(setting: str, tmp_path: Path) -> None:
    host = HOST.replace("  realtime-kernel = true\n", f"  {setting}\n")
    assert 5901 in {d.code.number for d in errors(compile_(tmp_path, host + vm("std.realtime", placed=True)))}


def test_every_io_thread_keeps_house(tmp_path: Path) -> None:
    for said in ("iothreads = 1", "iothread 1 { }", 'iothreads = 1; disk vdb { source = block("/dev/vg0/b"); iothread = 1 }'):
        spec = one(tmp_path, HOST + vm("std.low-latency", said, placed=True)).spec
        assert [str(thread.pin) for thread in spec.iothread] == ["0-1"]
