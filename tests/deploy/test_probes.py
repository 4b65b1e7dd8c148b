"""Every file and setting of a host has a probe; what a probe reads, from what look.sh prints; the script on a tree and on this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.emit.host.test_files import HOSTS, host
from tests.lower.guests import host as host_of
from vmspec.deploy.facts.gather import Where
from vmspec.deploy.facts.system import gathered
from vmspec.deploy.probes.guests import guest
from vmspec.deploy.probes.look import looked, newer, script
from vmspec.deploy.probes.probe import Probe, ProbeState, probed
from vmspec.deploy.probes.table import ELSEWHERE, IRQBALANCE, PROBES, host_probes
from vmspec.driver.compilation import Compilation
from vmspec.emit.host import FILES
from vmspec.lower.fleet import HostObject
from vmspec.lower.hostpool import with_pool
from vmspec.model.host import Host, HostNode
from vmspec.model.value import CpuSet, Symbol

PARTITION = Host(
    isolation=Symbol("partition"), tickless=CpuSet.span(2, 6), os=Symbol("rhel"), numa=(HostNode(label="0", cpus=CpuSet.span(0, 7)),)
)
EVERY = [*map(host, HOSTS), with_pool(host_of(PARTITION))]


def test_every_file_of_a_host_has_probes_or_says_where_its_effect_is_seen() -> None:
    made = {file.path for each in EVERY for emit in FILES if (file := emit(each)) is not None}
    assert {*PROBES, *ELSEWHERE, IRQBALANCE} >= made
    assert set(PROBES) <= made, "a file that none of these hosts has is not tried"
    assert not set(PROBES) & set(ELSEWHERE)
    assert all(any(emit(each) is not None for each in EVERY) for emit in FILES), "each kind of file is tried"


@pytest.mark.parametrize("each", EVERY, ids=[*HOSTS, "partition"])
def test_every_setting_of_a_file_has_a_probe(each: HostObject) -> None:
    seen = {path for probe in host_probes(each) for path in probe.paths}
    for emit in FILES:
        file = emit(each)
        if file is None or (file.path in ELSEWHERE and "partition" in file.path):
            continue
        # With tuned or partitions a file may follow from what is seen at guests.
        lacking = [entry.name for entry in file.entries if not seen & set(entry.paths)]
        assert lacking == [] or file.path in ELSEWHERE, file.path


FULL = host("debian-low-latency")
LINE = (
    "isolcpus=managed_irq,domain,2-7 nohz_full=2-7 rcu_nocbs=2-7 irqaffinity=0-1,8-9 skew_tick=1 nosoftlockup intel_iommu=on iommu=pt "
    'dyndbg="file a.c +p" cpufreq.default_governor=performance default_hugepagesz=2M hugepagesz=1G hugepages=0:16,1:8'
)


def files(**content: str) -> str:
    return "".join(f"F\t{path}\n" + "".join(f"\t{line}\n" for line in text.split("\n")) for path, text in content.items())


CPU, NODE, CGROUP = "sys/devices/system/cpu", "sys/devices/system/node/node", "sys/fs/cgroup"
AS_MEANT: dict[str, str] = {
    "proc/cmdline": LINE,
    f"{CPU}/online": "0-15",
    f"{CPU}/isolated": "2-7",
    f"{CPU}/nohz_full": "2-7",
    "proc/irq/default_smp_affinity": "0000,00000303",
    "sys/devices/virtual/workqueue/cpumask": "0003",
    f"{NODE}0/hugepages/hugepages-1048576kB/nr_hugepages": "16",
    f"{NODE}1/hugepages/hugepages-1048576kB/nr_hugepages": "8",
    f"{NODE}0/hugepages/hugepages-2048kB/nr_hugepages": "512",
    "proc/sys/vm/swappiness": "1",
    "proc/sys/kernel/numa_balancing": "0",
    "sys/module/kvm_intel/parameters/ple_gap": "0",
    "sys/module/kvm/parameters/kvmclock_periodic_sync": "N",
    "sys/kernel/mm/transparent_hugepage/enabled": "always madvise [never]",
    f"{CPU}/cpu0/cpufreq/scaling_governor": "performance",
    **{f"{CPU}/cpu{cpu}/power/pm_qos_resume_latency_us": "2" for cpu in range(2, 8)},
    "sys/kernel/mm/ksm/merge_across_nodes": "0",
    "sys/kernel/mm/ksm/run": "0",
    **{f"{CGROUP}/{name}/cpuset.cpus.effective": "0-1,8-9" for name in ("system.slice", "user.slice", "init.scope")},
    f"{CGROUP}/system.slice/memory.min": str(4 << 30),
    f"{CGROUP}/ovs.slice/cpuset.cpus.effective": "0-3,8-9",
    "sys/bus/pci/devices/0000:5e:00.0/sriov_numvfs": "8",
    "sys/class/net/ens2/device/sriov_numvfs": "4",
    "sys/kernel/debug/sched/fair_server/cpu2/runtime": "0",
    "proc/mounts": "hugetlbfs /dev/hugepages1G hugetlbfs rw,relatime,pagesize=1024M 0 0",
}
REST = """E	sys/module/vhost_net
E	sys/module/br_netfilter
E	sys/class/iommu/dmar0
E	sys/bus/pci/devices/0000:3b:00.0
E	sys/bus/pci/devices/0000:3b:00.1
L	sys/bus/pci/devices/0000:3b:00.0/driver	../../../bus/pci/drivers/vfio-pci
L	sys/bus/pci/devices/0000:3b:00.1/driver	../../../bus/pci/drivers/vfio-pci
C	interrupts
	24	yes	eth0	0-1	0
	25	yes	vfio-msix[0](0000:3b:00.0)	2	2
	26	no	nvme0q3	3	3
	27	yes	nvme0q4	4	4
