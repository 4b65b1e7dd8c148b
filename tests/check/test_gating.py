"""A rule runs wherever it has something to say: what it finds does not depend on which features call for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vmspec.check.registry import FLEET, HOST, VM, all_rules
from vmspec.check.rule import Finding
from vmspec.check.run import check
from vmspec.driver.compilation import Compilation
from vmspec.lower.fleet import Fleet

EXAMPLES = sorted(p for p in (Path(__file__).parents[2] / "examples").iterdir() if p.is_dir())
SECTIONS = ("Example", "Instead")
NEITHER = """
host n1 {{ numa 0 {{ cpus = 0-7; memory = 16GiB; hugepages {{ 1GiB = 2 }} }}; nic ens2 {{ address = "0000:3b:00.0"; node = 0; vfs = 1 }} }}
network vfs {{ place = host(n1); forward {{ mode = hostdev; address vf0 {{ bus = 0x3b; slot = 2; function = 0 }} }} }}
vm a {{ place = host(n1); memory.size = 1GiB; {a} }}
vm b {{ place = host(n1); memory.size = 1GiB; {b} }}
"""
PAIRS = (
    "cpu.count = 1; interface md0 { source = hostdev(0000:3b:02.0, managed = true) }",
    "cpu.count = 1; hostdev md0 { source = pci(0000:3b:02.0); managed = true }",
    "cpu.count = 1; interface md0 { source = network(vfs) }",
    "cpu { count = 1; pin = 4; isolate = true }; emulator.pin = 0",
    "vcpu 0 { pin = 4; scheduler = fifo; priority = 1 }; cpu.count = 1; emulator.pin = 0",
    "cpu { count = 1; cpuset = 3-5 }",
    "cpu.count = 1; emulator.pin = 4",
    "cpu.count = 1; iothreads = 1; iothread 1 { pin = 4 }",
    "cpu.count = 1; memory.pages p { size = 1GiB }; numa { mode = strict; nodeset = 0 }",
)
"""What one guest may say in one block and another guest in another."""


def ungated(fleet: Fleet) -> Iterator[tuple[int, str]]:
    """What all rules find, each run on everything."""
    for vm in fleet.vms:
        for subject in VM:
            held = getattr(vm.spec, subject.block) if subject.block else vm.spec
            for rule in subject.all():
                for block in held if isinstance(held, tuple) else (held,) if held is not None else ():
                    arguments = (block, vm.spec) if subject.block else (block,)
                    yield from _shown(rule.code.number, rule.check(*arguments[: rule.arguments]))
    for host in fleet.hosts:
        for rule in HOST.all():
            yield from _shown(rule.code.number, rule.check(*(host, tuple(fleet.on(host.name)), fleet)[: rule.arguments]))
    for rule in FLEET.all():
        yield from _shown(rule.code.number, rule.check(fleet))


def _shown(number: int, found: object) -> Iterator[tuple[int, str]]:
    assert hasattr(found, "__iter__")
    for finding in found:
        assert isinstance(finding, Finding)
        yield number, finding.message


def agree(fleet: Fleet) -> None:
    resolved = Fleet(tuple(vm for vm in fleet.vms if vm.resolve), fleet.hosts, fleet.others)
    assert sorted((d.code.number, d.message) for d in check(resolved)) == sorted(ungated(resolved))


@pytest.mark.parametrize("rule", all_rules(), ids=lambda r: str(r.code))
@pytest.mark.parametrize("section", SECTIONS)
def test_the_programs_of_the_pages(rule: object, section: str, tmp_path: Path) -> None:
    file = tmp_path / "main.vmspec"
    file.write_text(rule.code.section(section) + "\n", encoding="utf-8")  # type: ignore[attr-defined]
    agree(Compilation([file]).fleet)


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda p: p.name)
def test_the_example_programs(folder: Path) -> None:
    agree(Compilation([folder]).fleet)


@pytest.mark.parametrize("a", PAIRS)
@pytest.mark.parametrize("b", PAIRS)
def test_two_guests_that_say_it_in_two_ways(a: str, b: str, tmp_path: Path) -> None:
    file = tmp_path / "main.vmspec"
    file.write_text(NEITHER.format(a=a, b=b), encoding="utf-8")
    agree(Compilation([file]).fleet)
