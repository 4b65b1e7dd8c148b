"""Hosts with one planted fault each are refused at both sides, and sound ones pass without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.diagnostic import Diagnostic
from vmspec.driver.compilation import Compilation

TWO = "numa 0 { cpus = 0-7; memory = 64GiB }; numa 1 { cpus = 8-15; memory = 64GiB }"
HOST = f"host n {{ os = debian; {TWO}; reserve {{ cpus = 0,8 }}; "
DISK = 'disk vda { source = block("/dev/vg0/%s") }'


def fast(name: str, pin: str, more: str = "", profile: str = "low-latency", size: str = "4GiB") -> str:
    return (
        f"\nvm {name} extends std.{profile} {{ place = host(n); cpu {{ count = 2; pin = {pin} }}; "
        f"memory.size = {size}; {DISK % name}; {more} }}"
    )


def local(name: str, pin: str) -> str:
    return fast(name, pin, "emulator.pin = 0", "numa-local")


def network(name: str, pin: str, pmd: str) -> str:
    return fast(name, pin, f'interface l {{ source = vhostuser("/run/ovs/{name}", mode = server) }}', f"dpdk-nfv(pmd = {pmd})")


FAULTS: dict[str, tuple[str, int, str, str]] = {
    "slow-governor": (HOST + "governor = powersave }" + fast("a", "2-3"), 5060, "powersave", "isolate"),
    "nohz-cpu-0": (HOST + "kernel.args { nohz_full = 0-3 } }", 5033, "0-3", ""),
    "nohz-beyond": (HOST + "kernel.args { nohz_full = 4-31 } }", 5033, "4-31", "0-7"),
    "rcu-beyond": (HOST + 'kernel.args { rcu_nocbs = "4-31" } }', 5033, '"4-31"', "0-7"),
    "irq-beyond": (HOST + "kernel.args { irqaffinity = 40 } }", 5033, "40", "8-15"),
    "irq-on-isolated": (HOST + "kernel.args { irqaffinity = 2-3; isolcpus = 2-5 } }", 5033, "2-3", "2-5"),
    "flag-misspelt": (HOST + "kernel.args { isolcpus = [mangaed_irq, domain, 2-3] } }", 5033, "[mangaed_irq, domain, 2-3]", ""),
    "nothing-left": (f"host n {{ {TWO}; kernel.args {{ isolcpus = 1-15 }} }}", 5035, "1-15", ""),
    "isolated-by-hand": (HOST + "kernel.args { isolcpus = 4-5 } }" + fast("a", "2-3"), 5036, "4-5", "self.cpu.pin"),
    "nohz-by-hand": (HOST + "kernel.args { nohz_full = 4-5 } }" + fast("a", "2-3"), 5036, "4-5", "self.cpu.pin"),
    "maxcpus": (HOST + "kernel.args { maxcpus = 10 } }" + fast("a", "12-13"), 5040, "12-13", "10"),
    "maxcpus-house": (HOST + "kernel.args { nr_cpus = 4 } }", 5040, "0,8", "4"),
    "mem": (HOST + "kernel.args { mem = 16GiB } }", 5041, "16GiB", "64GiB"),
    "mem-text": (HOST + 'kernel.args { mem = "16G" } }', 5041, '"16G"', "64GiB"),
    "house-on-other-node": (f"host n {{ {TWO}; reserve {{ cpus = 0-1 }} }}" + fast("a", "10-11"), 5044, "0-1", "10-11"),
    "balancing": (HOST + "kernel.args { numa_balancing = enable } }" + fast("a", "2-3"), 5038, "enable", "0"),
    "thp": (HOST + "kernel.args { transparent_hugepage = always } }" + fast("a", "2-3", profile="realtime"), 5038, "always", "never"),
    "governor": (HOST + 'kernel.args { "cpufreq.default_governor" = powersave }; governor = ondemand }', 5038, "powersave", "ondemand"),
    "module-argument": (HOST + 'kernel.args { "kvm-intel.nested" = 1 }; modprobe { kvm_intel.nested = 0 } }', 5038, "1", "0"),
    "tsc": (HOST + "kernel.args { tsc = unstable } }" + fast("a", "2-3"), 5038, "unstable", "nowatchdog"),
    "module-twice": (HOST + 'modprobe { "kvm-intel.nested" = 1; kvm_intel.nested = 0 } }', 5039, "0", "1"),
    "sysctl-twice": (HOST + 'sysctl { "net/ipv4/ip_forward" = 1; net.ipv4.ip_forward = 0 } }', 5039, "0", "1"),
    "pages-by-argument": (
        "host n { numa 0 { cpus = 0-3; memory = 8GiB; hugepages { 1GiB = 2 } }; kernel.args { hugepages = 16 } }",
        5039,
        "16",
        "2",
    ),
    "pages-by-sysctl": (
        "host n { numa 0 { cpus = 0-3; memory = 8GiB; hugepages { 2MiB = 512 } }; sysctl { vm.nr_hugepages = 4096 } }",
        5039,
        "4096",
        "512",
    ),
    "poll-on-own-guest": (HOST + "}" + network("a", "4-5", "4"), 5045, "4-5", ""),
    "poll-on-other-guest": (HOST + "}" + network("a", "4-5", "2-3") + fast("b", "2-3"), 5045, "2-3", "$pmd"),
    "poll-on-emulator": (HOST + "switch { cpus = 2-3 } }" + local("a", "4-5").replace("pin = 0", "pin = 2"), 5045, "2", "2-3"),
    "poll-on-house": (HOST + "switch { cpus = 0 } }", 5045, "0", "0,8"),
    "poll-on-cpu-0": ("host n { numa 0 { cpus = 0-7; memory = 8GiB }; switch { cpus = 0 } }", 5045, "0", ""),
    "poll-beyond": (HOST + "}" + network("a", "4-5", "30-31"), 5045, "host n", "$pmd"),
    "partition-kernel": (HOST + 'kernel-version = "6.1.0"; isolation = partition; tickless = 2-5 }', 5046, "partition", "6.1.0"),
    "pin-outside-pool": (HOST + "isolation = partition; tickless = 4-5 }" + fast("a", "2-3"), 5052, "2-3", "4-5"),
    "pool-without-partition": (HOST + "tickless = 4-5 }", 5052, "4-5", ""),
    "pages-beyond-node": (
        "host n { numa 0 { cpus = 0-7; memory = 8GiB }; numa 1 { cpus = 8-15; memory = 64GiB }; reserve { cpus = 0,8 } }"
        + fast("a", "2-3")
        + fast("b", "4-5"),
        5022,
        "memory.size = 4GiB",
        "memory = 8GiB",
    ),
    "pages-and-reserve": (
        "host n { numa 0 { cpus = 0-7; memory = 16GiB; hugepages { 1GiB = 12 } }; reserve { memory = 8GiB } }",
        5022,
        "8GiB",
        "1GiB = 12",
    ),
    "memory-of-node": (
        "host n { numa 0 { cpus = 0-7; memory = 8GiB }; numa 1 { cpus = 8-15; memory = 64GiB }; reserve { cpus = 0,8 } }"
        + local("a", "2-3")
        + local("b", "4-5"),
        5003,
        "memory.size = 4GiB",
        "memory = 8GiB",
    ),
    "two-consoles-in-one": (HOST + 'kernel.args { console = [tty0, "ttyS0,115200n8"] } }', 5904, '"ttyS0,115200n8"]', ""),
    "page-size": ("host n { numa 0 { cpus = 0-3; memory = 8GiB; hugepages { 3MiB = 5 } } }", 5042, "5", ""),
    "page-size-arm": ("host n { arch = s390x; numa 0 { cpus = 0-3; memory = 8GiB; hugepages { 1GiB = 5 } } }", 5042, "5", ""),
    "plain-pins": (HOST + "}" + local("a", "2-3") + local("b", "3-4"), 5043, "3-4", "2-3"),
    "priority": (
        HOST + "}" + fast("a", "2-3", "vcpu-schedule realtime { priority = 99 }", "realtime"),
        4100,
        "99",
        "",
    ),
}  # fmt: skip


def found(program: str, folder: Path) -> tuple[Diagnostic, ...]:
    (folder / "vmspec.toml").write_text('id = "3d0f8a2c-6f0e-4a39-9a63-0f2b7c1d9e51"\n')
    (folder / "a.vmspec").write_text(program)
    return tuple(Compilation([folder]).diagnostics)


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_told_at_both_sides(name: str, tmp_path: Path) -> None:
    program, code, here, there = FAULTS[name]
    diagnostics = found(program, tmp_path)
    assert {d.code.number for d in diagnostics} == {code}, [f"{d.code} {d.message}" for d in diagnostics]
    first = diagnostics[0]
    assert first.primary is not None
    assert first.primary.text.endswith(here)
    labels = [label.span.text for label in first.labels]
    assert not there or any(there in text for text in labels), labels


SOUND: dict[str, str] = {
    "isolation-of-the-guest": HOST + "kernel.args { isolcpus = [managed_irq, domain, 2-5] } }" + fast("a", "2-3"),
    "all-by-word": HOST + 'kernel.args { rcu_nocbs = all } }',
    "irqs-on-the-house": HOST + "kernel.args { irqaffinity = 0,8; isolcpus = 2-5 } }",
    "one-cpu-is-meant": "host n { numa 0 { cpus = 0-3; memory = 8GiB }; reserve { cpus = 0 }; kernel.args { isolcpus = 1-3 } }",
    "all-cpus-started": HOST + "kernel.args { maxcpus = 16; nr_cpus = 32 } }" + fast("a", "2-3"),
    "memory-as-said": "host n { numa 0 { cpus = 0-3; memory = 16GiB }; kernel.args { mem = 16GiB } }",
    "house-on-each-node": HOST + "}" + fast("a", "2-3") + fast("b", "10-11"),
    "agreeing-places": HOST + "kernel.args { numa_balancing = disable } }" + fast("a", "2-3"),
    "agreeing-spellings": HOST + 'modprobe { "kvm-intel.nested" = 1; kvm_intel.nested = true } }',
    "pages-by-argument-alone": HOST + 'kernel.args { default_hugepagesz = 2MiB; hugepages = 16 } }',
    "switch": HOST + "}" + network("a", "4-5", "2-3") + network("b", "6-7", "2-3"),
    "two-consoles": HOST + 'kernel.args { console = repeated(tty0, "ttyS0,115200n8") } }',
    "one-console": HOST + 'kernel.args { console = [ttyS0, "115200n8"] } }',
    "partition": HOST + 'kernel-version = "6.12.0"; isolation = partition; tickless = 2-7,9-15 }' + fast("a", "2-3") + fast("b", "10-11"),
    "partition-of-the-guests": HOST + "isolation = partition }" + fast("a", "2-3"),
    "sizes-of-arm": "host n { arch = aarch64; numa 0 { cpus = 0-3; memory = 64GiB; hugepages { 32MiB = 4; 1GiB = 2 } } }",
    "floating-together": HOST + "}" + "".join(
        f'\nvm {x} extends std.balanced {{ place = host(n); cpu.count = 2; memory.size = 4GiB; {DISK % x} }}' for x in "ab"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_host_passes_without_a_word(name: str, tmp_path: Path) -> None:
    assert [f"{d.code} {d.message}" for d in found(SOUND[name], tmp_path)] == []