C	kernel-threads
	thread	20	ksoftirqd/2	1	2	2	
	thread	21	ksoftirqd/0	0	0	0	
C	kernel-log
	Offload RCU callbacks from CPUs: 2-7.
C	irqbalance
	IRQBALANCE_BANNED_CPULIST=2-7
C	units
	Id=ksm.service
	ActiveState=inactive
	
	Id=ksmtuned.service
	ActiveState=inactive
	
	Id=ovs-vswitchd.service
	ActiveState=active
	Slice=ovs.slice
	
	Id=ovsdb-server.service
	ActiveState=active
	Slice=ovs.slice
C	switch
	thread	40	pmd-c02/id:8	0	0	2	member
	thread	41	pmd-c03/id:9	0	0	3	member
"""


def states(text: str) -> dict[str, tuple[str, str | None]]:
    """Those that are not as meant."""
    seen = gathered(text)
    found = [probed(probe, seen) for probe in host_probes(FULL)]
    return {each.what: (each.state.value, each.found) for each in found if each.state is not ProbeState.AS_MEANT}


def test_a_host_that_took_all_is_as_meant() -> None:
    assert states(files(**AS_MEANT) + REST) == {"net.bridge.bridge-nf-call-iptables": ("unseen", None)}


CHANGED: list[tuple[str, str, str, str]] = [
    ("proc/cmdline", LINE.replace("skew_tick=1 ", ""), "argument skew_tick", "absent"),
    ("proc/cmdline", LINE.replace("iommu=pt", "iommu=nopt"), "argument iommu", "iommu=nopt"),
    ("proc/cmdline", f"isolcpus=5 {LINE}", "argument isolcpus", "isolcpus=5"),
    ("proc/cmdline", LINE.replace("file a.c", "file b.c"), "argument dyndbg", 'dyndbg="file b.c +p"'),
    (f"{CPU}/isolated", "2-6", "isolcpus", "2-6"),
    (f"{CPU}/isolated", "", "isolcpus", "none"),
    (f"{CPU}/nohz_full", "2", "nohz_full", "2"),
    ("proc/irq/default_smp_affinity", "ffff", "IRQs by default on", "0-15"),
    ("sys/devices/virtual/workqueue/cpumask", "00ff", "unbound work of the kernel on isolated CPUs", "on 2-7"),
    (f"{NODE}1/hugepages/hugepages-1048576kB/nr_hugepages", "7", "pages of 1 GiB on node 1", "7"),
    (f"{NODE}0/hugepages/hugepages-2048kB/nr_hugepages", "0", "pages of 2 MiB on node 0", "0"),
    ("proc/sys/vm/swappiness", "60", "vm.swappiness", "60"),
    ("sys/module/kvm/parameters/kvmclock_periodic_sync", "Y", "kvm.kvmclock_periodic_sync", "Y"),
    ("sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never", "transparent huge pages", "always"),
    (f"{CPU}/cpu1/cpufreq/scaling_governor", "powersave", "governor", "performance, powersave"),
    (f"{CPU}/cpu5/power/pm_qos_resume_latency_us", "0", "microseconds to wake of CPU 5", "0"),
    ("sys/kernel/mm/ksm/run", "1", "ksm.run", "running"),
    (f"{CGROUP}/user.slice/cpuset.cpus.effective", "0-15", "user.slice on CPUs", "0-15"),
    (f"{CGROUP}/system.slice/memory.min", "0", "bytes kept for system.slice", "0"),
    (f"{CGROUP}/ovs.slice/cpuset.cpus.effective", "0-1", "ovs.slice on CPUs", "0-1"),
    ("sys/bus/pci/devices/0000:5e:00.0/sriov_numvfs", "0", "virtual functions of ens1", "0"),
    ("proc/mounts", "proc /proc proc rw 0 0", "mount of 1 GiB pages", "not there"),
    ("sys/kernel/debug/sched/fair_server/cpu3/runtime", "50000000", "fair server of isolated CPUs", "50000000 ns of CPU 3"),
]


@pytest.mark.parametrize(("path", "text", "what", "found"), CHANGED, ids=lambda value: str(value)[:40])
def test_what_is_otherwise_is_named(path: str, text: str, what: str, found: str) -> None:
    before = states(files(**AS_MEANT) + REST)
    after = states(files(**{**AS_MEANT, path: text}) + REST)
    wrong = {name: each for name, each in after.items() if name not in before}
    assert wrong.pop(what) == ("not-taken", found)
    assert set(wrong) <= {f"/{path}"}, "a switch that is set by hand too"


SAID: list[tuple[str, str, str, str]] = [
    ("	24	yes	eth0	0-1	0", "	24	yes	eth0	0-15	3", "interrupts on isolated CPUs", "24 (eth0) on 3"),
    ("ksoftirqd/2	1	2", "ksoftirqd/2	0	0", "threads of soft interrupts on isolated CPUs", "ksoftirqd/2 other"),
    ("CPUs: 2-7.", "CPUs: 2-6.", "CPUs without callbacks of RCU", "2-6"),
    ("CPULIST=2-7", "CPULIST=", "CPUs that irqbalance leaves alone", ""),
    ("Id=ksmtuned.service\n	ActiveState=inactive", "Id=ksmtuned.service\n	ActiveState=active", "unit ksmtuned.service", "active"),
    ("Id=ovsdb-server.service\n	ActiveState=active\n	Slice=ovs", "Id=ovsdb-server.service\n	ActiveState=active\n	Slice=system",
     "slice of ovsdb-server.service", "system.slice"),
    ("pmd-c03/id:9	0	0	3", "pmd-c03/id:9	0	0	0-15", "poll threads on CPUs", "0-15"),
    ("E	sys/module/vhost_net\n", "", "module vhost_net", "not loaded"),
    ("E	sys/class/iommu/dmar0\n", "", "IOMMU", "off"),
    ("0000:3b:00.1/driver	../../../bus/pci/drivers/vfio-pci", "0000:3b:00.1/driver	../../../bus/pci/drivers/nvidia",
     "driver of 0000:3b:00.1", "nvidia"),
    ("E	sys/bus/pci/devices/0000:3b:00.0\n", "", "driver of 0000:3b:00.0", "no such device"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "found"), SAID, ids=[each[2] for each in SAID])
def test_what_programs_and_processes_say_is_named(old: str, new: str, what: str, found: str) -> None:
    assert REST.count(old) == 1
    before = states(files(**AS_MEANT) + REST)
    after = states(files(**AS_MEANT) + REST.replace(old, new))
    assert {name: each for name, each in after.items() if name not in before} == {what: ("not-taken", found)}


def test_what_counts_from_the_next_boot_waits_for_it_only_if_it_was_written_after_the_last() -> None:
    seen = gathered("C\tbooted\n\t1000\nC\tages\n\t1001 etc/modprobe.d/vmspec.conf\n\t999 etc/sysctl.d/90-vmspec.conf\n")
    recent = frozenset(newer(seen))
    assert recent == {"/etc/modprobe.d/vmspec.conf"}
    wrong = gathered(files(**{"sys/module/kvm_intel/parameters/ple_gap": "128", "proc/sys/vm/swappiness": "60"}))
    found = {each.what: each.state for probe in host_probes(FULL) if (each := probed(probe, wrong, recent)).found is not None}
    assert found["kvm_intel.ple_gap"] is ProbeState.AFTER_RESTART and found["vm.swappiness"] is ProbeState.NOT_TAKEN


GUEST = """host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; numa 1 { cpus = 4-7; memory = 16GiB }; reserve { cpus = 0,4 }
 isolation = partition; tickless = 5-7; kernel-version = "6.12" }
