"""What engineers write who come from libvirt's XML, Terraform or YAML, and what the message offers them."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.driver.compilation import Compilation

VM = "vm a {{ cpu.count = 1; memory.size = 1GiB; {} }}"
OFFERED = (
    (VM.format("memory.balloon = none"), "`balloon.model = …`"),
    (VM.format('rng { source = "/dev/urandom" }'), '`backend = random("/dev/urandom")`'),
    ("volume a { size = 10GiB }", "`capacity`"),
    ("host a { cpus = 0-3 }", "`numa 0 { cpus = …; memory = … }`"),
    ('policy p { vm "*" { memory.size = 4GiB } }; ' + VM.format(""), "`final memory.size = …`"),
    (VM.format("start-after = vm(b)"), "`start-after = [vm(NAME)]`"),
    (VM.format("tpm { backend = emulator() }"), "`backend = emulator`"),
    (VM.format('cloud-init { user-data = "x" }'), "a seed image"),
    (VM.format("users = [x]"), "a seed image"),
    (VM.format("os-variant = debian12"), "no system of a guest is known by name"),
    (VM.format('image = "debian"'), "`disk NAME { source = file"),
    (VM.format("flavor = small"), "`vm NAME extends PROFILE { … }`"),
    (VM.format('description = "${memory.size}"'), "`self.memory.size`"),
    ("<domain type='kvm'></domain>", "`vmc import FILE.xml"),
    (VM.format("boot.order = [hd]"), "`boot.devices`"),
    (VM.format("boot-order = [hd]"), "`boot.devices`"),
    (VM.format("cpu.feature avx2 { }"), "`features += [NAME]`"),
    (VM.format('network = "default"'), '`interface NAME { source = network("…") }`'),
    (VM.format('disk vda { source = block("/dev/x"); iotune.total-iops = 100 }'), "`total-iops-sec`"),
    ("virtual_machine a { }", "`vm NAME { … }`"),
    ("provider libvirt { }", "`host NAME { uri"),
    ("module a { }", "`profile NAME { … }`"),
    (VM.format("cpu = 2"), "`cpu.count = …`"),
    (VM.format("firmware = uefi"), "`firmware.type = …`"),
    (VM.format("host = n1"), "`place = …`"),
    (VM.format("graphics = vnc"), "`graphics { type = vnc }`"),
    (VM.format("serial = pty"), "`serial { source = pty(…) }`"),
    (VM.format("video = qxl"), "`video { model = qxl }`"),
    (VM.format("vcpupin = [1]"), "`cpu.pin`"),
    (VM.format('cpu.pin = "0-3"'), "`0-3`"),
    (VM.format("numa.cell 0 { cpus = [0, 1] }"), "`0-1`"),
    (VM.format('disk vda { path = "/a" }'), '`source = file("/…")`'),
    (VM.format("devices { disk vda { } }"), "devices stand in the vm itself"),
    (VM.format("depends_on = [b]"), "`start-after = [vm(NAME)]`"),
    (VM.format("profiles = [p]"), "`vm NAME extends PROFILE { … }`"),
    ("host n { cpus = 8 }", "cpus"),
    ("domain a { cpu.count = 1 }", "`vm NAME { … }`"),
    ("variable n { default = 1 }", "`param $name: type = default`"),
    ("locals { n = 1 }", "`let $name = value`"),
)
SAID = (
    (VM.format("extends p"), "the profiles of an object stand in its header"),
    ("vm a: { cpu.count = 1 }", "a block has no `:` before its body"),
    (VM.format("description = <<EOF\na\nEOF\n"), '`"""`'),
    (VM.format("description = <<EOF"), '`"""`'),
    ("<domain type='kvm'></domain>", "this file is XML"),
)


def _first(program: str, folder: Path) -> tuple[str, str]:
    file = folder / "main.vmspec"
    file.write_text(program + "\n", encoding="utf-8")
    found = Compilation([file]).diagnostics
    return found[0].message, found[0].help or ""


@pytest.mark.parametrize(("program", "offer"), OFFERED)
def test_help_names_the_word(program: str, offer: str, tmp_path: Path) -> None:
    message, help_ = _first(program, tmp_path)
    assert offer in help_, message
    assert "cpu.count" not in help_ or not program.startswith("host")


@pytest.mark.parametrize(("program", "words"), SAID)
def test_message_says_it(program: str, words: str, tmp_path: Path) -> None:
    assert words in _first(program, tmp_path)[0]


@pytest.mark.parametrize("path", ["a.qcow2", "images/a.qcow2"])
def test_a_relative_path_is_told_once(path: str, tmp_path: Path) -> None:
    message, help_ = _first(VM.format(f'disk vda {{ source = file("{path}", format = qcow2) }}'), tmp_path)
    assert "is not an absolute path" in message and help_ == ""
