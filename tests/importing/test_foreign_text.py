"""Texts as others write them: imported they are the language's, emitted what stood there, and the way to a managed VM is open."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from tests.trees import tree
from vmspec.base.diagnostic import Severity
from vmspec.base.source import Source
from vmspec.driver.compilation import Compilation
from vmspec.importing.domain import read_domain
from vmspec.importing.source import label_for, vm_source
from vmspec.model.kinds import ObjectKind
from vmspec.syntax.formatter import format
from vmspec.syntax.parser import parse

UUID = "abcd1234-0000-4000-8000-00000000000a"


def domain(devices: str = "", memory: str = "<memory unit='MiB'>512</memory>", more: str = "") -> bytes:
    os = "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>"
    return f"<domain type='kvm'><name>g</name>{memory}<vcpu>1</vcpu>{os}{more}<devices>{devices}</devices></domain>".encode()


def disk(inside: str, kind: str = "file") -> str:
    return f"<disk type='{kind}' device='cdrom'>{inside}<target dev='sdc' bus='sata'/><readonly/></disk>"


CASES = {
    "no unit": (domain(memory="<memory>1048576</memory>"), "memory.size = 1GiB"),
    "M": (domain(memory="<memory unit='M'>32</memory>"), "memory.size = 32MiB"),
    "bytes": (domain(memory="<memory unit='bytes'>1073741824</memory>"), "memory.size = 1GiB"),
    "a sign": (domain(memory="<memory>+1048576</memory>"), "memory.size = 1GiB"),
    "bytes that are no whole KiB": (domain(memory="<memory unit='b'>1000000000</memory>"), "memory.size = 976563KiB"),
    "decimal": (domain(memory="<memory unit='kb'>1024000</memory>"), "memory.size = 1024MB"),
    "capitals": (domain(more=f"<uuid>{UUID.upper()}</uuid>"), f"uuid = {UUID}"),
    "MAC": (domain("<interface type='bridge'><mac address='52:54:00:AA:B:C'/><source bridge='br0'/></interface>"), "52:54:00:aa:0b:0c"),
    "USB ids": (
        domain("<hostdev mode='subsystem' type='usb'><source><vendor id='1133'/><product id='0xC52B'/></source></hostdev>"),
        "usb(0x046d, 0xc52b",
    ),
    "PCI": (
        domain("<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='59' slot='0' function='0'/></source></hostdev>"),
        "pci(0000:3b:00.0",
    ),
    "alias": (
        domain(f"<rng model='virtio'><backend model='random'>/dev/urandom</backend><alias name='ua-{UUID}'/></rng>"),
        f'rng "{UUID}"',
    ),
    "CPU model": (domain(more="<cpu mode='host-model'><model fallback='allow'/></cpu>"), "cpu"),
    "empty CD-ROM": (domain(disk("<source file='' startupPolicy='optional'/><serial></serial>")), "disk sdc"),
    "empty elements": (domain(more="<title></title><metadata></metadata>"), "vm"),
    "relative path": (domain(disk("<source file='./media/a.iso'/>")), 'file("/media/a.iso")'),
    "no path": (
        domain().replace(b"</type>", b"</type><kernel></kernel><initrd/><loader type='rom'>bios.bin</loader>"),
        'loader = "/bios.bin"',
    ),
    "text between elements": (domain("\n ... <memballoon model='virtio'/> and so on"), "# and so on"),
    "an element of a label alone": (
        domain(more="<cputune><vcpupin vcpu='0'/><vcpupin vcpu='1' cpuset='3'/></cputune>"),
        """xml.cputune = "<vcpupin vcpu=\\"0\\"/><vcpupin vcpu=\\"1\\" cpuset=\\"3\\"/>""",
    ),
    "text and like elements": (
        domain("<emulator>/x</emulator>")
        .replace(b"<name>", b"text <name>")
        .replace(b"</domain>", b"<devices><hub type='usb'/></devices></domain>"),
        'xml = "text <devices>',
    ),
    "line ends": (domain(more="<description>a\u0085b\u2028c</description>"), r'"a\u{85}b\u{2028}c"'),
}


@pytest.mark.parametrize("name", CASES)
def test_a_text_of_others(name: str, tmp_path: Path) -> None:
    data, expected = CASES[name]
    read = read_domain(data, Source("in.xml", data.decode()))
    text = vm_source(read.domain, "g", read.comments)
    assert expected in text
    assert format(parse(Source("", text))) == text
    assert tree(etree.fromstring(built(text, tmp_path))) == tree(etree.fromstring(data))
    built(text.replace("  resolve = false\n", ""), tmp_path)


def built(text: str, folder: Path) -> bytes:
    file = folder / "g.vmspec"
    file.write_text(text, encoding="utf-8")
    compilation = Compilation([file])
    assert [each.message for each in compilation.diagnostics if each.severity is Severity.ERROR] == []
    return next(each.data for each in compilation.artifacts() if each.kind is ObjectKind.VM)


@pytest.mark.parametrize(("name", "label"), [(".hidden", "_hidden"), ("../x", "_._x"), ("..", "vm"), ("a/b", "a_b"), (" a ", "a")])
def test_a_name_that_is_none_for_a_file(name: str, label: str) -> None:
    data = domain().replace(b"<name>g<", f"<name>{name}<".encode())
    assert label_for(read_domain(data, Source("in.xml", data.decode())).domain) == label


def test_a_text_that_says_another_value_is_not_written(tmp_path: Path) -> None:
    text = 'vm g {\n  resolve = false\n  type = kvm\n  memory.size = 2GiB\n  cpu.count = 1\n  as-written { memory.size = "1048576" }\n}\n'
    assert b"2097152" in built(text, tmp_path)
    compilation = Compilation([tmp_path / "g.vmspec"])
    assert [each.code.number for each in compilation.diagnostics] == [4907]