vm rt extends std.realtime { place = host(n1); uuid = "11111111-2222-3333-4444-555555555555"; memory.size = 2GiB
 cpu { count = 2; pin = [5, 6] }; iothread 1 { }
 disk vda { source = block("/dev/vg0/rt") } }
"""
RUNNING = """C	guest 11111111-2222-3333-4444-555555555555
	thread	100	qemu-system-x86	0	0	4	member
	thread	101	CPU 0/KVM	0	0	5	isolated
	thread	102	CPU 1/KVM	1	1	6	isolated
	thread	103	IO iothread1	0	0	4	member
	thread	104	vhost-100	0	0	4	member
	memory	all	0	9000
	memory	all	1	2106000
	memory	guest	1	2097152
"""
OF_GUESTS = [
    ("CPU 0/KVM	0	0	5	isolated", "CPU 0/KVM	0	0	0-7	isolated", "vCPU 0 on CPUs", "0-7"),
    ("CPU 1/KVM	1	1", "CPU 1/KVM	0	0", "class of vCPU 1", "other"),
    ("CPU 1/KVM	1	1	6	isolated", "CPU 1/KVM	1	1	6	isolated invalid (No cpu available due to hotplug)",
     "partition of vCPU 1", "isolated invalid (No cpu available due to hotplug)"),
    ("vhost-100	0	0	4", "vhost-100	0	0	5-6", "emulator threads on CPUs", "5-6"),
    ("IO iothread1	0	0	4", "IO iothread1	0	0	0-3", "iothread 1 on CPUs", "0-3"),
    ("memory	guest	1	2097152", "memory	guest	1	1048576\n	memory	guest	0	1048576", "memory", "1024 MiB on node 0"),
]  # fmt: skip


def of_guest(folder: Path) -> list[Probe]:
    (folder / "a.vmspec").write_text(GUEST)
    made = Compilation([folder / "a.vmspec"])
    assert [d.message for d in made.diagnostics if d.severity.name == "ERROR"] == []
    return list(guest(made.fleet.vms[0], made.fleet.hosts[0]))


@pytest.mark.parametrize(("old", "new", "what", "found"), OF_GUESTS, ids=[each[2] for each in OF_GUESTS])
def test_threads_and_memory_of_a_guest(old: str, new: str, what: str, found: str, tmp_path: Path) -> None:
    probes = of_guest(tmp_path)
    assert RUNNING.count(old) == 1
    assert [each.what for probe in probes if (each := probed(probe, gathered(RUNNING))).state is not ProbeState.AS_MEANT] == []
    after = [probed(probe, gathered(RUNNING.replace(old, new))) for probe in probes]
    wrong = {each.what: each.found for each in after if each.state is not ProbeState.AS_MEANT}
    assert wrong == {what: found} and all(probe.guest == "rt" for probe in probes)


def test_of_a_guest_that_does_not_run_nothing_is_told(tmp_path: Path) -> None:
    assert {probed(probe, gathered("")).state for probe in of_guest(tmp_path)} == {ProbeState.UNSEEN}


def test_the_script_reads_a_tree(tmp_path: Path) -> None:
    tree = tmp_path / "root"
    for path, text in AS_MEANT.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text + "\n")
    (tree / "proc/stat").write_text("cpu 1\nbtime 5\n")
    (tree / "etc/sysctl.d").mkdir(parents=True)
    (tree / "etc/sysctl.d/90-vmspec.conf").write_text("")
    found = {each.what: each for each in looked(list(host_probes(FULL)), Where(root=str(tree)))}
    told = {each.what for probe in host_probes(FULL) if (each := probed(probe, gathered(files(**AS_MEANT)))).state is ProbeState.AS_MEANT}
    assert {what for what, each in found.items() if each.state is ProbeState.AS_MEANT} == told


def test_threads_of_a_running_process_are_read_by_the_script() -> None:
    shown = subprocess.run(["sh", "-s", "--", "/"], input=script([]), capture_output=True, check=True).stdout.decode()
    assert shown.startswith("C\troot\n") and shown.endswith("C\tend\n\tend\n")


def test_a_shell_without_extensions_takes_the_script() -> None:
    assert subprocess.run(["dash", "-n"], input=script(list(host_probes(FULL)), ["/etc/a"]), check=False).returncode == 0
