"""A Debian kernel takes what we emit for a host: every argument and file, as it reports itself."""

from __future__ import annotations

from tests.lower.guests import host
from tests.real.guest import HostNode as Node
from tests.real.guest import Topology, boot_host
from tests.real.kernel import Kernel
from vmspec.emit.host import emit_host
from vmspec.model.host import Host, HostNode
from vmspec.model.host import Kernel as KernelArgs
from vmspec.model.value import CpuSet, Symbol

DEDICATED = CpuSet.span(2, 3)
SPEC = Host(
    os=Symbol("debian"),
    kernel=KernelArgs(
        args={
            "isolcpus": (Symbol("managed_irq"), Symbol("domain"), DEDICATED),
            "nohz_full": DEDICATED,
            "rcu_nocbs": DEDICATED,
            "empty": CpuSet(),
        }
    ),
    numa=(HostNode(label="0", hugepages={"2MiB": 4}), HostNode(label="1", hugepages={"2MiB": 8})),
    sysctl={"vm.swappiness": 1, "net.bridge.bridge-nf-call-iptables": 0},
    modprobe={"kvm.halt_poll_ns": 0},
    transparent_hugepage=Symbol("madvise"),
)


def test_a_host_takes_what_we_emit(kernel: Kernel) -> None:
    made = {a.path.removeprefix("hosts/n1/"): a.data for a in emit_host(host(SPEC))}
    files = {path.removeprefix("root"): data for path, data in made.items() if path.startswith("root/")}
    report = boot_host(kernel, Topology((Node(4, 512), Node(4, 768)), threads=2), made["cmdline"].decode().strip(), files)
    assert (report.isolated, report.nohz_full) == ("2-3", "2-3")
    assert report.unknown_arguments == ()
    assert report.failures == {}
    assert {number: node.hugepages["2048kB"] for number, node in report.nodes.items()} == {0: 4, 1: 8}
    assert report.sysctl("vm.swappiness") == "1"
    assert report.chosen("/sys/kernel/mm/transparent_hugepage/enabled") == "madvise"
    assert report.files["/sys/module/kvm/parameters/halt_poll_ns"] == "0"


def test_an_older_kernel_gets_the_pages_of_each_node_from_the_unit(kernel: Kernel) -> None:
    spec = Host(
        os=Symbol("debian"),
        kernel_version="5.10.0",
        numa=(HostNode(label="0", hugepages={"1GiB": 1}), HostNode(label="1", hugepages={"1GiB": 2})),
        wake_latency=2,
        kernel=KernelArgs(args={"isolcpus": (Symbol("domain"), DEDICATED)}),
    )
    made = {a.path.removeprefix("hosts/n1/"): a.data for a in emit_host(host(spec))}
    files = {path.removeprefix("root"): data for path, data in made.items() if path.startswith("root/")}
    latency = "/sys/devices/system/cpu/cpu2/power/pm_qos_resume_latency_us"
    # A gigabyte in one piece: the kernel's own random place in memory may be in the middle of the last one that is left.
    topology = Topology((Node(2, 8192), Node(2, 8192)))
    report = boot_host(kernel, topology, "nokaslr " + made["cmdline"].decode().strip(), files, show=[latency])
    assert report.failures == {}
    assert {number: node.hugepages["1048576kB"] for number, node in report.nodes.items()} == {0: 1, 1: 2}
    assert report.files[latency].strip() == "2"
