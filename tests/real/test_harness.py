"""The harness itself, on hand-written XML: what libvirt and a kernel are seen to say is what was asked for."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.real.guest import HostNode, Refused, Topology, boot_domain, boot_host
from tests.real.hostfiles import cmdline_of
from tests.real.kernel import Kernel
from tests.real.report import Incomplete, parse
from tests.real.standin import stand_in

if TYPE_CHECKING:  # it loads libvirt, which not every machine has
    from tests.real.embedded import Hypervisor


_CELLS = "<cpu><numa><cell id='0' cpus='0-1' memory='192' unit='MiB'/><cell id='1' cpus='2-3' memory='320' unit='MiB'/></numa></cpu>"
_DISK = "<disk type='file'><driver name='qemu' type='raw'/><source file='{}'/><target dev='vda' bus='virtio'/><serial>d-17</serial></disk>"
_NIC = "<interface type='user'><mac address='52:54:00:01:02:03'/><model type='virtio'/></interface>"


def domain(name: str = "guest", body: str = "", devices: str = "", vcpus: str = "4", kind: str = "qemu") -> str:
    return (
        f"<domain type='{kind}'><name>{name}</name><memory unit='MiB'>512</memory><vcpu>{vcpus}</vcpu>"
        f"<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>{body}"
        f"<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{devices}</devices></domain>"
    )


def test_a_definition_is_taken_and_read_back(guests: Hypervisor) -> None:
    assert guests.define(domain("taken")).ok
    assert "<name>taken</name>" in guests.inactive("taken")
    assert not guests.is_running("taken")


def test_a_refusal_carries_libvirts_own_words(guests: Hypervisor) -> None:
    verdict = guests.define(domain("refused", "<cputune><vcpupin vcpu='0' cpuset='0,^0'/></cputune>"))
    assert verdict.name == "refused"
    assert verdict.error == "unsupported configuration: Invalid value of 'cpuset': 0,^0"


def test_what_the_schema_forbids_is_refused_on_both_paths(guests: Hypervisor) -> None:
    wrong = domain("wrong", "<hugepages/>")
    [bulk] = guests.define_many([wrong])
    single = guests.define(wrong)
    assert not single.ok
    assert (bulk.code, bulk.name) == (single.code, "wrong")


def test_many_definitions_keep_their_order_and_leave_nothing(guests: Hypervisor) -> None:
    verdicts = list(guests.define_many(domain(f"m{n}", vcpus="0" if n == 7 else "1") for n in range(20)))
    assert [verdict.name for verdict in verdicts if not verdict.ok] == ["m7"]
    assert guests.conn.listAllDomains() == []


def test_a_failing_start_is_a_verdict_and_quick(guests: Hypervisor) -> None:
    absent = domain("absent", devices=_DISK.format("/nonexistent/disk.img"))
    assert guests.define(absent).ok
    verdict = guests.start("absent")
    assert verdict.error is not None
    assert "/nonexistent/disk.img" in verdict.error


def test_a_guest_sees_its_cells_disk_and_card(guests: Hypervisor, kernel: Kernel, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    image.write_bytes(b"\0" * (3 << 20))
    report = boot_domain(guests, kernel, domain("seen", _CELLS, _DISK.format(image) + _NIC), cmdline="marker=1")
    assert report.online == "0-3"
    assert {number: (node.cpus, node.memory >> 20) for number, node in report.nodes.items()} == {0: ("0-1", 192), 1: ("2-3", 320)}
    assert report.ram == 512 << 20
    assert (report.disks["vda"].size, report.disks["vda"].serial) == (3 << 20, "d-17")
    assert list(report.nics.values()) == ["52:54:00:01:02:03"]
    assert "virtio-pci" in {device.driver for device in report.pci.values()}
    assert "marker=1" in report.cmdline
    assert report.failures == {}
    assert guests.conn.listAllDomains() == []


def test_a_guest_that_libvirt_refuses_is_said_to_be_refused(guests: Hypervisor, kernel: Kernel) -> None:
    with pytest.raises(Refused, match=r"define guest: .*topology doesn.t match"):
        boot_domain(guests, kernel, domain(body="<cpu><topology sockets='1' cores='3' threads='1'/></cpu>"))


def test_a_domain_of_another_host_runs_here_with_stand_ins(guests: Hypervisor, kernel: Kernel, tmp_path: Path) -> None:
    body = "<memoryBacking><hugepages/></memoryBacking><cputune><vcpupin vcpu='0' cpuset='30'/></cputune><features><acpi/></features>"
    devices = (
        "<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source dev='/dev/vg0/vm-disk'/>"
        "<target dev='vda' bus='virtio'/></disk><interface type='bridge'><mac address='52:54:00:0a:0b:0c'/><source bridge='br0'/>"
        "<model type='virtio'/><driver name='vhost' queues='4'/></interface>"
    )
    there = domain("there", body + "<cpu mode='host-passthrough'><topology sockets='1' cores='2' threads='2'/></cpu>", devices, kind="kvm")
    xml, changes = stand_in(there, tmp_path)
    assert {"kvm → qemu", "cputune left out", "hugepages left out", "interface: bridge → user"} <= set(changes)
    report = boot_domain(guests, kernel, xml)
    assert report.cpus == 4
    assert report.files["/sys/devices/system/cpu/cpu3/topology/thread_siblings_list"] == "2-3"
    assert list(report.nics.values()) == ["52:54:00:0a:0b:0c"]


def test_a_host_takes_its_arguments_and_files(kernel: Kernel) -> None:
    two = Topology((HostNode(4, 512), HostNode(4, 768)), threads=2)
    files = {
        "/etc/sysctl.d/90-vmspec.conf": b"# ours\nvm.swappiness = 1\n-net.bridge.bridge-nf-call-iptables = 0\nvm.absent = 1\n",
        "/etc/tmpfiles.d/vmspec.conf": b"w /sys/kernel/mm/transparent_hugepage/enabled - - - - madvise\n",
        "/etc/modprobe.d/vmspec.conf": b"options kvm halt_poll_ns=0\n",
        "/etc/systemd/system/pages.service": b"[Service]\nType=oneshot\n"
        b"ExecStart=/bin/sh -c 'echo 8 > /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages'\n",
    }
    arguments = "isolcpus=managed_irq,domain,2-3 nohz_full=2-3 rcu_nocbs=2-3 hugepagesz=2M hugepages=0:16 hugepagez=1G"
    report = boot_host(kernel, two, arguments, files)
    assert (report.online, report.isolated, report.nohz_full) == ("0-7", "2-3", "2-3")
    assert {number: (node.cpus, node.memory >> 20, node.hugepages["2048kB"]) for number, node in report.nodes.items()} == {
        0: ("0-3", 512, 16),
        1: ("4-7", 768, 8),
    }
    assert report.files["/sys/devices/system/cpu/cpu2/topology/thread_siblings_list"] == "2-3"
    assert report.sysctl("vm.swappiness") == "1"
    assert report.chosen("/sys/kernel/mm/transparent_hugepage/enabled") == "madvise"
    assert report.files["/sys/module/kvm/parameters/halt_poll_ns"] == "0"
    assert report.unknown_arguments == ("hugepagez=1G",)
    assert report.failures == {"sysctl vm.absent": "no /proc/sys/vm/absent"}


def test_grub_fragments_extend_the_line_in_order() -> None:
    fragment = b'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT %s"\n'
    files = {"etc/default/grub.d/90-b.cfg": fragment % b"isolcpus=2-3", "etc/default/grub.d/10-a.cfg": fragment % b"iommu=pt"}
    assert cmdline_of(files, "quiet") == "quiet iommu=pt isolcpus=2-3"


def test_half_a_report_is_no_report() -> None:
    with pytest.raises(Incomplete, match="Kernel panic"):
        parse(
            dedent("""\
            @begin\treport\t1
            @file\t/proc/cmdline\tquiet
            Kernel panic - not syncing""")
        )
