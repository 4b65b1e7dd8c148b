"""Settled values become blocks, and what objects share stays shared."""

from __future__ import annotations

from pathlib import Path

from vmspec.base.diagnostic import has_errors
from vmspec.driver.compilation import Compilation
from vmspec.lower.fleet import Fleet
from vmspec.model.devices.network import BridgeSource
from vmspec.model.value import CpuSet, Size, Symbol


def fleet(text: str, folder: Path) -> Fleet:
    file = folder / "a.vmspec"
    file.write_text(text, encoding="utf-8")
    compilation = Compilation([file])
    found = (*compilation.program_diagnostics, *compilation.settled_diagnostics)
    assert not has_errors(found), [d.message for d in found]
    return compilation.typed


def test_blocks_of_every_shape(tmp_path: Path) -> None:
    (vm,) = fleet(
        """vm "a" {
  memory { size = 4GiB; hugepages = true }
  cpu { count = 2; features { rdtscp = require; x2apic = disable } }
  vcpu 1 { pin = 3 }
  vcpu 0 { pin = 2 }
  numa.cell 0 { cpus = 0-1; memory = 4GiB; distances { 0 = 10 } }
  interface eth0 { source = bridge("br0") }
  hyperv.spinlocks { state = true; retries = 8191 }
  xml.cputune = "<later/>"
  disk vda { source = file("/a"); xml = "<own/>" }
  tpm { }
}
""",
        tmp_path,
    ).vms
    spec = vm.spec
    assert spec.name == "a" and vm.trails[("name",)][-1].span == vm.span
    assert spec.memory is not None and spec.memory.size == Size(2**32) and spec.memory.hugepages is True
    assert spec.cpu is not None and spec.cpu.features == {"rdtscp": Symbol("require"), "x2apic": Symbol("disable")}
    assert [(v.label, v.pin) for v in spec.vcpu] == [("0", CpuSet.of([2])), ("1", CpuSet.of([3]))]
    assert spec.numa is not None and spec.numa.cell[0].distances == {"0": 10}
    assert isinstance(spec.interface[0].source, BridgeSource)
    assert spec.hyperv is not None and spec.hyperv.spinlocks is not None and spec.hyperv.spinlocks.retries == 8191
    assert spec.raw == {"cputune": "<later/>"} and spec.disk[0].raw == {"": "<own/>"}
    assert [t.label for t in spec.tpm] == ["tpm0"]


def test_machines_of_a_template_share_what_does_not_vary(tmp_path: Path) -> None:
    one, two = fleet(
        """vm "a-${n}" {
  each $n in { x = 1; y = 2 }
  memory.size = 1GiB
  cpu.features { rdtscp = require }
  disk vda { source = file("/${n}") }
  disk vdb { source = file("/shared") }
}
""",
        tmp_path,
    ).vms
    assert one.spec.memory is two.spec.memory and one.spec.cpu is two.spec.cpu
    assert one.spec.disk[1] is two.spec.disk[1] and one.spec.disk[0] is not two.spec.disk[0]
    assert one.spec.disk[0].source != two.spec.disk[0].source


def test_an_imported_machine_keeps_its_spelling_and_order(tmp_path: Path) -> None:
    (vm,) = fleet(
        """vm "a" {
  resolve = false
  memory.size = "1 GB"
  cpu.cpuset = "0,1"
  features.pmu = ""
  vcpu 1 { pin = 1 }
  vcpu 0 { pin = 0 }
  features.smm { }
}
""",
        tmp_path,
    ).vms
    spec = vm.spec
    assert spec.memory is not None and spec.memory.size == Size(976563 << 10) and spec.memory.spelling == {"size": "1", "size.unit": "GB"}
    assert spec.cpu is not None and spec.cpu.cpuset == CpuSet.of([0, 1]) and spec.cpu.spelling == {"cpuset": "0,1"}
    assert spec.features is not None and spec.features.pmu is True and spec.features.smm is not None
    assert [v.label for v in spec.vcpu] == ["1", "0"] and spec.type is None
