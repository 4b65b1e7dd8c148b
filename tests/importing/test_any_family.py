"""Families of any shape: profiles never change what a VM says, and nothing breaks, whatever its members have more or less than others."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from lxml import etree

from tests.amount import amount
from tests.trees import tree
from vmspec.driver.compilation import Compilation
from vmspec.emit.domain import domain_xml
from vmspec.importing.adoption import adopted, factored
from vmspec.importing.definitions import read_text

SEEDS = amount(40, 1000)


def some(chance: random.Random, parts: list[str]) -> str:
    """The beginning of a list, or some of it, or nothing, or all in another order."""
    match chance.randrange(6):
        case 0:
            return ""
        case 1:
            return "".join(parts[: chance.randrange(len(parts) + 1)])
        case 2:
            return "".join(part for part in parts if chance.random() < 0.7)
        case 3:
            return "".join(chance.sample(parts, len(parts)))
        case _:
            return "".join(parts)


def domain(chance: random.Random, name: str) -> str:
    disk = [
        f"<disk type='block' device='disk'><source dev='/dev/vg/{name if n else 'a'}'/><target dev='vd{'abcd'[n]}' bus='virtio'/></disk>"
        for n in range(4)
    ]
    cards = [
        f"<interface type='bridge'><source bridge='br{n}'/><model type='{chance.choice(('virtio', 'e1000'))}'/></interface>"
        for n in range(3)
    ]
    words = [f"<feature policy='{chance.choice(('require', 'disable'))}' name='{word}'/>" for word in ("a", "b", "c", "d")]
    timers = [f"<timer name='{word}' present='no'/>" for word in ("hpet", "pit", "kvmclock")]
    pins = [f"<vcpupin vcpu='{n}' cpuset='{n + chance.randrange(2)}'/>" for n in range(4)]
    args = [f"<qemu:arg value='{word}'/>" for word in ("-a", "-b", "-c")]
    raws = [f"<odd{n} x='{chance.randrange(2)}'/>" for n in range(2)]
    size = chance.choice(("<memory>1048576</memory>", "<memory unit='KiB'>1048576</memory>", "<memory unit='G'>2</memory>"))
    return (
        f"<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>{name}</name>{size}<vcpu>4</vcpu>"
        f"<cputune>{some(chance, pins)}</cputune><os><type>hvm</type></os>"
        f"<features>{some(chance, ['<acpi/>', '<apic/>', '<pae/>'])}</features>"
        f"<cpu mode='host-model'>{some(chance, words)}</cpu><clock offset='utc'>{some(chance, timers)}</clock>"
        f"<devices>{some(chance, disk)}{some(chance, cards)}{some(chance, raws)}</devices>"
        f"<qemu:commandline>{some(chance, args)}</qemu:commandline></domain>"
    )


@pytest.mark.parametrize("seed", range(SEEDS))
def test_profiles_keep_what_every_vm_says(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    texts = {f"m{n}": domain(chance, f"m{n}") for n in range(chance.randrange(3, 9))}
    read = [read_text(text.encode(), f"{name}.xml")[0] for name, text in texts.items()]
    made = factored(adopted(each for each in read if each is not None))
    for name, text in made.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    vms = {vm.name: vm for vm in Compilation([tmp_path]).fleet.vms}
    for name, text in texts.items():
        assert tree(etree.fromstring(domain_xml(vms[name].spec))) == tree(etree.fromstring(text)), name
