"""`vmc host propose` over twelve recorded machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.topologies import MACHINES, Machine, write_tree
from vmspec.cli.main import main
from vmspec.deploy.facts.gather import facts_of, where
from vmspec.driver.compilation import Compilation
from vmspec.importing.host_proposal import housekeeping, memory, proposal
from vmspec.model.facts import HostFacts
from vmspec.model.facts_json import facts_text
from vmspec.model.value import CpuSet

KEPT = {
    "homelab": ("0", 2),
    "one-socket": ("0-1,16-17", 2),
    "two-by-32": ("0,16-17,32,48-49", 6),
    "two-by-128": ("0-4,64-68,128-132,192-196", 16),
    "epyc-nps4": ("0,16,32-33,48,64,80,96-97,112", 4),
    "no-smt": ("0-2,20-21", 3),
    "altra": ("0-5", 4),
    "s390x": ("0-1", 2),
    "sub-numa": ("0,16-17,32,48,64,80-81,96,112", 8),
    "memory-only": ("0-2,24-26", 6),
    "asymmetric": ("0,16-17,24,40-41", 3),
    "hybrid": ("0-1,16", 2),
}
"""The CPUs that the host keeps, and GiB of memory, by machine."""


def facts_for(machine: Machine, folder: Path) -> HostFacts:
    return facts_of(where(None, None, str(write_tree(folder / "root", machine))))


def test_every_machine_is_in_the_table() -> None:
    assert list(KEPT) == [machine.name for machine in MACHINES]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_whole_cores_of_each_node_are_kept(machine: Machine, tmp_path: Path) -> None:
    facts = facts_for(machine, tmp_path)
    kept = CpuSet.of(cpu for each in housekeeping(facts) for cpu in each.cpus)
    assert (str(kept), memory(facts) >> 30) == KEPT[machine.name]
    for core in machine.cores:
        assert len(CpuSet.of(core.cpus) & kept) in (0, len(core.cpus)), "a core is kept whole, or not at all"
    for node in {core.node for core in machine.cores}:
        assert any(core.node == node and core.cpus[0] in kept for core in machine.cores), "each node with guests has one"
    fast = {card.node for card in machine.cards if card.speed >= 10_000 and card.node >= 0}
    share = {node: _share(machine, node, kept) for node in {core.node for core in machine.cores}}
    for node in fast:
        assert all(share[node] >= share[other] for other in share if other not in fast), "the node of a fast card keeps no less"
    assert 0 in kept and len(kept) * 4 <= sum(len(core.cpus) for core in machine.cores)


def _share(machine: Machine, node: int, kept: CpuSet) -> float:
    cores = [core for core in machine.cores if core.node == node]
    return len([core for core in cores if core.cpus[0] in kept]) / len(cores)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_the_block_builds_with_a_guest_on_each_node(machine: Machine, tmp_path: Path) -> None:
    facts = facts_for(machine, tmp_path)
    (tmp_path / "n1.json").write_text(facts_text(facts))
    (tmp_path / "n1.vmspec").write_text(proposal(facts, "n1", "n1.json", "qemu+ssh://n1/system"))
    kept = CpuSet.of(cpu for each in housekeeping(facts) for cpu in each.cpus)
    guests: list[str] = []
    for node in facts.numa:
        free, count = list(node.cpus - kept)[:2], min(2, len(node.cpus - kept))
        if free:
            guests.append(
                f"vm g{node.id} {{ place = host(n1); memory.size = 2GiB; arch = {machine.arch}\n cpu {{ count = {count}; pin = {free} }}\n"
                f' disk vda {{ source = block("/dev/vg0/g{node.id}") }} }}'
            )
    (tmp_path / "g.vmspec").write_text("\n".join(guests) + "\n")
    errors = [d.message for d in Compilation([tmp_path]).diagnostics if d.severity.name == "ERROR"]
    assert errors == []


def test_reasons_stand_beside_what_they_are_for(tmp_path: Path) -> None:
    by_name = {machine.name: machine for machine in MACHINES}
    text = proposal(facts_for(by_name["memory-only"], tmp_path / "a"), "n1", "n1.json")
    assert "# node 1 has memory and no CPU" in text and "# node 0: keeps 0-2,24-26 of 0-47: CPU 0 is where the kernel boots" in text
    assert "interrupts of eno1, which is on this node" in text and "siblings together" in text
    assert "cores of several kinds" in proposal(facts_for(by_name["hybrid"], tmp_path / "b"), "n1", "n1.json")
    assert "the nodes differ in size: 0 has 32 CPUs, 1 has 16 CPUs" in proposal(
        facts_for(by_name["asymmetric"], tmp_path / "c"), "n1", "n1.json"
    )
    assert "16 last-level caches of 16 CPUs" in proposal(facts_for(by_name["two-by-128"], tmp_path / "d"), "n1", "n1.json")


def test_the_command_names_the_file_from_where_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hosts").mkdir()
    Path("facts").mkdir()
    Path("facts/n7.json").write_text(facts_text(facts_for(MACHINES[1], tmp_path)))
    assert main(["host", "propose", "facts/n7.json", "-o", "hosts/n7.vmspec"]) == 0
    assert 'host n7 {\n  facts = "../facts/n7.json"' in Path("hosts/n7.vmspec").read_text()
    assert main(["host", "propose", "facts/n7.json", "-o", "hosts/n7.vmspec"]) == 2
    Path("bare.json").write_text('{"libvirt": "9.0.0"}')
    assert main(["host", "propose", "bare.json"]) == 1
    assert "name no CPUs" in capsys.readouterr().err
