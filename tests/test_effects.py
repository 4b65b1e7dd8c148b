"""Nothing is accepted and ignored: every line of the model without a place in XML changes an output, a finding or the plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import vmspec
from vmspec.base.diagnostic import has_errors
from vmspec.driver.compilation import Compilation
from vmspec.model.block import Attr, Block, OpenMap, schema
from vmspec.model.kinds import ROOTS

BASE = """
host n1 {{
  os = debian; qemu = "7.2.0"; libvirt = "9.0.0"
  numa 0 {{ cpus = 0-3; memory = 8GiB }}
  numa 1 {{ cpus = 4-7; memory = 8GiB }}
  bridge br0 {{ {bridge} }}
  nic eno1 {{ {nic} }}
  device gpu {{ {device} }}
  {host}
}}
host n2 {{ numa 0 {{ cpus = 0-7; memory = 16GiB }} }}
network lab {{ bridge.name = "virbr7"; forward.mode = nat; {network} }}
pool images {{ type = dir; target = "/images"; {pool} }}
volume root {{ capacity = 1GiB; {volume} }}
nwfilter f {{ {nwfilter} }}
secret s {{ usage = ceph; name = s; {secret} }}
vm a {{
  place = host(n1); cpu.count = 2; memory.size = 2GiB
  interface eth0 {{ source = bridge("br0") }}
  disk vda {{ source = file("/images/a.qcow2"); {disk} }}
  hostdev gpu {{ source = pci(0000:41:00.0) }}
  {vm}
}}
vm b {{ cpu.count = 1; memory.size = 1GiB; {other} }}
"""
SLOTS = ("host", "bridge", "nic", "device", "network", "pool", "volume", "nwfilter", "secret", "vm", "disk", "other")

BOND = "bond b0 {{ manage = true; ports = [eno1]; {} }}"
ADDRESS = 'addresses = "192.0.2.1/24"'
HOST_ADDRESS = {"addresses": ADDRESS, "dhcp": "dhcp = true", "gateways": 'gateways = "192.0.2.9"', "dns": 'dns = "192.0.2.9"'}

CHANGES: dict[str, tuple[str, str] | tuple[str, str, dict[str, str]]] = {
    "vm.place": ("other", "place = host(n2)"),
    "vm.resolve": ("other", "resolve = false"),
    "vm.host.kernel.args": ("vm", "host.kernel.args { quiet = true }"),
    "vm.host.sysctl": ("vm", "host.sysctl { vm.swappiness = 1 }"),
    "vm.host.modprobe": ("vm", "host.modprobe { kvm.halt_poll_ns = 0 }"),
    "vm.host.sysfs": ("vm", 'host.sysfs { "kernel/mm/ksm/run" = 0 }'),
    "vm.host.modules": ("vm", "host.modules = [vhost_net]"),
    "vm.host.transparent-hugepage": ("vm", "host.transparent-hugepage = never"),
    "vm.host.ksm.run": ("vm", "host.ksm.run = true"),
    "vm.host.ksm.pages-to-scan": ("vm", "host.ksm { run = true; pages-to-scan = 100 }", {"vm": "host.ksm.run = true"}),
    "vm.host.ksm.sleep": ("vm", "host.ksm { run = true; sleep = 100 }", {"vm": "host.ksm.run = true"}),
    "vm.host.ksm.merge-across-nodes": ("vm", "host.ksm { run = true; merge-across-nodes = false }", {"vm": "host.ksm.run = true"}),
    "vm.host.wake-latency": ("vm", "host.wake-latency = 5", {"host": "kernel.args { isolcpus = 2-3 }"}),
    "vm.host.governor": ("vm", "host.governor = performance"),
    "vm.host.irqbalance": ("vm", "host.irqbalance = false"),
    "vm.host.tuned": ("vm", "host.tuned = virtual-host"),
    "vm.host.smt": ("vm", "host.smt = false"),
    "vm.host.iommu": ("vm", "host.iommu = false"),
    "vm.host.switch.cpus": ("vm", "host.switch.cpus = 2"),
    "vm.host.switch.memory": ("vm", "host.switch { cpus = 2; memory = 3GiB }", {"vm": "host.switch.cpus = 2"}),
    "vm.host.vfio": ("vm", "host.vfio = [0000:41:00.0]"),
    "vm.seed.user-data": ("vm", 'seed.user-data = "#!/bin/sh"'),
    "vm.seed.cloud-config": ("vm", "seed.cloud-config { hostname = x }"),
    "vm.seed.meta-data": ("vm", "seed.meta-data { role = db }", {"vm": "seed.cloud-config { hostname = x }"}),
    "vm.seed.network-config": (
        "vm",
        "seed { cloud-config { hostname = x }; network-config = { version = 2; ethernets = { eth0 = { dhcp4 = true } } } }",
        {"vm": "seed.cloud-config { hostname = x }"},
    ),
    "vm.seed.ignition": ("vm", 'seed.ignition = { ignition = { version = "3.4.0" } }'),
    "vm.seed.unattend": ("vm", "seed.unattend = \"<unattend xmlns='urn:schemas-microsoft-com:unattend'/>\""),
    "vm.seed.instance-id": ("vm", "seed { cloud-config { hostname = x }; instance-id = i7 }", {"vm": "seed.cloud-config { hostname = x }"}),
    "vm.seed.path": ("vm", 'seed { cloud-config { hostname = x }; path = "/srv/a.iso" }', {"vm": "seed.cloud-config { hostname = x }"}),
    "vm.migration.allowed": ("vm", "migration.allowed = true"),
    "vm.cpu.pin": ("vm", "cpu.pin = 1-2"),
    "host.kernel.args": ("host", "kernel.args { quiet = true }"),
    "host.sysctl": ("host", "sysctl { vm.swappiness = 1 }"),
    "host.modprobe": ("host", "modprobe { kvm.halt_poll_ns = 0 }"),
    "host.sysfs": ("host", 'sysfs { "kernel/mm/ksm/run" = 0 }'),
    "host.modules": ("host", "modules = [vhost_net]"),
    "host.transparent-hugepage": ("host", "transparent-hugepage = never"),
    "host.ksm.run": ("host", "ksm.run = true"),
    "host.ksm.pages-to-scan": ("host", "ksm { run = true; pages-to-scan = 100 }", {"host": "ksm.run = true"}),
    "host.ksm.sleep": ("host", "ksm { run = true; sleep = 100 }", {"host": "ksm.run = true"}),
    "host.ksm.merge-across-nodes": ("host", "ksm { run = true; merge-across-nodes = false }", {"host": "ksm.run = true"}),
    "host.governor": ("host", "governor = performance"),
    "host.irqbalance": ("host", "irqbalance = false"),
    "host.tuned": ("host", "tuned = virtual-host"),
    "host.bond.ports": ("host", "bond b0 { manage = true; ports = [eno1, eno2] }", {"host": BOND.format("")}),
    "host.bond.manage": ("host", BOND.format("")),
    "host.bond.mode": ("host", BOND.format("mode = balance-rr"), {"host": BOND.format("")}),
    "host.bond.mtu": ("host", BOND.format("mtu = 9000"), {"host": BOND.format("")}),
    "host.bridge.manage": ("bridge", "manage = true"),
    "host.bridge.vlan-filtering": ("bridge", "manage = true; vlan-filtering = true", {"bridge": "manage = true"}),
    "host.bridge.kind": ("bridge", "manage = true; kind = openvswitch", {"bridge": "manage = true"}),
    "host.interface-files": ("host", "interface-files = networkd; " + BOND.format(""), {"host": BOND.format("")}),
    **{
        f"host.bond.ip.{name}": (
            "host",
            BOND.format(f"ip {{ {text}; {ADDRESS if text != ADDRESS else ''} }}"),
            {"host": BOND.format(f"ip {{ {ADDRESS} }}" if text != ADDRESS else "")},
        )
        for name, text in HOST_ADDRESS.items()
    },
    **{
        f"host.bridge.ip.{name}": (
            "bridge",
            f"manage = true; ip {{ {text}; {ADDRESS if text != ADDRESS else ''} }}",
            {"bridge": f"manage = true; ip {{ {ADDRESS} }}" if text != ADDRESS else "manage = true"},
        )
        for name, text in HOST_ADDRESS.items()
    },
    "host.bootloader": ("host", "bootloader = systemd-boot"),
    "host.smt": ("host", "smt = false"),
    "host.wake-latency": ("host", "kernel.args { isolcpus = 2-3 }; wake-latency = 5", {"host": "kernel.args { isolcpus = 2-3 }"}),
    "host.isolation": ("host", "isolation = partition", {"vm": "host.kernel.args { isolcpus = 2-3 }"}),
    "host.tickless": ("host", "isolation = partition; tickless = 2-3", {"host": "isolation = partition"}),
    "host.switch.cpus": ("host", "switch.cpus = 2"),
    "host.switch.memory": ("host", "switch { cpus = 2; memory = 3GiB }", {"host": "switch.cpus = 2"}),
    "host.iommu": ("host", "iommu = false"),
    "host.vfio": ("host", "vfio = [0000:41:00.0]"),
    "host.arch": ("host", "arch = aarch64"),
    "host.vendor": ("host", "vendor = amd; iommu = true", {"host": "vendor = intel; iommu = true"}),
    "host.numa.cpus": ("host", "numa 1 { cpus = 4-9 }"),
    "host.numa.hugepages": ("host", "numa 0 { hugepages { 1GiB = 2 } }"),
    "host.numa.spare": ("host", "numa 0 { spare { 1GiB = 2 } }"),
    "host.reserve.memory": ("host", "reserve.memory = 15GiB"),
    "host.reserve.headroom": ("host", "reserve.headroom = 95%"),
    "host.overcommit.cpu": ("host", "overcommit.cpu = 10%"),
    "host.nic.node": ("nic", "node = 9"),
    "host.nic.address": ("nic", 'address = "0000:41:00.1"; vfs = 0', {"nic": "vfs = 0"}),
    "host.nic.vfs": ("nic", 'address = "0000:41:00.1"; vfs = 0', {"nic": 'address = "0000:41:00.1"'}),
    "host.nic.mtu": ("nic", "mtu = 1500", {"bridge": "uplink = eno1", "vm": "interface eth0 { mtu = 9000 }"}),
    "host.bridge.uplink": ("bridge", "uplink = eno1", {"nic": "mtu = 1500", "vm": "interface eth0 { mtu = 9000 }"}),
    "host.bridge.mtu": ("bridge", "mtu = 1500", {"vm": "interface eth0 { mtu = 9000 }"}),
    "host.storage.node": ("host", 'storage s { path = "/s"; node = 9 }', {"host": 'storage s { path = "/s" }'}),
    "host.overcommit.memory": ("host", "overcommit.memory = 10%"),
    "host.device.address": ("device", 'address = "0000:41:00.0"; node = 1', {"device": "node = 1", "vm": "cpu.pin = 1-2"}),
    "host.device.node": ("device", 'address = "0000:41:00.0"; node = 1', {"device": 'address = "0000:41:00.0"', "vm": "cpu.pin = 1-2"}),
    "network.place": ("network", "place = host(n1)"),
    "pool.place": ("pool", "place = host(n1)"),
    "volume.place": ("volume", "place = host(n1)"),
    "nwfilter.place": ("nwfilter", "place = host(n1)"),
    "secret.place": ("secret", "place = host(n1)"),
    "volume.pool": ("volume", "pool = nosuch"),
}
"""Line → the slot of the program, a statement that sets it, and what stands in the slots of the program that it is compared with."""


READ_BY = {
    "vm.autostart": "plan/diff.py",
    "vm.power": "plan/power.py",
    "vm.start-after": "plan/program.py",
    "vm.restart.batch": "plan/program.py",
    "vm.restart.after": "plan/program.py",
    "vm.restart.health": "plan/program.py",
    "vm.as-written": "lower/typed.py",
    "vm.numa.local": "place/reading.py",
    "vm.cpu.isolate": "check/queries/hosts.py",
    "vm.cpu.thread-policy": "check/queries/hosts.py",
    "vm.migration.copy-storage": "check/vm/migration/blockers.py",
    "host.os": "emit/host/grub.py",
    "host.libvirt": "check/host/capabilities.py",
    "host.qemu": "lower/passes/machine.py",
    "host.uri": "cli/hosts.py",
    "host.siblings": "check/queries/hosts.py",
    "host.storage.path": "cli/hosts.py",
    "host.storage.kind": "cli/hosts.py",
    "host.storage.shared": "cli/hosts.py",
    "host.facts": "evaluate/facts.py",
    "host.tags": "plan/program.py",
    "host.cpu-model": "check/queries/hosts.py",
    "host.numa.memory": "check/host/memory.py",
    "host.reserve.cpus": "check/host/dedicated.py",
    "host.device.iommu-group": "check/host/devices.py",
    "host.kernel-version": "emit/host/hugepages.py",
}
"""Line → the file that reads it, where a program alone does not show the effect: it takes a host, a plan or an import, or more rules."""
WAITING: dict[str, str] = {}
"""Line → the topic of the issue that gives it its effect. Empty in the end."""


def waits(topic: str, *lines: str) -> None:
    WAITING.update(dict.fromkeys(lines, topic))


waits("Contract", "vm.host.realtime-kernel", "host.realtime-kernel", "host.numa.distances")
waits(
    "Contract",
    "host.nic.speed",
    "host.device.id",
    "host.device.driver",
)
waits(
    "Live migration",
    *(f"vm.migration.{name}" for name in ("bandwidth", "max-downtime", "timeout", "parallel", "auto-converge", "postcopy")),
)
waits("Live migration", "vm.migration.tls", "vm.migration.dirty-rate")
waits("A machine that answers", "network.autostart", "pool.autostart", "vm.disk.size")
waits("A machine that answers", "host.storage.capacity")
DESCRIBES = ("host.description",)
"""For people alone."""


def lines_without_place() -> Iterator[str]:
    for kind, root in ROOTS.items():
        seen: set[type[Block]] = set()
        waiting: list[tuple[type[Block], tuple[str, ...]]] = [(root, (kind,))]
        while waiting:
            block, path = waiting.pop(0)
            if block in seen:
                continue
            seen.add(block)
            for line in schema(block):
                at = (*path, line.name)
                placeless = (
                    line.line.place is None if isinstance(line.line, Attr) else isinstance(line.line, OpenMap) and not line.line.place
                )
                # That a source's type was left out is kept for the import of XML and read by the emission (emit/values.py).
                if placeless and line.name != "implicit":
                    yield ".".join(at)
                waiting += [(inner, at) for inner in line.types]


def test_every_line_has_an_effect_or_waits_for_one() -> None:
    known = [*CHANGES, *READ_BY, *WAITING, *DESCRIBES]
    assert len(known) == len(set(known))
    assert set(lines_without_place()) - set(known) == set(), "a line that nothing reads, as far as these tables know"


@pytest.mark.parametrize("line", READ_BY)
def test_it_is_read_where_that_is_said(line: str) -> None:
    text = (Path(vmspec.__file__).parent / READ_BY[line]).read_text(encoding="utf-8")
    assert line.rpartition(".")[2].replace("-", "_") in text


def outcome(slots: dict[str, str], folder: Path) -> tuple[object, ...]:
    """What a program gives: the findings, and every file but the manifest and the source map."""
    file = folder / "main.vmspec"
    file.write_text(BASE.format(**{**dict.fromkeys(SLOTS, ""), **slots}), encoding="utf-8")
    compilation = Compilation([file])
    found = compilation.diagnostics
    said = tuple((d.code.number, d.message) for d in found)
    return said, () if has_errors(found) else tuple((a.path, a.data) for a in compilation.artifacts())


@pytest.mark.parametrize("line", CHANGES)
def test_it_has_an_effect(line: str, tmp_path: Path) -> None:
    slot, statement, *others = CHANGES[line]
    before: dict[str, str] = others[0] if others else {}
    assert outcome(before, tmp_path) != outcome({**before, slot: statement}, tmp_path)
