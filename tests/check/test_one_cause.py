"""One mistake is one finding of the rules, and what is incomplete is told before libvirt's schema sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.diagnostic import Severity
from vmspec.driver.compilation import Compilation

HOST = "host h {{ numa 0 {{ cpus = 0-7; memory = 32GiB }} }}\n"
PLACED = HOST + "vm a {{ place = host(h); emulator.pin = 0; {} }}"
VM = "vm a {{ cpu.count = 1; memory.size = 1GiB; {} }}"
CELL = "memory.size = 2GiB; numa.cell 0 { cpus = 0-1; memory = 2GiB; nodeset = 1; mode = strict }"


@pytest.mark.parametrize(
    ("program", "code", "words"),
    [
        (PLACED.format("cpu { count = 2; pin = 0-1 }; " + CELL), 5002, "memory of node 1"),
        (PLACED.format("cpu.count = 1; memory.size = 1GiB; numa { mode = strict; nodeset = 3 }"), 5002, "memory of node 3"),
        (PLACED.format("cpu { count = 3; pin = 7-9 }; memory.size = 1GiB"), 5001, "CPU 8-9"),
        (VM.format("graphics vnc { }"), 4818, "graphics vnc"),
        (VM.format('graphics { type = spice; listener l { address = "127.0.0.1" } }'), 4818, "listener l"),
        (VM.format("audio x { }"), 4818, "audio x"),
        (VM.format("input { }"), 4818, "input input0"),
        (VM.format("iommu { }"), 4818, "iommu iommu0"),
        (VM.format("controller x { }"), 4818, "controller x"),
        (VM.format("hostdev x { }"), 4818, "hostdev x"),
        (VM.format('disk vda { source = volume("a.qcow2") }'), 4365, "has no volume"),
        ('policy p { vm "*" { memory.size = 4GiB } }; ' + VM.format(""), 2115, "sets nothing by itself"),
    ],
)
def test_one_cause_is_one_error(tmp_path: Path, program: str, code: int, words: str) -> None:
    (tmp_path / "vmspec.toml").write_text('id = "3d0f8a2c-6f0e-4a39-9a63-0f2b7c1d9e51"\n')
    (tmp_path / "a.vmspec").write_text(program)
    found = [d for d in Compilation([tmp_path]).diagnostics if d.severity is Severity.ERROR or d.code.number == 5011]
    assert [d.code.number for d in found] == [code]
    assert words in found[0].message


def test_a_table_of_the_project_file_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "vmspec.toml").write_text('[project]\nid = "3d0f8a2c-6f0e-4a39-9a63-0f2b7c1d9e51"\n')
    (tmp_path / "a.vmspec").write_text(VM.format(""))
    found = Compilation([tmp_path]).diagnostics
    assert [(d.code.number, d.message) for d in found] == [(1901, "the keys of vmspec.toml stand at its top, in no table `[project]`")]


SHARED = {
    "uuid = 11111111-2222-4333-8444-555555555555": 6003,
    'firmware { type = efi; nvram { path = "/srv/x.fd" } }; machine = q35; features.acpi = true': 6004,
    "vsock { cid = 7 }": 6006,
    "graphics { type = vnc; port = 5901 }": 6007,
    'interface eth0 { source = bridge("br0"); mac = 52:54:00:00:00:01 }': 4005,
    'disk vda { source = block("/dev/vg0/a") }': 6002,
    'serial { source = file("/var/log/guest.log") }': 6009,
    'channel c { source = unix("/run/x.sock", mode = bind) }': 6008,
    "hostdev gpu { source = pci(0000:3b:00.0); managed = true }; place = host(h)": 6005,
}
ROOMY = "host h { numa 0 { cpus = 0-7; memory = 4096GiB }; overcommit.cpu = 100000% }\n"


@pytest.mark.parametrize("line", SHARED)
def test_what_a_template_gives_to_all_is_one_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.vmspec").write_text(ROOMY + f'vm "a-${{$n}}" {{ each $n in pool(120); cpu.count = 1; memory.size = 1GiB\n{line} }}\n')
    (found,) = [d for d in Compilation([tmp_path]).diagnostics if d.severity is Severity.ERROR]
    assert (found.code.number, len(found.objects)) == (SHARED[line], 120)
    assert found.message.startswith("a-0 and a-1 ") and found.message.endswith(" (and 118 more: a-2, a-3, a-4, …)")
    assert not found.labels, "all are at one line"


@pytest.mark.parametrize("line", SHARED)
def test_what_was_copied_is_one_error_with_its_places(tmp_path: Path, line: str) -> None:
    copies = [f"vm a-{n} {{ cpu.count = 1; memory.size = 1GiB\n{line} }}\n" for n in range(12)]
    (tmp_path / "a.vmspec").write_text(ROOMY + "".join(copies))
    (found,) = [d for d in Compilation([tmp_path]).diagnostics if d.severity is Severity.ERROR]
    assert (found.code.number, len(found.objects)) == (SHARED[line], 12)
    assert [label.message for label in found.labels] == ["the first", *["another"] * 5]
    assert found.primary is not None and found.primary.text in line
