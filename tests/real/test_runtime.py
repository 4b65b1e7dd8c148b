"""Probes of a running host, in a whole boot of systemd: each of 40 changes by hand is named with its guest and line, nothing else is.

Guests and the switch are processes with their names, threads, affinities and bound memory; the kernel, systemd, vfio-pci and the virtual
functions of an NVMe card are real.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.prerequisites import missing
from vmspec.cli.setting_origin import setting_origin
from vmspec.deploy.facts.system import Gathered, gathered
from vmspec.deploy.probes.look import script
from vmspec.deploy.probes.probe import Probe, ProbedSetting, ProbeState, probed
from vmspec.deploy.probes.table import guest_probes, host_probes
from vmspec.deploy.rehearsal import boot
from vmspec.deploy.rehearsal.shape import Shape, machine, shaped
from vmspec.deploy.rehearsal.system import kernel_of, root_of
from vmspec.deploy.stop import Stop
from vmspec.driver.compilation import Compilation
from vmspec.emit.host import emit_host

pytestmark = [
    pytest.mark.skipif(bool(missing("debootstrap") or missing("kernel")), reason=str(missing("debootstrap") or missing("kernel"))),
    pytest.mark.newer,
]
SOURCE = """host n1 {
  os = debian
  kernel-version = "6.1"
  numa 0 { cpus = 0-3; memory = 16GiB }
  numa 1 { cpus = 4-7; memory = 16GiB; hugepages { 2MiB = 8 } }
  reserve { cpus = 0,4; memory = 256MiB }
  irqbalance = true
  iommu = true
  vfio = ["0000:00:06.0"]
  nic eth9 { address = "0000:01:00.0"; vfs = 2 }
  switch { cpus = 5; memory = 1GiB }
  modules = [vhost_net]
  sysctl { vm.swappiness = 1; vm.dirty_ratio = 7 }
  modprobe { kvm.ignore_msrs = 1; nvme.poll_queues = 0 }
  sysfs { "kernel/mm/transparent_hugepage/defrag" = madvise; "kernel/mm/transparent_hugepage/khugepaged/defrag" = 0 }
  ksm { pages-to-scan = 50 }
}
vm a extends std.realtime {
  place = host(n1); uuid = "11111111-2222-3333-4444-555555555555"; memory.size = 1GiB
  cpu { count = 2; pin = [2, 3] }; iothread 1 { }
  disk vda { source = block("/dev/vg0/a") }
}
vm b extends std.low-latency {
  place = host(n1); uuid = "66666666-2222-3333-4444-555555555555"; memory.size = 1GiB
  cpu { count = 2; pin = [6, 7] }
  disk vda { source = block("/dev/vg0/b") }
}
"""
DEVICES = (
    *("-device", "intel-iommu", "-device", "virtio-rng-pci,addr=6"),
    *("-device", "pcie-root-port,id=root-port,chassis=1,addr=1e", "-device", "nvme-subsys,id=subsystem"),
    *(
        "-device",
        "nvme,bus=root-port,serial=1,subsys=subsystem,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2,max_ioqpairs=6,msix_qsize=5",
    ),
)
QEMU, SWITCH = "/run/qemu-system-x86_64", "/run/ovs-vswitchd"
GUEST_A = (
    f"{QEMU} -uuid 11111111-2222-3333-4444-555555555555 -thread self 0 0 -thread 'CPU 0/KVM' 2 0 -thread 'CPU 1/KVM' 3 1"
    " -thread 'IO iothread1' 0 0 -thread vhost-1 0 0 -memory 0"
)
GUEST_B = f"{QEMU} -uuid 66666666-2222-3333-4444-555555555555 -thread self 4 0 -thread 'CPU 0/KVM' 6 0 -thread 'CPU 1/KVM' 7 0 -memory"
UNIT = f"[Service]\nExecStart={SWITCH} -thread pmd-c05/id:1 5 0\n"
ARRANGED = f"""
cp /vmspec/threads {QEMU}; cp /vmspec/threads {SWITCH}; cp /bin/sleep /run/irqbalance
chmod 755 {QEMU} {SWITCH}
printf '%s' '{UNIT}' >/run/systemd/system/ovs-vswitchd.service
printf '[Service]\\nExecStart=/bin/sleep 1000\\n' >/run/systemd/system/ksmtuned.service
printf '[Service]\\nExecStart=/run/irqbalance 1000\\n' >/run/systemd/system/irqbalance.service
systemctl daemon-reload
systemctl start ovs-vswitchd.service irqbalance.service vmspec-vfio.service
udevadm settle
modprobe vhost_net
systemctl start ksmtuned.service
systemd-run --quiet --slice=machine.slice --unit=guest-a {GUEST_A}
systemd-run --quiet --slice=machine.slice --unit=guest-b {GUEST_B} 1
thread() {{ # thread UUID NAME: its number
  for at in /proc/[0-9]*/task/*; do
    read -r name <$at/comm && [ "$name" = "$2" ] && grep -q "$1" ${{at%/task/*}}/cmdline && echo ${{at##*/}}
  done
}}
"""
A, B, HOST = ("a",), ("b",), ()
CHANGED: list[tuple[str, str, tuple[str, ...], int | None]] = [
    ("echo 60 >/proc/sys/vm/swappiness", "vm.swappiness", HOST, 13),
    ("echo 30 >/proc/sys/vm/dirty_ratio", "vm.dirty_ratio", HOST, 13),
    ("echo 1 >/proc/sys/kernel/numa_balancing", "kernel.numa_balancing", ("a", "b"), None),
    ("echo 1 >/proc/sys/vm/stat_interval", "vm.stat_interval", ("a", "b"), None),
    ("echo 950000 >/proc/sys/kernel/sched_rt_runtime_us", "kernel.sched_rt_runtime_us", A, None),
    ("echo always >/sys/kernel/mm/transparent_hugepage/enabled", "transparent huge pages", A, None),
    ("echo always >/sys/kernel/mm/transparent_hugepage/defrag", "/sys/kernel/mm/transparent_hugepage/defrag", HOST, 15),
    ("echo 1 >/sys/kernel/mm/transparent_hugepage/khugepaged/defrag", "/sys/kernel/mm/transparent_hugepage/khugepaged/defrag", HOST, 15),
    ("echo 1 >/sys/kernel/mm/ksm/run", "ksm.run", A, None),
    ("echo 200 >/sys/kernel/mm/ksm/pages_to_scan", "ksm.pages-to-scan", HOST, 16),
    ("echo 0 >/sys/devices/system/node/node0/hugepages/hugepages-1048576kB/nr_hugepages", "pages of 1 GiB on node 0", A, 19),
    ("echo 1 >/sys/devices/system/node/node1/hugepages/hugepages-1048576kB/nr_hugepages", "pages of 1 GiB on node 1", B, 24),
    ("echo 7 >/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages", "pages of 2 MiB on node 1", HOST, 5),
    ("systemctl set-property --runtime user.slice AllowedCPUs=0-7", "user.slice on CPUs", HOST, 6),
    ("systemctl set-property --runtime init.scope AllowedCPUs=0-7", "init.scope on CPUs", HOST, 6),
    ("systemctl set-property --runtime system.slice AllowedCPUs=0-7", "system.slice on CPUs", HOST, 6),
    ("systemctl set-property --runtime ovs.slice AllowedCPUs=0,4-6", "ovs.slice on CPUs", HOST, 11),
    ("echo ff >/proc/irq/default_smp_affinity", "IRQs by default on", ("a", "b"), None),
    ("echo 2 >/proc/irq/4/smp_affinity_list", "interrupts on isolated CPUs", ("a", "b"), None),
    ("echo ff >/sys/devices/virtual/workqueue/cpumask", "unbound work of the kernel on isolated CPUs", ("a", "b"), None),
    ("echo 0 >/sys/devices/system/cpu/cpu2/power/pm_qos_resume_latency_us", "microseconds to wake of CPU 2", ("a", "b"), None),
    ("echo n/a >/sys/devices/system/cpu/cpu7/power/pm_qos_resume_latency_us", "microseconds to wake of CPU 7", ("a", "b"), None),
    ("echo 1000 >/sys/module/kvm/parameters/halt_poll_ns", "kvm.halt_poll_ns", A, None),
    ("echo 0 >/sys/module/kvm/parameters/ignore_msrs", "kvm.ignore_msrs", HOST, 14),
    ("umount /dev/hugepages1G", "mount of 1 GiB pages", ("a", "b"), None),
    ("modprobe -r vhost_net", "module vhost_net", HOST, 12),
    ("chrt --other --pid 0 $(pgrep -x ksoftirqd/2)", "threads of soft interrupts on isolated CPUs", ("a", "b"), None),
    ("echo 0000:00:06.0 >/sys/bus/pci/devices/0000:00:06.0/driver/unbind", "driver of 0000:00:06.0", HOST, 9),
    ("echo 0 >/sys/bus/pci/devices/0000:01:00.0/sriov_numvfs", "virtual functions of eth9", HOST, 10),
    ("taskset -pc 6 $(thread 11111111 'CPU 0/KVM')", "vCPU 0 on CPUs", A, 20),
    ("chrt --other --pid 0 $(thread 11111111 'CPU 1/KVM')", "class of vCPU 1", A, None),
    ("taskset -pc 3 $(thread 11111111 vhost-1)", "emulator threads on CPUs", A, None),
    ("taskset -pc 4 $(thread 11111111 'IO iothread1')", "iothread 1 on CPUs", A, None),
    ("taskset -pc 0-7 $(thread 66666666 'CPU 1/KVM')", "vCPU 1 on CPUs", B, 25),
    (
        "rm -r /etc/systemd/system/ksmtuned.service.d; systemctl daemon-reload; systemctl start ksmtuned.service",
        "unit ksmtuned.service", A, None,
    ),
    ("taskset -pc 0,4 $(thread vswitchd pmd-c05/id:1)", "poll threads on CPUs", HOST, 11),
    (
        "echo IRQBALANCE_BANNED_CPULIST=2 >/etc/vmspec/irqbalance.env; systemctl restart irqbalance.service",
        "CPUs that irqbalance leaves alone", ("a", "b"), 7,
    ),
    ("echo 0 >/sys/fs/cgroup/system.slice/memory.min", "bytes kept for system.slice", HOST, 6),
]  # fmt: skip
"""The command, the setting, the guests that it is for, and its line in SOURCE, where it is not one of a profile. What a reload of systemd
would put right is last."""
LATER = [
    (f"systemctl stop guest-b; systemd-run --quiet --slice=machine.slice --unit=guest-c {GUEST_B} 0", "memory", B, None),
    ("rm /etc/systemd/system/ovs-vswitchd.service.d/90-vmspec.conf; systemctl daemon-reload; systemctl restart ovs-vswitchd.service",
     "slice of ovs-vswitchd.service", HOST, 11),
]  # fmt: skip
"""Of what the others are about too: looked at after them."""
BOOTED = {"argument skew_tick", "argument nosoftlockup", "argument tsc"}
"""What the machine's command line has otherwise."""


