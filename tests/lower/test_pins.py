"""Pins: lists, sets that are dealt out over cores, and blocks of single vCPUs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmspec.base.diagnostic import Severity
from vmspec.driver.compilation import Compilation
from vmspec.emit.domain import domain_xml
from vmspec.lower.cores import by_cores, core_of
from vmspec.model.value import CpuSet

FLAT = 'siblings = ["0,8", "1,9", "2,10", "3,11", "4,12", "5,13", "6,14", "7,15"]'
PAIRS = 'siblings = ["0-1", "2-3", "4-5", "6-7", "8-9", "10-11", "12-13", "14-15"]'
HOST = "numa 0 { cpus = 0-3,8-11; memory = 64GiB }; numa 1 { cpus = 4-7,12-15; memory = 64GiB }; reserve { cpus = 0,4 }"
SMT = "topology { sockets = 1; cores = 2; threads = 2 }"


def compiled(tmp_path: Path, body: str, host: str = FLAT, head: str = "vm a") -> Compilation:
    main = tmp_path / "main.vmspec"
    main.write_text(f"host n {{ {HOST}; {host} }}\n{head} {{ place = host(n); memory.size = 4GiB; emulator.pin = 0; {body} }}\n")
    return Compilation([main])


def found(compilation: Compilation) -> list[str]:
    return [f"{d.severity.value} {d.code.name}: {d.message}" for d in compilation.diagnostics]


def where(compilation: Compilation) -> list[str]:
    return [str(v.pin) for v in compilation.fleet.vms[0].spec.vcpu]


@pytest.mark.parametrize(
    ("cpu", "host", "expected"),
    [
        (f"count = 4; pin = 1-2,9-10; {SMT}", FLAT, ["1", "9", "2", "10"]),
        (f"count = 4; pin = 2-5; {SMT}", PAIRS, ["2", "3", "4", "5"]),
        (f"count = 4; pin = [1, 9, 2, 10]; {SMT}", FLAT, ["1", "9", "2", "10"]),
        (f"count = 4; pin = [2, 10, 1, 9]; {SMT}", FLAT, ["2", "10", "1", "9"]),
        ("count = 4; pin = 1-2,5-6", FLAT, ["1", "2", "5", "6"]),
        ("count = 4; pin = [6, 5, 2, 1]", FLAT, ["6", "5", "2", "1"]),
        (f"count = 2; max = 4; pin = 1-2,9-10; {SMT}", FLAT, ["1", "9", "2", "10"]),
    ],
)
def test_where_vcpus_run(cpu: str, host: str, expected: list[str], tmp_path: Path) -> None:
    made = compiled(tmp_path, f"cpu {{ mode = host-passthrough; {cpu} }}", host)
    assert where(made) == expected
    assert found(made) == []


def test_facts_tell_the_siblings(tmp_path: Path) -> None:
    (tmp_path / "n.json").write_text('{"siblings": ["0,8", "1,9", "2,10", "3,11"]}')
    made = compiled(tmp_path, f"cpu {{ mode = host-passthrough; count = 4; pin = 1-2,9-10; {SMT} }}", 'facts = "n.json"')
    assert where(made) == ["1", "9", "2", "10"]
    assert found(made) == []


def test_cells_take_cores_of_their_nodes(tmp_path: Path) -> None:
    body = f"""cpu {{ mode = host-passthrough; count = 4; pin = 1,9,5,13; {SMT} }}
      numa {{ cell 0 {{ cpus = 0-1; memory = 2GiB; nodeset = 1 }}; cell 1 {{ cpus = 2-3; memory = 2GiB; nodeset = 0 }} }}"""
    made = compiled(tmp_path, body)
    assert where(made) == ["5", "13", "1", "9"]
    assert found(made) == []
    assert [str(cell.mode) for cell in made.fleet.vms[0].spec.numa.cell] == ["strict", "strict"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("cpu { count = 4; pin = [1, 2] }; vcpu 2 { pin = 5 }; vcpu 3 { pin = 6 }", ["1", "2", "5", "6"]),
        ("cpu { count = 4; pin = 1-2 }; vcpu 0 { pin = 5 }; vcpu 1 { pin = 6 }", ["5", "6", "1", "2"]),
        (f"cpu {{ mode = host-passthrough; count = 4; pin = 2,9-10; {SMT} }}; vcpu 0 {{ pin = 1 }}", ["1", "9", "2", "10"]),
        ("cpu { count = 2; pin = 1-2 }; vcpu 0 { pin = 1 }", ["1", "2"]),
        ("cpu { count = 2; pin ?= 1-2 }; vcpu 0 { pin = 5 }", ["5", "2"]),
    ],
)
def test_both_spellings_together(body: str, expected: list[str], tmp_path: Path) -> None:
    made = compiled(tmp_path, body)
    assert where(made) == expected
    assert found(made) == []


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("cpu { count = 2; pin = [1, 2] }; vcpu 0 { pin = 2 }", "pin-disagrees"),
        ("cpu { count = 4; pin = [1, 2, 3] }", "pin-count"),
        ("cpu { count = 4; pin = [1, 2, 3] }; vcpu 0 { pin = 5 }; vcpu 1 { pin = 6 }", "pin-count"),
        ("cpu { count = 2; pin = [1-2] }", "pin-count"),
        (f"cpu {{ mode = host-passthrough; count = 4; pin = 1-2,9-10; {SMT} }}; vcpu 1 {{ pin = 2 }}", "pin-disagrees"),
    ],
)
def test_what_does_not_go_together(body: str, name: str, tmp_path: Path) -> None:
    assert [d.code.name for d in compiled(tmp_path, body).diagnostics if d.severity is Severity.ERROR] == [name]


@pytest.mark.parametrize(
    ("host", "cpu", "severity", "name"),
    [
        ("", f"mode = host-passthrough; count = 4; pin = 1-2,9-10; {SMT}", "warning", "siblings-unknown"),
        ("", f"mode = host-passthrough; count = 4; pin = [1, 9, 2, 10]; {SMT}", "", ""),
        (FLAT, f"mode = host-passthrough; count = 4; pin = 1-3,5; {SMT}", "warning", "guest-siblings-apart"),
        (FLAT, f"mode = host-passthrough; isolate = true; count = 4; pin = 1-3,5; {SMT}", "error", "guest-siblings-apart"),
        (FLAT, f"mode = host-passthrough; count = 4; pin = [1, 2, 9, 10]; {SMT}", "warning", "guest-siblings-apart"),
        (FLAT, "mode = host-passthrough; count = 2; pin = 1,9", "warning", "siblings-hidden"),
        (FLAT, "count = 2; pin = 1,2; isolate = true", "warning", "sibling-in-use"),
        (FLAT + "; kernel.args { isolcpus = [domain, 9-10] }", "count = 2; pin = 1,2; isolate = true", "", ""),
        (FLAT + "; smt = false", "count = 2; pin = 1,9", "error", "pin-on-second-thread"),
        (FLAT + "; kernel.args { nosmt = true }", "count = 2; pin = 1,9", "error", "pin-on-second-thread"),
        (FLAT + "; kernel.args { nosmt = force }", "count = 2; pin = 1,9", "error", "pin-on-second-thread"),
        (FLAT, "count = 2; pin = 1-2; thread-policy = require", "error", "thread-policy"),
        (FLAT, "count = 2; pin = 1-2; thread-policy = prefer", "", ""),
    ],
)
def test_what_is_said_of_siblings(host: str, cpu: str, severity: str, name: str, tmp_path: Path) -> None:
    said = [(d.severity.value, d.code.name) for d in compiled(tmp_path, f"cpu {{ {cpu} }}", host).diagnostics]
    # A guest that splits its cores leaves their siblings to others, which is said too.
    also = [("warning", "sibling-in-use")] if "isolate = true" in cpu and name == "guest-siblings-apart" else []
    assert said == ([(severity, name)] if name else []) + also


@pytest.mark.parametrize(
    ("first", "second", "severity"), [("", "", "warning"), ("isolate = true", "", "error"), ("", "isolate = true", "error")]
)
def test_two_guests_on_one_core(first: str, second: str, severity: str, tmp_path: Path) -> None:
    main = tmp_path / "main.vmspec"
    rest = "place = host(n); memory.size = 1GiB; emulator.pin = 0"
    main.write_text(
        f"host n {{ {HOST}; {FLAT} }}\n"
        f"vm a {{ {rest}; cpu {{ count = 1; pin = 1; {first} }} }}\nvm b {{ {rest}; cpu {{ count = 1; pin = 9; {second} }} }}\n"
    )
    assert [(d.severity.value, d.code.name) for d in Compilation([main]).diagnostics] == [(severity, "dedicated-core-shared")]


def test_low_latency_is_strict(tmp_path: Path) -> None:
    pages = FLAT + "; numa 0 { hugepages { 1GiB = 8 } }"
    made = compiled(tmp_path, f"cpu {{ count = 4; pin = 1-3,5; {SMT} }}; numa.nodeset = 0", pages, "vm a extends std.low-latency")
    assert (Severity.ERROR, "guest-siblings-apart") in {(d.severity, d.code.name) for d in made.diagnostics}


def test_an_imported_guest_keeps_a_pin_that_was_written(tmp_path: Path) -> None:
    main = tmp_path / "main.vmspec"
    main.write_text("vm a { resolve = false; type = qemu; memory.size = 1GiB; cpu { count = 2; pin = [6, 4] } }")
    made = Compilation([main])
    xml = domain_xml(made.fleet.vms[0].spec)
    assert xml.index("vcpu='0' cpuset='6'") < xml.index("vcpu='1' cpuset='4'")
    assert "placement" not in xml


CORES = st.lists(st.integers(1, 4), min_size=1, max_size=6)


@given(cores=CORES, size=st.integers(2, 3), data=st.data())
def test_cores_are_dealt_out_whole_wherever_that_can_be(cores: list[int], size: int, data: st.DataObject) -> None:
    """The oracle: as many guest cores fit as each core of the host holds whole ones."""
    numbers = data.draw(st.permutations(range(sum(cores))))
    groups: list[CpuSet] = []
    for width in cores:
        groups.append(CpuSet.of(numbers[:width]))
        numbers = numbers[width:]
    among = data.draw(st.frozensets(st.integers(0, sum(cores) - 1)))
    cpus = CpuSet.of(sorted(among)[: len(among) // size * size])
    fits = sum(len(group & cpus) // size for group in groups) == len(cpus) // size
    dealt = by_cores(cpus, range(len(cpus)), size, groups, {}, {})
    assert (dealt is not None) is fits
    if dealt is not None:
        assert sorted(dealt.values()) == sorted(cpus)
        for first in range(0, len(cpus), size):
            assert len({core_of(dealt[n], groups) for n in range(first, first + size)}) == 1


def test_an_empty_list_is_no_pin_for_anybody(tmp_path: Path) -> None:
    errors = [d.code.name for d in compiled(tmp_path, "cpu { count = 2; pin = [] }").diagnostics if d.severity is Severity.ERROR]
    assert errors == ["pin-count"]
