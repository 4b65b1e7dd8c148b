"""The files of a host, whole, against golden folders; `UPDATE_GOLDEN=1 pytest tests/emit/host` writes them anew."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from vmspec.base.provenance import Step, StepKind, ValueAddress
from vmspec.base.source import Source, Span
from vmspec.driver.compilation import Compilation
from vmspec.emit.host import emit_host
from vmspec.lower.fleet import HostObject, Object
from vmspec.lower.hosts import settings
from vmspec.model.host import Bond, Bridge, Host, HostAddress, HostDevice, HostNode, HostRequests, Kernel, Ksm, Nic, Reserve, Switch
from vmspec.model.kinds import ObjectKind
from vmspec.model.value import CpuSet, Size, Symbol

GOLDEN = Path(__file__).parent / "golden"
SOURCE = Source("fleet.vmspec", "host n1 { }\nvm a { }\n")
DEDICATED = CpuSet.span(2, 7)

HOSTS: dict[str, Host] = {
    "empty": Host(),
    **{
        f"{os}-interfaces": Host(
            os=Symbol(os),
            nic=(Nic(label="eno1"), Nic(label="eno2"), Nic(label="eno3", mtu=9000)),
            bond=(Bond(label="bond0", manage=True, ports=("eno1", "eno2"), mode=Symbol("802.3ad")),),
            bridge=(
                Bridge(
                    label="br0",
                    manage=True,
                    uplink="bond0",
                    mtu=9000,
                    vlan_filtering=True,
                    ip=HostAddress(addresses=("192.0.2.9/24", "192.0.2.8/24", "2001:db8::9/64"), gateways=("192.0.2.1", "2001:db8::1")),
                ),
                Bridge(label="br1", manage=True, uplink="eno3", ip=HostAddress(dhcp=True)),
                Bridge(label="theirs", uplink="eno4"),
            ),
        )
        for os in ("debian", "rhel", "arch")
    },
    "debian-low-latency": Host(
        os=Symbol("debian"),
        vendor=Symbol("intel"),
        reserve=Reserve(cpus=CpuSet.of([0, 1, 8, 9]), memory=Size(4 << 30)),
        numa=(
            HostNode(label="0", cpus=CpuSet.span(0, 7), hugepages={"1GiB": 16, "2MiB": 512}),
            HostNode(label="1", cpus=CpuSet.span(8, 15), hugepages={"1GiB": 8}),
        ),
        kernel=Kernel(
            args={
                "isolcpus": (Symbol("managed_irq"), Symbol("domain"), DEDICATED),
                "nohz_full": DEDICATED,
                "rcu_nocbs": DEDICATED,
                "irqaffinity": CpuSet.of([0, 1, 8, 9]),
                "skew_tick": 1,
                "nosoftlockup": True,
                "quiet": False,
                "dyndbg": "file a.c +p",
                "default_hugepagesz": Size(2 << 20),
            }
        ),
        sysctl={"vm.swappiness": 1, "kernel.numa_balancing": False, "net.bridge.bridge-nf-call-iptables": 0},
        modprobe={"kvm_intel.ple_gap": 0, "kvm.kvmclock_periodic_sync": False},
        modules=(Symbol("vhost_net"), Symbol("br_netfilter")),
        sysfs={"devices/virtual/workqueue/cpumask": "3"},
        transparent_hugepage=Symbol("never"),
        governor=Symbol("performance"),
        wake_latency=2,
        realtime_kernel=True,
        ksm=Ksm(run=False, merge_across_nodes=False),
        irqbalance=True,
        iommu=True,
        vfio=("0000:3b:00.1", "0000:3b:00.0"),
        device=(HostDevice(label="gpu", address="0000:3b:00.0", id="10DE:1db4"),),
        nic=(Nic(label="ens1", address="0000:5e:00.0", vfs=8), Nic(label="ens2", vfs=4), Nic(label="ens3")),
        switch=Switch(cpus=CpuSet.of([2, 3]), memory=Size(1 << 30)),
    ),
    "rhel-tuned": Host(
        os=Symbol("rhel"),
        vendor=Symbol("amd"),
        smt=False,
        iommu=True,
        tuned=Symbol("realtime-virtual-host"),
        irqbalance=False,
        vfio=("0000:3b:00.0",),
        device=(HostDevice(label="hba", address="0000:3b:00.0", driver="mpt3sas"),),
        kernel_version="5.14.0-362.el9",
        numa=(HostNode(label="0", hugepages={"1GiB": 4}),),
        kernel=Kernel(args={"isolcpus": CpuSet()}),
    ),
    "debian-tuned": Host(
        os=Symbol("debian"),
        tuned=Symbol("cpu-partitioning"),
        numa=(HostNode(label="0", cpus=CpuSet.span(0, 7)),),
        kernel=Kernel(args={"isolcpus": (Symbol("managed_irq"), Symbol("domain"), DEDICATED), "nohz_full": DEDICATED}),
    ),
}


def host(name: str) -> HostObject:
    spec = HOSTS[name]
    step = Step(
        StepKind.DERIVED, "profile std.low-latency", Span(SOURCE, 12, 14), (ValueAddress("a", ("host",)),), why="requested by guest a"
    )
    trails = {path: (step,) for path, _ in settings(spec, HostRequests)}
    return Object(ObjectKind.HOST, "n1", spec, Span(SOURCE, 0, 4), trails, {})


def files(name: str) -> dict[str, str]:
    return {a.path.removeprefix("hosts/n1/"): a.data.decode() for a in emit_host(host(name))}


@pytest.mark.parametrize("name", HOSTS)
def test_golden(name: str) -> None:
    folder, made = GOLDEN / name, files(name)
    if os.environ.get("UPDATE_GOLDEN"):
        for path, text in made.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
    golden = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}
    assert made == golden


@pytest.mark.parametrize("name", HOSTS)
def test_every_setting_has_a_mark(name: str) -> None:
    for artifact in emit_host(host(name)):
        assert bool(artifact.marks()) == (artifact.path != "hosts/n1/README.md")
    paths = {path for path, value in settings(HOSTS[name], HostRequests) if value is not False and value != CpuSet()}
    marked = {trail for artifact in emit_host(host(name)) for _, trail in artifact.marks()}
    assert not paths or any(marked)


def test_the_command_line_is_one_line_and_orders_huge_pages() -> None:
    (line, end) = files("debian-low-latency")["cmdline"].split("\n")
    assert end == ""
    assert line.endswith("default_hugepagesz=2M hugepagesz=1G hugepages=0:16,1:8")
    assert "quiet" not in line
    assert "isolcpus=managed_irq,domain,2-7" in line
    assert "isolcpus" not in files("rhel-tuned")["cmdline"]


def test_a_shell_reads_the_fragment_as_we_mean_it(tmp_path: Path) -> None:
    made = files("debian-low-latency")
    fragment = tmp_path / "90-vmspec.cfg"
    fragment.write_text(made["root/etc/default/grub.d/90-vmspec.cfg"])
    script = f"GRUB_CMDLINE_LINUX_DEFAULT='quiet splash'; . {shlex.quote(str(fragment))}; printf %s \"$GRUB_CMDLINE_LINUX_DEFAULT\""
    shown = subprocess.run(["/bin/sh", "-euc", script], capture_output=True, text=True, check=True).stdout
    assert shown == "quiet splash " + made["cmdline"].rstrip("\n")


def test_repeated_arguments_stand_there_each(tmp_path: Path) -> None:
    main = tmp_path / "a.vmspec"
    main.write_text('host n { os = debian; kernel.args { console = repeated(tty0, "ttyS0,115200n8"); quiet = true } }')
    texts = {a.path.rpartition("/")[2]: a.data.decode() for a in Compilation([main]).artifacts()}
    assert texts["cmdline"] == "console=tty0 console=ttyS0,115200n8 quiet\n"


def test_tuned_alone_owns_the_arguments() -> None:
    made = files("debian-tuned")
    assert "root/etc/default/grub.d/90-vmspec.cfg" not in made
    profiles = {text for path, text in made.items() if path.endswith("vmspec/tuned.conf")}
    assert len(profiles) == 1
    assert "cmdline_cpu_part=\ncmdline_vmspec=+isolcpus=managed_irq,domain,2-7" in profiles.pop()
    assert "isolated_cores=2-7\n" in made["root/etc/tuned/cpu-partitioning-variables.conf"]


@pytest.mark.parametrize(
    ("spec", "by_argument"),
    [
        (Host(os=Symbol("debian")), True),
        (Host(os=Symbol("ubuntu")), False),
        (Host(os=Symbol("ubuntu"), libvirt="10.0.0"), True),
        (Host(os=Symbol("ubuntu"), kernel_version="6.8.0-31-generic"), True),
        (Host(os=Symbol("rhel")), False),
        (Host(os=Symbol("rocky"), libvirt="11.5.0"), True),
        (Host(os=Symbol("debian"), kernel_version="5.10.0-28-amd64"), False),
        (Host(os=Symbol("fedora")), True),
        (Host(), True),
    ],
)
def test_pages_of_nodes_by_argument_or_by_a_unit(spec: Host, by_argument: bool) -> None:
    whole = spec.but(numa=(HostNode(label="0", hugepages={"1GiB": 4}),))
    made = {a.path.rpartition("/")[2] for a in emit_host(Object(ObjectKind.HOST, "n1", whole, Span(SOURCE, 0, 4), {}, {}))}
    assert ("cmdline" in made, "vmspec-hugepages.service" in made) == (by_argument, not by_argument)
