"""A host's committed facts: topology for functions, versions for rules; from any working directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.driver.compilation import Compilation

FACTS = '{"libvirt": "8.0.0", "numa": [{"id": 0, "cpus": "0-3"}], "siblings": ["0,2", "1,3"]}'


def codes(folder: Path, body: str, facts: str = FACTS) -> list[int]:
    (folder / "n1.json").write_text(facts)
    (folder / "a.vmspec").write_text(
        f'host n1 {{ facts = "n1.json" }}\nvm a {{ place = host(n1); memory.size = 1GiB; cpu.count = 2; {body} }}\n'
    )
    return [d.code.number for d in Compilation([folder]).diagnostics]


def test_versions_reach_the_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert codes(tmp_path, "iothread 1 { poll-max = 20us }") == [5014]
    assert codes(tmp_path, "iothread 1 { }") == []


def test_topology_reaches_the_functions(tmp_path: Path) -> None:
    assert codes(tmp_path, "cpu.cpuset = siblings(2); assert self.cpu.cpuset == 0 | 2; assert numa_of(1) == 0") == []


def test_unreadable_facts_are_said(tmp_path: Path) -> None:
    assert codes(tmp_path, "", facts="{") == [3017]
