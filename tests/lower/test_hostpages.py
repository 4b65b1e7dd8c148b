"""Huge pages of a host's nodes: what its guests take, what it says by itself, and what is spare."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.driver.compilation import Compilation

NODES = "numa 0 { cpus = 0-7; memory = 64GiB; %s }; numa 1 { cpus = 8-15; memory = 64GiB; %s }; reserve { cpus = 0,8 }"


def compiled(folder: Path, host: str, *guests: str) -> Compilation:
    main = folder / "main.vmspec"
    vms = "\n".join(f"vm {chr(97 + i)} extends std.{body}; place = host(n); cpu.count = 2 }}" for i, body in enumerate(guests))
    main.write_text(f"host n {{ {host} }}\n{vms}\n")
    return Compilation([main])


def pools(compilation: Compilation) -> list[dict[str, object]]:
    assert [d.message for d in compilation.diagnostics] == []
    return [dict(node.hugepages) for node in compilation.fleet.hosts[0].spec.numa]


FAST = "low-latency { cpu.pin = %s; memory.size = %s"
DATABASE = "database { cpu.cpuset = %s; memory.size = %s"
CELL = "numa.cell {0} {{ cpus = {0}; memory = {1}; nodeset = {0}; mode = strict }}"
SPANNING = f"low-latency {{ cpu.pin = 2,10; memory.size = 8GiB; {CELL.format(0, '6GiB')}; {CELL.format(1, '2GiB')}"
SWITCHED = "dpdk-nfv(pmd = 6-7) { cpu.pin = 2-3; memory.size = 4GiB; host.switch.memory = 1536MiB"
FREE = "base { memory.size = %s; memory.hugepages = 2MiB; memory.balloon.model = none"


@pytest.mark.parametrize(
    ("own", "guests", "wanted"),
    [
        (("", ""), [FAST % ("2-3", "4GiB"), FAST % ("4-5", "2GiB"), FAST % ("10-11", "8GiB")], [{"1GiB": 6}, {"1GiB": 8}]),
        (("hugepages { 1GiB = 16 }", ""), [FAST % ("2-3", "4GiB")], [{"1GiB": 16}, {}]),
        (("hugepages { 1GiB = 2 }", ""), [FAST % ("2-3", "4GiB")], [{"1GiB": 4}, {}]),
        (("spare { 1GiB = 2 }", "spare { 2MiB = 5 }"), [FAST % ("2-3", "4GiB")], [{"1GiB": 6}, {"2MiB": 5}]),
        (("hugepages { 1GiB = 8 }; spare { 1GiB = 2 }", ""), [FAST % ("2-3", "4GiB")], [{"1GiB": 10}, {}]),
        (("hugepages { 1024MiB = 1 }", ""), [FAST % ("2-3", "4GiB")], [{"1024MiB": 4}, {}]),
        (("", ""), [FAST % ("2-3", "4GiB"), DATABASE % ("4-5", "3GiB")], [{"1GiB": 4, "2MiB": 1536}, {}]),
        (("", ""), [SWITCHED], [{"1GiB": 6}, {}]),
        (("", ""), [SPANNING], [{"1GiB": 6}, {"1GiB": 2}]),
        (("", ""), [FREE % "3GiB"], [{"2MiB": 768}, {"2MiB": 768}]),
        (("", "hugepages { 2MiB = 2000 }"), [FREE % "3GiB"], [{}, {"2MiB": 2000}]),
    ],
)
def test_pages_follow_from_the_guests(own: tuple[str, str], guests: list[str], wanted: list[dict[str, int]], tmp_path: Path) -> None:
    assert pools(compiled(tmp_path, NODES % own, *guests)) == wanted


def test_a_host_that_reserves_by_argument_has_the_word(tmp_path: Path) -> None:
    by_hand = compiled(tmp_path, NODES % ("", "") + '; kernel.args { hugepagesz = "1G"; hugepages = 16 }', FAST % ("2-3", "4GiB"))
    assert pools(by_hand) == [{}, {}]


def test_the_origin_names_the_guests(tmp_path: Path) -> None:
    made = compiled(tmp_path, NODES % ("", "spare { 1GiB = 1 }"), FAST % ("2-3", "4GiB"), FAST % ("4-5", "2GiB"), FAST % ("10-11", "8GiB"))
    trails = made.fleet.hosts[0].trails
    both, one = trails["numa", "0", "hugepages", "1GiB"][-1], trails["numa", "1", "hugepages", "1GiB"][-1]
    assert (both.why, [str(each) for each in both.operands]) == ("2 guests take 6", ["a:memory.size", "b:memory.size"])
    assert both.span is not None
    assert both.span.text == "memory.size = 4GiB"
    assert one.why == "guest c takes 8, 1 spare"


def test_the_files_reserve_them(tmp_path: Path) -> None:
    made = compiled(
        tmp_path, "os = debian; " + NODES % ("", ""), FAST % ("2-3", "4GiB"), FAST % ("10-11", "8GiB"), DATABASE % ("4-5", "3GiB")
    )
    files = {a.path.partition("/root/")[2]: a.data.decode() for a in made.artifacts() if "/root/" in a.path}
    assert "hugepagesz=1G hugepages=0:4,1:8" in files["etc/default/grub.d/90-vmspec.cfg"]
    assert "w /sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages - - - - 1536" in files["etc/tmpfiles.d/vmspec.conf"]
    assert "etc/systemd/system/dev-hugepages1G.mount" in files
