"""Cpuset partitions of vCPUs in libvirt's layout of groups: the script of the hook, on kernels with remote partitions and without."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.lower.guests import host
from tests.real.guest import wait_for_report
from tests.real.kernel import Kernel, fetch_kernel, initramfs
from tests.real.report import parse
from vmspec.emit.host import emit_host
from vmspec.lower.hostpool import with_pool
from vmspec.model.host import Host, HostNode
from vmspec.model.value import CpuSet, Symbol

SPEC = Host(
    os=Symbol("debian"),
    isolation=Symbol("partition"),
    tickless=CpuSet.span(2, 6),
    numa=(HostNode(label="0", cpus=CpuSet.span(0, 7)),),
)
GROUPS = r"""
mount -t cgroup2 none /sys/fs/cgroup
cd /sys/fs/cgroup
echo +cpuset > cgroup.subtree_control
mkdir machine.slice system.slice
echo +cpuset > machine.slice/cgroup.subtree_control
guest() {
  scope="machine.slice/machine-qemu\\x2d$1\\x2d$2.scope"
  mkdir "$scope" "$scope/libvirt"
  echo +cpuset > "$scope/cgroup.subtree_control"
  mkdir "$scope/libvirt/emulator"
  echo threaded > "$scope/libvirt/emulator/cgroup.type"
  n=0
  shift 2
  for pin in "$@"; do
    mkdir "$scope/libvirt/vcpu$n"
    echo threaded > "$scope/libvirt/vcpu$n/cgroup.type"
    n=$((n + 1))
  done
  echo +cpuset > "$scope/libvirt/cgroup.subtree_control"
  n=0
  for pin in "$@"; do
    echo "$pin" > "$scope/libvirt/vcpu$n/cpuset.cpus"
    n=$((n + 1))
  done
}
gone() {
  scope="machine.slice/machine-qemu\\x2d$1\\x2d$2.scope"
  rmdir "$scope"/libvirt/* 2>/dev/null
  rmdir "$scope/libvirt" "$scope"
}
run() {
  /etc/vmspec/partition 2>>/tmp/why
  echo "$1 rc=$? isolated=$(cat cpuset.cpus.isolated 2>/dev/null)" \
    $(cat machine.slice/*/libvirt/vcpu*/cpuset.cpus.partition) >> /tmp/result
}
"""
STORY = r"""
run none
guest 1 a 2 3
run a
run again
guest 2 b 5 7
run a+b
echo 0 > /sys/devices/system/cpu/cpu3/online
echo 1 > /sys/devices/system/cpu/cpu3/online
run hotplug
echo 4 > "machine.slice/machine-qemu\\x2d1\\x2da.scope/libvirt/vcpu0/cpuset.cpus"
gone 2 b
run b-gone
gone 1 a
run all-gone
"""


def told(kernel: Kernel) -> dict[str, str]:
    made = {a.path.removeprefix("hosts/n1/"): a.data for a in emit_host(with_pool(host(SPEC)))}
    files = {
        "apply.sh": (GROUPS + STORY).encode(),
        "etc/vmspec/partition": made["root/etc/vmspec/partition"],
        "etc/report": b"/tmp/result\n/tmp/why\n",
    }
    with tempfile.TemporaryDirectory(prefix="vmreal-", dir="/tmp") as folder:
        console, initrd = Path(folder, "console"), Path(folder, "initrd")
        initrd.write_bytes(initramfs(kernel, (), (), files))
        command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-machine", "q35", "-nodefaults", "-no-user-config", "-no-reboot"]
        command += ["-display", "none", "-smp", "8", "-m", "1024", "-serial", f"file:{console}"]
        command += ["-kernel", str(kernel.image), "-initrd", str(initrd)]
        command += ["-append", f"console=ttyS0 quiet panic=-1 {made['cmdline'].decode().strip()}"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for_report(console, lambda: process.poll() is None)
        finally:
            process.kill()
            process.wait()
        report = parse(console.read_text("utf-8", "replace"))
    lines = report.files["/tmp/result"].splitlines()
    return {line.split(" ")[0]: line.partition(" ")[2].strip() for line in lines} | {"why": report.files.get("/tmp/why", "")}


def test_guests_take_cpus_and_give_them_back_without_a_restart() -> None:
    said = told(fetch_kernel("6.12"))
    assert said["none"] == "rc=0 isolated="
    assert said["a"] == said["again"] == "rc=0 isolated=2-3 isolated isolated"
    assert said["a+b"] == "rc=0 isolated=2-3,5 isolated isolated isolated member"
    assert said["hotplug"] == "rc=0 isolated=2-3,5 isolated isolated isolated member"
    assert said["b-gone"].startswith("rc=0 isolated=3-4 ")
    assert said["all-gone"] == "rc=0 isolated="


def test_a_kernel_without_them_is_told(kernel: Kernel) -> None:
    said = told(kernel)
    assert said["a"].startswith("rc=1 isolated= member member")
    assert "no cpuset.cpus.exclusive" in said["why"]


@pytest.mark.parametrize("name", ["etc/vmspec/partition", "etc/libvirt/hooks/qemu.d/50-vmspec"])
def test_a_shell_reads_the_scripts(name: str, tmp_path: Path) -> None:
    made = {a.path.partition("/root/")[2]: a.data for a in emit_host(with_pool(host(SPEC)))}
    script = tmp_path / "script"
    script.write_bytes(made[name])
    assert subprocess.run(["sh", "-n", script], capture_output=True, check=False).returncode == 0