def look_three_times() -> bytes:
    """Each look before the last is the lines of an answer with its own name."""

    def named(name: str) -> str:
        return f"printf 'C\\t{name}\\n'; sh /vmspec/real-look / | sed 's/^/\\t/'"

    changes = "\n".join(command for command, *_ in CHANGED)
    later = "\n".join(command for command, *_ in LATER)
    parts = [ARRANGED, "exec 3>&1 >/dev/null 2>/run/vmspec-log"]
    for name, commands in (("before", ""), ("changed", changes), ("later", later)):
        parts += [commands, "exec 4>&1 >&3", named(name), "exec >&4"]
    parts += ["exec >&3", "printf 'C\\tlog\\n'; sed 's/^/\\t/' /run/vmspec-log"]
    return "\n".join(parts).encode() + b"\n"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Compilation, list[Probe], Gathered]:
    folder = tmp_path_factory.mktemp("runtime")
    (folder / "a.vmspec").write_text(SOURCE)
    made = Compilation([folder / "a.vmspec"])
    assert [d.message for d in made.diagnostics if d.severity.name == "ERROR"] == []
    host = made.fleet.hosts[0]
    probes = [*host_probes(host), *guest_probes(host, made.fleet.vms)]
    process = folder / "threads"
    source = Path(__file__).with_name("threads.c")
    subprocess.run(["gcc", "-static", "-pthread", "-o", process, source], check=True)
    files = {a.path.split("/", 2)[2]: a.data for a in emit_host(host)}
    line = files["cmdline"].decode().strip()
    for old, new in ((" skew_tick=1", ""), (" nosoftlockup", ""), ("tsc=nowatchdog", "tsc=reliable")):
        assert old in line
        line = line.replace(old, new)
    content = {path.removeprefix("root/"): data for path, data in files.items() if path.startswith("root/")}
    content |= {"vmspec/threads": process.read_bytes(), "vmspec/real-look": script(probes)}
    shape = shaped(host)

    def with_devices(shape: Shape) -> list[str]:
        return [*machine(shape), *DEVICES]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boot, "machine", with_devices)
        found = boot.booted(shape, kernel_of(None, None, None), root_of("bookworm"), line, content, look_three_times(), 600.0, Stop())
    return made, probes, found


