"""libvirt takes the XML of every example, and the guests that are meant to start see the machine that their specification says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vmspec.driver.compilation import Compilation

if TYPE_CHECKING:
    from tests.real.embedded import Hypervisor
    from tests.real.kernel import Kernel
    from tests.real.report import Report

EXAMPLES = Path(__file__).parents[2] / "examples"
MIB = 1 << 20


@cache
def domains() -> dict[str, str]:
    """The XML of every VM of the examples, by name."""
    artifacts = Compilation([EXAMPLES]).artifacts()
    return {Path(a.path).stem: a.data.decode() for a in artifacts if a.path.endswith(".xml") and "/domains/" in f"/{a.path}"}


def for_this_machine(xml: str) -> bool:
    """libvirt's QEMU driver defines nothing for an architecture whose QEMU is not installed."""
    return "<type arch='x86_64'" in xml


def test_libvirt_defines_every_example(guests: Hypervisor) -> None:
    mine = [xml for xml in domains().values() if for_this_machine(xml)]
    refused = [f"{v.name}: {v.error}" for v in guests.define_many(mine) if not v.ok]
    assert refused == []
    assert len(mine) >= 80


def boot(here: Hypervisor, kernel: Kernel, name: str, **replaced: str) -> Report:
    from tests.real.guest import boot_domain

    xml = domains()[name]
    for old, new in replaced.items():
        assert old in xml
        xml = xml.replace(old, new)
    return boot_domain(here, kernel, xml)


@pytest.mark.parametrize("name", ["boot-smp", "boot-numa"])
def test_a_guest_sees_its_vcpus_and_memory(guests: Hypervisor, kernel: Kernel, name: str) -> None:
    report = boot(guests, kernel, name)
    assert report.cpus == 4
    assert report.ram == {"boot-smp": 512, "boot-numa": 768}[name] * MIB


def test_a_guest_sees_its_numa_cells(guests: Hypervisor, kernel: Kernel) -> None:
    nodes = boot(guests, kernel, "boot-numa").nodes
    assert {n: (node.cpus, node.memory, node.distances) for n, node in nodes.items()} == {
        0: ("0-1", 512 * MIB, (10, 20)),
        1: ("2-3", 256 * MIB, (20, 10)),
    }


def test_a_guest_sees_its_disk_and_network(guests: Hypervisor, kernel: Kernel, tmp_path: Path) -> None:
    image = tmp_path / "disk.raw"
    with image.open("wb") as file:
        file.truncate(64 * MIB)
    report = boot(guests, kernel, "boot-disk", **{"/var/tmp/boot-disk.raw": str(image)})
    assert report.cpus == 2
    assert report.disks["vda"].size == 64 * MIB
    assert [mac[:9] for mac in report.nics.values()] == ["52:54:00:"]
