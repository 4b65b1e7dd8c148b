"""Names that kernels know: what is near one is told, what is one, or somebody else's, is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.driver.compilation import Compilation
from vmspec.model.kernel_names import kernel_names

MISSPELT = {
    "kernel.args { isolcpu = 2-3 }": "isolcpus",
    "kernel.args { nohzfull = 2-3 }": "nohz_full",
    "kernel.args { intel_iomu = on }": "intel_iommu",
    "kernel.args { kvm.nx_huge_page = off }": "kvm.nx_huge_pages",
    "kernel.args { kvm-intel.nestd = 1 }": "kvm_intel.nested",
    "sysctl { vm.swapiness = 1 }": "vm.swappiness",
    "sysctl { kernel.sched_rt_runtime = -1 }": "kernel.sched_rt_runtime_us",
    "modprobe { kvm.halt_pol_ns = 0 }": "kvm.halt_poll_ns",
    "modprobe { kvm_amd.ple_gap = 0 }": "kvm_intel.ple_gap",
    "modprobe { kvm_intl.ple_gap = 0 }": "kvm_intel.ple_gap",
    'sysfs { "kernel/mm/ksm/runn" = 1 }': "/sys/kernel/mm/ksm/run",
    'sysfs { "/sys/module/kvm/parameters/halt_pol_ns" = 1 }': "/sys/module/kvm/parameters/halt_poll_ns",
}
SOUND = (
    "kernel.args { isolcpus = [managed_irq, domain, 2-3]; nohz_full = 2-3; rcu_nocbs = 2-3; irqaffinity = 0-1 }",
    "kernel.args { rcutree.kthread_prio = 4; tsc = nowatchdog; skew_tick = 1; rcu-nocb-poll = true }",
    'kernel.args { rd.lvm.lv = "vg/root"; systemd.unified_cgroup_hierarchy = 1; net.ifnames = 0; ds = nocloud; quiet = true }',
    "kernel.args { something_of_a_vendor = 1; vendor.thing = 2; crashkernel = \"512M\" }",
    "kernel.args { mitigations = [auto, nosmt]; intel_iommu = [on, sm_on]; iommu = pt; preempt = full; kvm.nx_huge_pages = never }",
    "sysctl { net.bridge.bridge-nf-call-iptables = 0; net.ipv4.conf.eth0.rp_filter = 1; kernel.something_else = 1; vm.swappiness = 10 }",
    'modprobe { kvm.halt_poll_ns = 0; "vfio-pci.ids" = "10de:1db4"; nvidia.NVreg_Thing = 1; kvm_intel.nested = 1; kvm.ignore_msrs = y }',
    'sysfs { "kernel/mm/ksm/run" = 2; "devices/system/cpu/cpu*/power/pm_qos_resume_latency_us" = 2 }',
)  # fmt: skip
REFUSED = {
    "modprobe { kvm.nx_huge_pages = bogus }": "off, force, auto or never",
    "modprobe { kvm.halt_poll_ns = -1 }": "a whole number from 0 on",
    "modprobe { kvm.ignore_msrs = maybe }": "1 or 0",
    "kernel.args { kvm_intel.ple_gap = many }": "a whole number",
    "kernel.args { transparent_hugepage = nevr }": "always, madvise or never",
    "kernel.args { mitigations = [auto, nosmp] }": "nosmp is none of",
    "sysctl { vm.swappiness = 300 }": "0 to 200",
    "sysctl { kernel.sched_rt_runtime_us = -2 }": "from -1 on",
    'sysfs { "kernel/mm/ksm/run" = 3 }': "0, 1 or 2",
}


def found(folder: Path, body: str) -> list[tuple[int, str]]:
    (folder / "a.vmspec").write_text(f"host n1 {{ numa 0 {{ cpus = 0-3; memory = 16GiB }}; {body} }}\n")
    mine = (d for d in Compilation([folder / "a.vmspec"]).diagnostics if d.code.number in (5047, 5048, 5049))
    return [(d.code.number, f"{d.message} {d.help}") for d in mine]


@pytest.mark.parametrize(("body", "meant"), MISSPELT.items())
def test_a_slip_names_what_was_meant(body: str, meant: str, tmp_path: Path) -> None:
    told = found(tmp_path, body)
    assert [code for code, _ in told] == [5047] and f"did you mean `{meant}`?" in told[0][1]


@pytest.mark.parametrize("body", SOUND)
def test_what_is_known_or_another_s_is_let_be(body: str, tmp_path: Path) -> None:
    assert found(tmp_path, body) == []


@pytest.mark.parametrize(("body", "why"), REFUSED.items())
def test_a_value_that_the_kernel_refuses_is_an_error(body: str, why: str, tmp_path: Path) -> None:
    told = found(tmp_path, body)
    assert [code for code, _ in told] == [5049] and why in told[0][1]


def test_a_name_of_another_version(tmp_path: Path) -> None:
    setting = "kernel.args { rcutree.nohz_full_patience_delay = 1000 }; sysctl { kernel.io_uring_disabled = 1 }"
    assert [code for code, _ in found(tmp_path, f'kernel-version = "6.1.0-56-amd64"; {setting}')] == [5048, 5048]
    assert found(tmp_path, f'kernel-version = "6.12.9"; {setting}') == found(tmp_path, f'kernel-version = "6.6.1"; {setting}') == []


def test_the_facts_of_the_host_know_more(tmp_path: Path) -> None:
    (tmp_path / "n1.json").write_text(
        '{"version": 1, "kernel": {"release": "6.1.0"}, "sysctls": {"vm": "swapiness"},'
        ' "parameters": {"kvm": "halt_pol_ns:uint debug_swap:bool"}}'
    )
    assert found(tmp_path, 'facts = "n1.json"; sysctl { vm.swapiness = 1 }; modprobe { kvm.halt_pol_ns = 0; kvm.debug_swap = 1 }') == []
    assert [code for code, _ in found(tmp_path, 'facts = "n1.json"; modprobe { kvm.halt_pol_ns = x }')] == [5049]


def test_the_table_has_what_the_standard_profiles_set() -> None:
    names = kernel_names()
    assert names.versions == ("6.1", "6.12")
    assert {"isolcpus", "nohz_full", "rcu_nocbs", "irqaffinity", "default_hugepagesz", "skew_tick", "intel_iommu"} <= names.args.keys()
    assert {"vm.swappiness", "kernel.numa_balancing", "kernel.sched_rt_runtime_us", "fs.aio-max-nr"} <= names.sysctls.keys()
    assert {"kvm", "kvm_intel", "kvm_amd", "vfio_pci", "vhost_net", "nvme"} <= names.modules.keys()