def wrong(seen: tuple[Compilation, list[Probe], Gathered], name: str) -> dict[tuple[str, str | None], ProbedSetting]:
    _, probes, found = seen
    looked = gathered("\n".join(found.said[name]))
    assert "end" in looked.said, found.said.get("log")
    each = [probed(probe, looked) for probe in probes]
    return {(one.what, one.probe.guest): one for one in each if one.state is ProbeState.NOT_TAKEN}


def test_before_only_what_the_command_line_lacks_is_named(seen: tuple[Compilation, list[Probe], Gathered]) -> None:
    found = {what: each.found for (what, _), each in wrong(seen, "before").items()}
    assert set(found) == BOOTED, (found, seen[2].said.get("log"))
    assert found["argument skew_tick"] == "absent" and found["argument tsc"] == "tsc=reliable"


def test_forty_changes_are_named_each_with_guest_and_line(seen: tuple[Compilation, list[Probe], Gathered]) -> None:
    made = seen[0]
    before, after, later = (wrong(seen, name) for name in ("before", "changed", "later"))
    new = {what: each for (what, guest), each in after.items() if (what, guest) not in before}
    more = {what: each for (what, guest), each in later.items() if (what, guest) not in after}
    assert set(new) == {what for _, what, _, _ in CHANGED}, seen[2].said.get("log")
    assert {what for _, what, _, _ in LATER} <= set(more)
    assert len(CHANGED) + len(LATER) == 40
    origins = {what: setting_origin((new | more)[what], made.fleet.hosts[0], made) for _, what, _, _ in (*CHANGED, *LATER)}
    assert {what: each.guests for what, each in origins.items()} == {what: guests for _, what, guests, _ in (*CHANGED, *LATER)}
    lines = {what: line for _, what, _, line in (*CHANGED, *LATER) if line is not None}
    assert {what: origins[what].line for what in lines} == lines
    assert all((origins[what].file or "").endswith("a.vmspec") for what in lines)
    assert all(each.line is not None for each in origins.values())
