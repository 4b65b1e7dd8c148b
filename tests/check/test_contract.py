"""What guests take of their host, added up and compared: pages and memory of each node, CPUs, devices, functions, frames."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.source import position
from vmspec.driver.compilation import Compilation

PAGES = (
    "host h {{ numa 0 {{ cpus = 0-7; memory = 128GiB; {pages} }}; numa 1 {{ cpus = 8-15; memory = 128GiB; {pages} }}; "
    "reserve.cpus = 0,8 }}\n"
)
GIGA = PAGES.format(pages="hugepages { 1GiB = 16 }")
MANY = PAGES.format(pages="hugepages { 1GiB = 64 }")
CPU = "cpu.count = 2"
SMALL = "memory.size = 1GiB; cpu.count = 1"
VF = "interface md0 { source = hostdev(0000:3b:02.0, managed = true) }"
NIC = 'nic ens2 { address = "0000:3b:00.0"; node = 0; vfs = 4 }'
POOL = "network vfs { place = host(h); forward { mode = hostdev; address vf0 { bus = 0x3b; slot = 2; function = 0 } } }\n"
BY_CARD = "network vfs { place = host(h); forward { mode = hostdev; pf = ens2 } }\n"


def host(more: str = "", nodes: str = "numa 0 { cpus = 0-7; memory = 128GiB }; numa 1 { cpus = 8-15; memory = 128GiB }") -> str:
    return f"host h {{ {nodes}; {more} }}\n"


def vm(name: str, body: str) -> str:
    return f"vm {name} {{ place = host(h); {body} }}\n"


def said(program: str, folder: Path) -> list[str]:
    file = folder / "main.vmspec"
    file.write_text(program, encoding="utf-8")
    return [f"{d.code.number} {d.message}" for d in Compilation([file]).diagnostics]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (
            GIGA + vm("a", f"memory {{ size = 32GiB; hugepages = 1GiB }}; {CPU}; numa {{ mode = strict; nodeset = 0 }}"),
            [],
        ),
        (
            GIGA
            + vm("a", f"memory {{ size = 32GiB; hugepages = 1GiB }}; {CPU}; numa.cell 0 {{ cpus = 0-1; memory = 32GiB; nodeset = 0 }}"),
            [],
        ),
        (
            GIGA + "vm a extends std.low-latency { place = host(h); memory.size = 32GiB; cpu { count = 2; pin = 2-3 } }",
            [],
        ),
        (
            MANY
            + "".join(
                f"vm {n} extends std.low-latency {{ place = host(h); memory.size = 40GiB; cpu {{ count = 2; pin = {p} }} }}\n"
                for n, p in (("a", "2-3"), ("b", "4-5"))
            ),
            [],
        ),
        (GIGA + vm("a", f"memory {{ size = 32GiB; hugepages = 1GiB }}; {CPU}"), []),
        (
            GIGA + vm("a", f"resolve = false; memory {{ size = 32GiB; hugepages = 1GiB }}; {CPU}; numa {{ mode = strict; nodeset = 0 }}"),
            ["5004 a wants 32 pages of 1GiB, and node 0 of h reserves 16"],
        ),
        (
            GIGA
            + vm(
                "a",
                f"memory {{ size = 32GiB; hugepages = 1GiB }}; {CPU}; numa {{ cell 0 {{ cpus = 0; memory = 16GiB; nodeset = 0 }}; "
                "cell 1 { cpus = 1; memory = 16GiB; nodeset = 1 } }",
            ),
            [],
        ),
        (
            MANY + vm("a", f"memory.size = 80GiB; {CPU}; numa {{ mode = strict; nodeset = 0 }}"),
            ["5003 node 0 of h has 64GiB beside its huge pages, and a wants 82156MiB from there and from nowhere else"],
        ),
        (
            host("reserve { memory = 56GiB; headroom = 50% }") + vm("a", f"memory.size = 120GiB; {CPU}"),
            ["5003 the VMs of h take 123196MiB together, 316MiB of it for QEMU itself, and it has room for 102558MiB, 50% kept free"],
        ),
    ],
)
def test_pages_and_memory_of_each_node(program: str, expected: list[str], tmp_path: Path) -> None:
    assert [m for m in said(program, tmp_path) if m[:4] in ("5003", "5004")] == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (VF, VF, ["6005 a and b both have PCI device 0000:3b:02.0 of h"]),
        (VF, "hostdev x { source = pci(0000:3b:02.0); managed = true }", ["6005 a and b both have PCI device 0000:3b:02.0 of h"]),
        (VF, VF.replace("02.0", "02.1"), []),
        (VF, "interface md0 { source = network(vfs) }", ["6005 a has PCI device 0000:3b:02.0 of h, and network vfs deals it out too"]),
        (VF, 'interface md0 { source = bridge("br0") }', []),
    ],
)
def test_one_device_in_two_guests(a: str, b: str, expected: list[str], tmp_path: Path) -> None:
    program = host() + POOL + vm("a", f"{SMALL}; {a}") + vm("b", f"{SMALL}; {b}")
    assert [m for m in said(program, tmp_path) if m.startswith("6005")] == expected


def test_the_objects_of_a_template_have_each_their_own_device(tmp_path: Path) -> None:
    template = host() + 'vm "${n}" {{ each $n in [a, b]; place = host(h); ' + SMALL + "; " + VF + " }}"
    assert [m[:4] for m in said(template.replace("{{", "{").replace("}}", "}"), tmp_path)] == ["6005"]


def test_both_places_are_pointed_at(tmp_path: Path) -> None:
    file = tmp_path / "main.vmspec"
    file.write_text(host() + vm("a", f"{SMALL}; {VF}") + vm("b", f"{SMALL}; {VF}"))
    (found,) = Compilation([file]).diagnostics
    assert found.primary is not None
    assert position(found.primary.source, found.primary.start)[0] == 3
    assert [position(label.span.source, label.span.start)[0] for label in found.labels] == [2]


ON_1 = "memory.size = 1GiB; cpu { count = 1; cpuset = 9-15 }"


@pytest.mark.parametrize(
    ("networks", "device", "expected"),
    [
        ("", VF, ["5012 a runs on node 1 of h, and its device 0000:3b:02.0 is on node 0"]),
        ("", 'interface e { source = direct("ens2", passthrough) }', ["5012 a runs on node 1 of h, and its card ens2 is on node 0"]),
        (POOL, "interface e { source = network(vfs) }", ["5012 a runs on node 1 of h, and its card of network vfs is on node 0"]),
        (BY_CARD, "interface e { source = network(vfs) }", ["5012 a runs on node 1 of h, and its card of network vfs is on node 0"]),
        ("", VF.replace("3b:02", "5e:02"), []),
    ],
)
def test_a_device_on_another_node(networks: str, device: str, expected: list[str], tmp_path: Path) -> None:
    assert said(host(NIC) + networks + vm("a", f"{ON_1}; {device}"), tmp_path) == expected


DEDICATED = vm("gw", "memory.size = 1GiB; cpu { count = 2; pin = 4-5; isolate = true }; emulator.pin = 0")


@pytest.mark.parametrize(
    ("more", "other", "expected"),
    [
        ("", "cpu { count = 2; cpuset = 2-6 }", ["error 5005 CPU 4-5 of h is gw's alone, and m floats over it too"]),
        (
            "",
            "cpu { count = 2; cpuset = 2-3 }; emulator.pin = 5",
            ["error 5005 CPU 5 of h is gw's alone, and m runs its emulator on it too"],
        ),
        ("", "cpu { count = 1; pin = 4 }; emulator.pin = 0", ["error 5005 CPU 4 of h is gw's alone, and m is pinned to it too"]),
        ("", "cpu.count = 2", ["warning 5005 m floats over all CPUs of h, and CPU 4-5 is gw's alone"]),
        ("kernel.args { isolcpus = 4-5 }", "cpu.count = 2", []),
        ("", "cpu { count = 2; cpuset = 2-3 }", []),
    ],
)
def test_dedicated_cpus_are_one_guests_alone(more: str, other: str, expected: list[str], tmp_path: Path) -> None:
    file = tmp_path / "main.vmspec"
    file.write_text(host(more) + DEDICATED + vm("m", f"memory.size = 1GiB; {other}"))
    found = [f"{d.severity.value} {d.code.number} {d.message}" for d in Compilation([file]).diagnostics]
    assert [m for m in found if " 5005 " in m] == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("overcommit.cpu = 100%; reserve.cpus = 0-7", "5031 the floating VMs of h have 9 vCPUs, and 100% of the 8 CPUs left to them are 8"),
        (
            "overcommit.cpu = 200%; reserve { cpus = 0-7; headroom = 50% }",
            "5031 the floating VMs of h have 9 vCPUs, and 200% of the 8 CPUs left to them with 50% kept free are 8",
        ),
        ("overcommit.cpu = 200%; reserve.cpus = 0-7", None),
        ("reserve.cpus = 0-7", None),
    ],
)
def test_cpus_promised_and_nodes_named(more: str, expected: str | None, tmp_path: Path) -> None:
    assert said(host(more) + vm("a", "memory.size = 1GiB; cpu.count = 9"), tmp_path) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("bridge br0 { mtu = 9000 }", ["5032 a has an MTU of 60000 on br0 of h, which passes on 9000"]),
        ("bridge br0 { uplink = n }; nic n { mtu = 1500 }", ["5032 a has an MTU of 60000 on br0 of h, which passes on 1500"]),
        ("bridge br0 { }", []),
    ],
)
def test_frames_that_the_bridge_does_not_pass_on(more: str, expected: list[str], tmp_path: Path) -> None:
    assert said(host(more) + vm("a", f'{SMALL}; interface e {{ source = bridge("br0"); mtu = 60000 }}'), tmp_path) == expected


@pytest.mark.parametrize("networks", [POOL, BY_CARD])
def test_functions_are_counted(networks: str, tmp_path: Path) -> None:
    guests = "".join(vm(n, f"{SMALL}; interface e {{ source = network(vfs) }}") for n in "ab")
    one = host('nic ens2 { address = "0000:3b:00.0"; vfs = 1 }')
    expected = ["5034 the VMs of h have 2 virtual functions of ens2, which makes 1"]
    assert said(one + networks + guests, tmp_path) == expected
    assert said(one.replace("vfs = 1", "vfs = 2") + networks + guests, tmp_path) == []


@pytest.mark.parametrize(
    ("more", "device", "line"),
    [
        ("", VF, "intel_iommu=on iommu=pt"),
        ("vendor = amd", VF, "iommu=pt"),
        ("vendor = intel", "hostdev x { source = pci(0000:41:00.0); managed = true }", "intel_iommu=on iommu=pt"),
        ("iommu ?= false", VF, "intel_iommu=on iommu=pt"),
        ('kernel.args { intel_iommu = "on,sm_on" }', VF, "intel_iommu=on,sm_on iommu=pt"),
        ("", 'interface e { source = bridge("br0") }', None),
        ("iommu = false", VF, "5030 a has device 0000:3b:02.0, and the IOMMU of h is off"),
        ("kernel.args { amd_iommu = off }", VF, "5030 a has device 0000:3b:02.0, and the IOMMU of h is off"),
    ],
)
def test_guests_with_devices_have_an_iommu(more: str, device: str, line: str | None, tmp_path: Path) -> None:
    file = tmp_path / "main.vmspec"
    file.write_text(host(more) + vm("a", f"{SMALL}; {device}"))
    compilation = Compilation([file])
    found = [f"{d.code.number} {d.message}" for d in compilation.diagnostics]
    if found:
        assert found == [line]
        return
    files = [a.data.decode().strip() for a in compilation.artifacts() if a.path.endswith("cmdline")]
    assert files == ([line] if line else [])


def test_it_is_said_whose_device_needs_the_iommu(tmp_path: Path) -> None:
    file = tmp_path / "main.vmspec"
    file.write_text(host() + vm("a", f"{SMALL}; {VF}"))
    (found,) = Compilation([file]).fleet.hosts
    step = found.trails[("iommu",)][-1]
    assert ([str(o) for o in step.operands], step.why) == (["a:interface.md0.source"], "requested by guest a")


@pytest.mark.parametrize(("pins", "emulator"), [("2-3", "0"), ("10-11", "8"), ("2,10", "0,8")])
def test_the_emulator_stays_on_the_guests_node(pins: str, emulator: str, tmp_path: Path) -> None:
    file = tmp_path / "main.vmspec"
    cells = "; numa { cell 0 { cpus = 0; memory = 1GiB; nodeset = 0 }; cell 1 { cpus = 1; memory = 1GiB; nodeset = 1 } }" * (pins == "2,10")
    file.write_text(
        MANY + f"vm a extends std.low-latency {{ place = host(h); memory.size = 2GiB; cpu {{ count = 2; pin = {pins} }}{cells} }}"
    )
    compilation = Compilation([file])
    (vm_,) = compilation.fleet.vms
    assert vm_.spec.emulator is not None
    assert str(vm_.spec.emulator.pin) == emulator
    kernel = compilation.fleet.hosts[0].spec.kernel
    assert kernel is not None
    assert str(kernel.args["irqaffinity"]) == "0,8"
