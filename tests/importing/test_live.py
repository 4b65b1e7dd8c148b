"""A dump of a running guest is imported as its configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.cli.main import main

LIVE = """<domain type='kvm'{id}>
  <name>box</name><memory unit='KiB'>1048576</memory><vcpu>1</vcpu>{partition}
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>{cpu}
  <devices>{devices}</devices>{labels}
</domain>
"""
PAIRS: dict[str, tuple[str, str, str]] = {
    "an alias": ("<alias name='net0'/>", "", "aliases"),
    "a vnet": ("<target dev='vnet0'/>", "", "devices of interfaces (vnet)"),
    "a card that somebody named": ("<target dev='web0'/>", "<target dev='web0'/>", ""),
    "an alias that somebody gave": ("<alias name='ua-mine'/>", "<alias name='ua-mine'/>", ""),
}
INTERFACE = "<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><model type='virtio'/>{}</interface>"
DEVICES: dict[str, tuple[str, str]] = {
    "images": (
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a' index='2'/>"
        "<backingStore type='file' index='3'><format type='qcow2'/><source file='/b'/><backingStore/></backingStore>"
        "<target dev='vda' bus='virtio'/></disk>",
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a'/><target dev='vda' bus='virtio'/></disk>",
    ),
    "a port of a network": (
        "<interface type='network'><source network='lab' portid='6a' bridge='virbr1'/></interface>",
        "<interface type='network'><source network='lab'/></interface>",
    ),
    "a terminal": (
        "<console type='pty' tty='/dev/pts/1'><source path='/dev/pts/1'/><target type='virtio' port='0'/></console>",
        "<console type='pty'><target type='virtio' port='0'/></console>",
    ),
    "an agent": (
        "<channel type='unix'><source mode='bind' path='/var/lib/libvirt/qemu/channel/target/domain-1-box/org.a.0'/>"
        "<target type='virtio' name='org.a.0' state='connected'/></channel>",
        "<channel type='unix'><target type='virtio' name='org.a.0'/></channel>",
    ),
    "a socket that somebody named": (
        "<channel type='unix'><source mode='bind' path='/run/a'/><target type='virtio' name='org.a.0'/></channel>",
        "<channel type='unix'><source mode='bind' path='/run/a'/><target type='virtio' name='org.a.0'/></channel>",
    ),
    "ports": (
        "<graphics type='spice' port='5900' tlsPort='5901' autoport='yes'/>",
        "<graphics type='spice' port='-1' tlsPort='-1' autoport='yes'/>",
    ),
    "a port that somebody chose": ("<graphics type='vnc' port='5907' autoport='no'/>",) * 2,
}


def imported(folder: Path, capsys: pytest.CaptureFixture[str], devices: str, live: bool, **parts: str) -> tuple[str, str]:
    empty = dict.fromkeys(("partition", "cpu", "labels"), "")
    (folder / "box.xml").write_text(LIVE.format(**empty | parts, id=" id='7'" if live else "", devices=devices))
    assert main(["import", str(folder / "box.xml")]) == 0
    shown = capsys.readouterr()
    return shown.out, shown.err


@pytest.mark.parametrize("name", DEVICES)
def test_devices(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running, configured = DEVICES[name]
    (out, err), (other, silent) = imported(tmp_path, capsys, running, True), imported(tmp_path, capsys, configured, False)
    assert out == other
    assert err.count("this is a dump of a running guest") == 1
    assert "virsh dumpxml --inactive" in err
    assert silent == ""


@pytest.mark.parametrize("name", PAIRS)
def test_parts_of_an_interface(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running, configured, what = PAIRS[name]
    out, err = imported(tmp_path, capsys, INTERFACE.format(running), True)
    assert out == imported(tmp_path, capsys, INTERFACE.format(configured), False)[0]
    assert what in err


def test_what_is_no_device(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = "<seclabel type='dynamic' model='dac' relabel='yes'><label>+0:+0</label><imagelabel>+0:+0</imagelabel></seclabel>"
    base = "<seclabel type='dynamic' model='selinux' relabel='yes'><baselabel>a:b</baselabel>{}</seclabel>"
    cpu = "<cpu mode='custom' match='exact' check='full'><model fallback='forbid'>Skylake-Client</model></cpu>"
    parts = {"cpu": cpu, "partition": "<resource><partition>/machine</partition></resource>"}
    out, err = imported(tmp_path, capsys, "", True, labels=labels + base.format("<label>x</label>"), **parts)
    assert out == imported(tmp_path, capsys, "", False, labels=base.format(""), cpu=cpu)[0]
    assert "its CPU is the one that it runs with, which may have been host-model" in err
    assert "security labels" in err
