"""The standard profiles with mixes of devices, and hundreds of pins and cells, before libvirt's own driver."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from tests.stdlib.test_architectures import CARDS, DISKS, X86_DISKS, compiled
from tests.stdlib.test_stdlib import NAMES
from vmspec.base.diagnostic import Severity
from vmspec.driver.compilation import Compilation

if TYPE_CHECKING:
    from tests.real.embedded import Hypervisor

NODES = (range(8), range(8, 16))


def domains(compilation: Compilation) -> list[str]:
    return [a.data.decode() for a in compilation.artifacts() if a.path.endswith(".xml")]


@pytest.mark.parametrize("name", [n for n in NAMES if n != "confidential-sev-snp"])
def test_libvirt_takes_each_profile_with_each_mix(guests: Hypervisor, name: str, tmp_path: Path) -> None:
    refused: list[str] = []
    for mix, disks in {**DISKS, **X86_DISKS}.items():
        for card, interface in CARDS.items():
            if name == "migratable" and (card == "vf" or mix == "writeback"):
                continue
            made = compiled(tmp_path, name, "x86_64", f"{disks}; {interface}", placed=True, versions=("9.0.0", "7.2.0"))
            assert made.diagnostics == (), (mix, card, made.diagnostics[0].message)
            refused += [f"{mix}, {card}: {v.error}" for v in guests.define_many(domains(made)) if not v.ok]
    assert refused == []


def siblings(shape: str) -> list[tuple[int, int]]:
    """Two sockets of four cores with two threads, in the two ways that firmware numbers them."""
    if shape == "pairs":
        return [(n, n + 1) for n in range(0, 16, 2)]
    return [(n, n + 4) for node in NODES for n in node[:4]]


def guest(draw: random.Random, groups: list[tuple[int, int]]) -> tuple[str, int, int]:
    """The text of a VM, its vCPUs and threads."""
    threads = draw.choice([1, 2])
    cores = draw.randint(1, 4)
    count = threads * cores
    whole = draw.random() < 0.7
    cpus = [cpu for group in draw.sample(groups, cores) for cpu in group[:threads]] if whole else draw.sample(range(16), count)
    draw.shuffle(cpus)
    pin = draw.choice([",".join(map(str, cpus)), "[" + ", ".join(map(str, cpus)) + "]"])
    pins = f"pin = {pin if count > 1 else cpus[0]}"
    blocks = ""
    if draw.random() < 0.3:
        pins, blocks = "", " ".join(f"vcpu {n} {{ pin = {cpu} }};" for n, cpu in enumerate(cpus))
    cells = ""
    if draw.random() < 0.4 and count >= 2:
        half = count // 2
        first, second = draw.sample([0, 1], 2)
        cells = (
            f"numa.cell 0 {{ cpus = 0-{half - 1}; memory = 1GiB; nodeset = {first} }};"
            f"numa.cell 1 {{ cpus = {half}-{count - 1}; memory = 1GiB; nodeset = {second} }};"
        )
    topology = f"topology {{ sockets = 1; cores = {cores}; threads = {threads} }}"
    text = (
        f"cpu {{ count = {count}; mode = host-passthrough; {pins}; {topology} }}; memory.size = 2GiB; emulator.pin = 0-15; {blocks} {cells}"
    )
    return text.replace("; ;", ";"), count, threads


@pytest.mark.parametrize("shape", ["pairs", "apart"])
def test_pins_and_cells_against_an_oracle(guests: Hypervisor, shape: str, tmp_path: Path) -> None:
    draw = random.Random(20261127)
    groups = siblings(shape)
    core = {cpu: group for group in groups for cpu in group}
    listed = ", ".join(f'"{a},{b}"' for a, b in groups)
    host = f"host n {{ siblings = [{listed}]; " + "; ".join(
        f"numa {n} {{ cpus = {cpus[0]}-{cpus[-1]}; memory = 64GiB }}" for n, cpus in enumerate(NODES)
    )
    for _ in range(120):
        text, count, threads = guest(draw, groups)
        main = tmp_path / "main.vmspec"
        main.write_text(f"{host} }}\nvm a {{ place = host(n); {text} }}\n", encoding="utf-8")
        made = Compilation([main])
        assert not [d.message for d in made.diagnostics if d.severity is Severity.ERROR], text
        (xml,) = domains(made)
        (verdict,) = guests.define_many([xml])
        assert verdict.ok, (verdict.error, text)
        pins = [int(str(e.get("cpuset"))) for e in etree.fromstring(xml.encode()).iterfind("cputune/vcpupin")]
        assert len(pins) == count, text
        said = {d.code.name for d in made.diagnostics}
        apart = any(len({core[c] for c in pins[n : n + threads]}) > 1 for n in range(0, count, threads))
        assert ("guest-siblings-apart" in said) is (threads > 1 and apart), text
        split = {group: [c for c in pins if core[c] == group] for group in groups}
        fits = all(len(some) % threads == 0 for some in split.values())
        if "pin = [" not in text and "vcpu 0" not in text and threads > 1 and "numa.cell" not in text:
            assert apart is not fits, text
        assert ("siblings-hidden" in said) is (threads == 1 and any(len(some) > 1 for some in split.values())), text
