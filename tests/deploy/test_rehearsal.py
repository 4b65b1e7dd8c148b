"""What of a host a rehearsal has, and how what the kernel says is compared with what was meant; no boot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.topologies import MACHINES, Machine, write_tree
from vmspec.deploy.facts.gather import facts_of, where
from vmspec.deploy.facts.system import gathered
from vmspec.deploy.probes.probe import ProbeState
from vmspec.deploy.rehearsal.compare import outcomes, probes_of
from vmspec.deploy.rehearsal.shape import MOST_CPUS, machine, shaped
from vmspec.driver.compilation import Compilation
from vmspec.emit.host.cmdline import arguments
from vmspec.lower.fleet import HostObject
from vmspec.model.facts_json import facts_text
from vmspec.model.value import CpuSet


def host_of(folder: Path, body: str) -> HostObject:
    (folder / "a.vmspec").write_text(body)
    made = Compilation([folder / "a.vmspec"])
    assert [d.message for d in made.diagnostics if d.severity.name == "ERROR"] == []
    return made.fleet.hosts[0]


def recorded(folder: Path, each: Machine, settings: str = "") -> HostObject:
    (folder / "n1.json").write_text(facts_text(facts_of(where(None, None, str(write_tree(folder / "root", each))))))
    return host_of(folder, f'host n1 {{ facts = "n1.json"; {settings} }}\n')


@pytest.mark.parametrize("each", [each for each in MACHINES if each.arch == "x86_64"], ids=lambda each: each.name)
def test_every_node_is_there_with_first_and_last_cores_whole(each: Machine, tmp_path: Path) -> None:
    shape = shaped(recorded(tmp_path, each))
    assert 0 in shape.cpus and len(shape.cpus) <= MOST_CPUS
    assert sorted(shape.cpus.values()) == list(range(len(shape.cpus)))
    assert set(shape.memory) == set(range(len(each.memory)))
    for node in {core.node for core in each.cores}:
        here = [core for core in each.cores if core.node == node]
        assert here[0].cpus[0] in shape.cpus
        assert here[-1].cpus[0] in shape.cpus or len(shape.nodes[node]) <= shape.threads
        assert len(shape.on_host(shape.nodes[node])) == len(shape.nodes[node]) > 0
    threads = {core.cpus for core in each.cores if core.cpus[0] in shape.cpus}
    if len({len(core.cpus) for core in each.cores}) == 1:
        assert all(cpu in shape.cpus for core in threads for cpu in core), "cores are whole"
    words = machine(shape)
    assert words[words.index("-m") + 1] == f"{sum(shape.memory.values()) >> 20}M"


SMALL = """host n1 { os = debian; reserve { cpus = 0 }
 numa 0 { cpus = 0-3; memory = 64GiB; hugepages { 1GiB = 24; 2MiB = 512 } }; numa 1 { cpus = 4-7; memory = 64GiB; hugepages { 1GiB = 8 } }
 kernel.args { isolcpus = [managed_irq, domain, 2-3]; nohz_full = 2-3; irqaffinity = 0-1,4-7 }
 sysctl { vm.swappiness = 1; kernel.nothing_such = 2 }; modprobe { kvm.ignore_msrs = 1; kvm.nx_huge_pages = auto; kvm.none = 1 }
 transparent-hugepage = madvise }
"""


def test_a_small_host_keeps_its_numbers_and_only_pages_are_fewer(tmp_path: Path) -> None:
    host = host_of(tmp_path, SMALL)
    shape = shaped(host)
    assert shape.is_same and shape.factor == 9 and shape.threads == 1
    own, there = (" ".join(text for text, _ in arguments(each)) for each in (host, shape.host))
    assert "hugepages=0:24,1:8" in own and own.replace("hugepages=0:24,1:8", "hugepages=0:3,1:1") == there


def test_cpus_of_a_large_host_are_mapped_everywhere(tmp_path: Path) -> None:
    large = next(each for each in MACHINES if each.name == "two-by-128")
    settings = "reserve { cpus = 0,64,128,192 }; kernel.args { isolcpus = [domain, cpuset([62, 63, 190, 191])]; nohz_full = 10-20,63 }"
    shape = shaped(recorded(tmp_path, large, settings))
    assert shape.host.spec.reserve is not None and shape.on_host(shape.host.spec.reserve.cpus or CpuSet()) == CpuSet.of((0, 64, 128, 192))
    line = " ".join(text for text, _ in arguments(shape.host))
    assert f"isolcpus=domain,{CpuSet.of(shape.cpus[cpu] for cpu in (62, 63, 190, 191))}" in line
    assert f"nohz_full={shape.cpus[63]}" in line and shape.host.spec.siblings is not None and len(shape.host.spec.siblings) == 8


SEEN = """F	proc/cmdline
	isolcpus=2-3 nohz_full=2-3 irqaffinity=0-1,4-7 hugepagesz=1G hugepages=0:3,1:1 a="b c"
F	sys/devices/system/cpu/online
	0-7
F	sys/devices/system/cpu/isolated
	2-3
F	sys/devices/system/cpu/nohz_full
	3
F	proc/irq/default_smp_affinity
	0000,000000f3
F	sys/devices/system/node/node0/cpulist
	0-3
F	sys/devices/system/node/node1/cpulist
	4-7
F	sys/devices/system/node/node0/hugepages/hugepages-1048576kB/nr_hugepages
	2
F	sys/devices/system/node/node1/hugepages/hugepages-1048576kB/nr_hugepages
	1
F	sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages
	57
F	proc/sys/vm/swappiness
	60
F	sys/module/kvm/parameters/ignore_msrs
	Y
F	sys/module/kvm/parameters/nx_huge_pages
	N
F	sys/kernel/mm/transparent_hugepage/enabled
	always [madvise] never
C	dmesg
	[    0.1] Unknown kernel command line parameters "irqaffinity=0-1,4-7", will be passed to user space.
	[    0.2] Malformed early option 'x'
C	failed
	a.service loaded failed failed A
"""


def test_each_setting_that_was_not_taken_is_found(tmp_path: Path) -> None:
    shape = shaped(host_of(tmp_path, SMALL))
    found = outcomes(probes_of(shape), gathered(SEEN))
    wrong = {each.what: (each.meant, each.found) for each in found if each.state is ProbeState.NOT_TAKEN}
    assert wrong == {
        "nohz_full": ("2-3", "3"),
        "argument isolcpus": ("isolcpus=managed_irq,domain,2-3", "isolcpus=2-3"),
        "name of argument irqaffinity": ("known to the kernel", "unknown to the kernel"),
        "pages of 1 GiB on node 0": ("3", "2"),
        "vm.swappiness": ("1", "60"),
        "kernel.nothing_such": ("2", "absent"),
        "kvm.none": ("1", "absent"),
        "the kernel's log": ("no complaint", "Malformed early option 'x'"),
        "unit a.service": ("no failure", "failed"),
    }
    assert {"isolcpus", "IRQs by default on", "kvm.ignore_msrs", "kvm.nx_huge_pages", "transparent huge pages", "CPUs of node 1"} <= {
        each.what for each in found if each.state is ProbeState.AS_MEANT
    }
