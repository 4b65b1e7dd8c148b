"""Two definitions by meaning: spelling, units and order make no difference; everything else does, and has its path and its class."""

from __future__ import annotations

import pytest

from vmspec.base.provenance import show_path
from vmspec.importing.host_domain import read_host_domain
from vmspec.plan.change import Effect
from vmspec.plan.classes import RULES, Live, classify
from vmspec.plan.compare import differences, relabelled

XML = """<domain type='kvm'><name>a</name><uuid>5a8ef2c3-0a52-4dc1-9c34-0d3f1d6a4c11</uuid>
<memory unit='KiB'>1048576</memory><vcpu current='1'>2</vcpu>
<cputune><shares>512</shares><vcpupin vcpu='0' cpuset='0-3,5'/></cputune>
<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
<features><acpi/><apic/></features><cpu mode='host-model'/>
<devices>
<disk type='file' device='disk'><driver name='qemu' type='raw' cache='none'/><source file='/a'/><target dev='vda' bus='virtio'/>
<alias name='ua-vda'/></disk>
<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='/b'/><target dev='sda' bus='sata'/>
<readonly/></disk>
<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><model type='virtio'/></interface>
<interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br1'/><model type='virtio'/></interface>
<hostdev mode='subsystem' type='pci' managed='yes'>
<source><address domain='0x0000' bus='0x3b' slot='0x00' function='0x0'/></source></hostdev>
</devices></domain>"""

SAME = {
    "units": ("<memory unit='KiB'>1048576</memory>", "<memory unit='GiB'>1</memory>"),
    "bitmaps": ("cpuset='0-3,5'", "cpuset='0,1,2-3,5'"),
    "order of features": ("<acpi/><apic/>", "<apic/><acpi/>"),
    "numbers": ("bus='0x3b'", "bus='0x3B'"),
    "quotes": ("name='qemu' type='raw' cache='none'", 'cache="none" type="raw" name="qemu"'),
}

DIFFERENT = {
    "memory.size": ("1048576", "2097152", Effect.GUEST_ABI),
    "cpu.count": ("current='1'", "current='2'", Effect.LIVE),
    "cpu.max": (">2</vcpu>", ">4</vcpu>", Effect.GUEST_ABI),
    "cpu.shares": ("512", "1024", Effect.LIVE),
    "vcpu.0.pin": ("0-3,5", "0-3", Effect.LIVE),
    "cpu.mode": ("host-model", "host-passthrough", Effect.MIGRATION_BREAKING),
    "machine": ("pc-q35-7.2", "pc-q35-7.1", Effect.GUEST_ABI),
    "disk.vda.cache": ("cache='none'", "cache='writeback'", Effect.MIGRATION_BREAKING),
    "disk.vda.source.path": ("file='/a'", "file='/c'", Effect.NEXT_BOOT),
    "disk.sda.source.path": ("file='/b'", "file='/c'", Effect.LIVE),
    "interface.eth1.source.bridge": ("br1", "br2", Effect.LIVE),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same(name: str) -> None:
    before, after = SAME[name]
    other = XML.replace(before, after)
    assert other != XML
    assert list(differences(read_host_domain(XML.encode()), read_host_domain(other.encode()))) == []


@pytest.mark.parametrize("path", DIFFERENT)
def test_different(path: str) -> None:
    before, after, effect = DIFFERENT[path]
    wanted = read_host_domain(XML.replace(before, after).encode())
    (found,) = differences(read_host_domain(XML.encode()), wanted)
    assert show_path(found.path) == path
    assert classify(found, wanted)[0] is effect


def test_devices_are_paired_whatever_their_order() -> None:
    lines = XML.splitlines()
    cards = [number for number, line in enumerate(lines) if line.startswith("<interface")]
    lines[cards[0]], lines[cards[1]] = lines[cards[1]], lines[cards[0]]
    assert list(differences(read_host_domain(XML.encode()), read_host_domain("\n".join(lines).encode()))) == []


@pytest.mark.parametrize("start", ["<disk type='file' device='cdrom'", "<interface", "<hostdev"])
def test_a_whole_device(start: str) -> None:
    tag = start[1:].partition(" ")[0]
    at = XML.index(start)
    line = XML[at : XML.index(f"</{tag}>", at) + len(f"</{tag}>")]
    without = read_host_domain(XML.replace(line, "").encode())
    (gone,) = differences(read_host_domain(XML.encode()), without)
    assert gone.after is None
    assert len(gone.path) == 2
    assert classify(gone, without)[0] is Effect.GUEST_ABI
    (new,) = differences(without, read_host_domain(XML.encode()))
    assert classify(new, without)[0] is (Effect.MIGRATION_BREAKING if start == "<hostdev" else Effect.GUEST_ABI)


def test_every_way_in_has_a_rule_and_a_setter() -> None:
    from vmspec.deploy.live import SETTERS

    assert set(SETTERS) == set(Live)
    assert {way for _, _, way in RULES if way is not None} == set(Live)
    assert all(way is not None for _, effect, way in RULES if effect is Effect.LIVE)


def test_no_entity_is_expanded() -> None:
    bomb = b"<!DOCTYPE domain [<!ENTITY a 'aaaaaaaa'>]><domain type='kvm'><name>&a;</name></domain>"
    with pytest.raises(Exception, match="document type"):
        read_host_domain(bomb)


def test_devices_have_the_labels_of_the_program() -> None:
    """Those of XML are made of targets and aliases, and paths of changes are held against those of the program."""
    disk = "<domain><devices><disk type='file'><source file='/a'/><target dev='sda'/><alias name='ua-cd'/></disk>{}</devices></domain>"
    read = read_host_domain(disk.format("<disk type='file'><target dev='vdb'/></disk>").encode())
    ours = read_host_domain(disk.format("").encode())
    ours = ours.but(disk=tuple(each.but(label="cd") for each in ours.disk))
    assert [each.label for each in relabelled(read, ours).disk] == ["cd", "vdb"]
    assert relabelled(read, read) is read
