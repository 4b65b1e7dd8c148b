"""`vmc place` from sources to a lock that builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.diagnostic import has_errors
from vmspec.driver.build import write_lock
from vmspec.driver.compilation import Compilation
from vmspec.driver.placing import Placed, place

HOSTS = """
host n1 {
  numa 0 { cpus = 0-7; memory = 32GiB }; numa 1 { cpus = 8-15; memory = 32GiB }; reserve { cpus = 0,8; memory = 2GiB }
  bridge br0 { uplink = eno1 }; nic eno1 { node = 1 }; kernel-version = "6.1.0"; tags = [fast]
}
host n2 { numa 0 { cpus = 0-3; memory = 64GiB }; reserve { cpus = 0; memory = 2GiB }; bridge br0 { }; kernel-version = "6.1.0" }
"""
FEED = "extends std.low-latency { place = auto; memory.size = 4GiB; cpu.count = "


def placed(folder: Path, guests: str, **options: int) -> tuple[Compilation, Placed]:
    """The placement of a program, written into its lock."""
    source = folder / "a.vmspec"
    source.write_text(HOSTS + guests)
    compilation = Compilation([source])
    result = place(compilation, **options)
    if result.lock is not None:
        assert not write_lock(compilation, result.lock)
    return Compilation([source]), result


def test_a_placement_builds_and_says_nodes_and_cpus(tmp_path: Path) -> None:
    built, result = placed(
        tmp_path, f"vm a {FEED}3 }}\nvm db extends std.database {{ place = hosts(fast); cpu.count = 4; memory.size = 8GiB }}"
    )
    assert not has_errors(built.diagnostics)
    a, db = built.fleet.vms
    assert (a.host, db.host) == ("n1", "n1")
    pins = [next(iter(vcpu.pin)) for vcpu in a.spec.vcpu if vcpu.pin]
    node = pins[0] // 8
    assert len(pins) == 3
    assert {cpu // 8 for cpu in pins} == {node}
    assert a.spec.emulator is not None
    assert str(a.spec.emulator.pin) == str(node * 8)
    assert a.spec.numa is not None
    assert str(a.spec.numa.nodeset) == str(node)
    assert db.spec.cpu is not None
    assert not set(db.spec.cpu.cpuset or ()) & {0, 8, *pins}
    assert place(built).after == result.after


def test_objects_of_one_template_get_each_their_own(tmp_path: Path) -> None:
    built, _ = placed(tmp_path, f'vm "f-${{i}}" {FEED}3; each $i in [a, b, c, d] }}')
    assert not has_errors(built.diagnostics)
    taken = [(vm.host, cpu) for vm in built.fleet.vms for vcpu in vm.spec.vcpu for cpu in vcpu.pin or ()]
    assert len(set(taken)) == len(taken) == 12


def test_one_more_moves_none(tmp_path: Path) -> None:
    _, first = placed(tmp_path, f"vm b {FEED}3 }}\nvm c {FEED}3 }}")
    _, second = placed(tmp_path, f"vm a {FEED}4 }}\nvm b {FEED}3 }}\nvm c {FEED}3 }}")
    assert {name: second.after[name] for name in first.after} == first.after
    assert "a" in second.after


def test_without_a_place_in_the_lock_a_build_names_the_command(tmp_path: Path) -> None:
    source = tmp_path / "a.vmspec"
    source.write_text(HOSTS + f"vm a {FEED}3 }}")
    found = Compilation([source]).diagnostics
    assert [(each.code.number, each.help) for each in found] == [(3100, "run `vmc place`, which writes its choice into the lock")]


def test_a_host_that_may_no_longer_be_is_an_error(tmp_path: Path) -> None:
    placed(tmp_path, "vm a { place = hosts(fast); cpu.count = 1; memory.size = 1GiB }")
    source = tmp_path / "a.vmspec"
    source.write_text(source.read_text().replace("tags = [fast]", "").replace("numa 0 { cpus = 0-3", "tags = [fast]; numa 0 { cpus = 0-3"))
    assert [each.code.number for each in Compilation([source]).diagnostics] == [3100]
    assert place(Compilation([source])).after["a"].host == "n2"


def test_what_the_host_guards_may_not_change_what_is_placed(tmp_path: Path) -> None:
    _, result = placed(tmp_path, "vm a { place = auto; cpu.count = 1; memory.size = 1GiB; when $host.name == n1 { cpu.max = 2 } }")
    assert [each.code.number for each in result.diagnostics] == [3101]
    assert result.lock is None


@pytest.mark.needs("ortools")
def test_constraints_that_collide_are_named_where_they_stand(tmp_path: Path) -> None:
    small = "extends std.low-latency { place = hosts(fast); memory.size = 1GiB; cpu.count ="
    _, result = placed(
        tmp_path, f"vm a {small} 5 }}\nvm b {small} 5 }}\nvm c {small} 5 }}\nvm d {{ place = auto; cpu.count = 1; memory.size = 1GiB }}"
    )
    (found,) = result.diagnostics
    assert found.code.number == 6920
    assert found.message.startswith("there is no placement for")
    assert sorted(label.message for label in found.labels) == ["5 vCPUs on whole cores"] * 3
    assert len({label.span.start for label in found.labels}) == 3
