"""What says one thing and not what belongs to it is told once, in our words, before any schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.diagnostic import Severity, has_errors
from vmspec.driver.compilation import Compilation

VM = "vm a {{ cpu.count = 4; memory.size = 1GiB; {} }}\n"
LACKING = {
    "cpu.topology.cores = 4": "cpu.topology does not say its sockets and threads",
    "cpu.topology { cores = 2; threads = 2 }": "cpu.topology does not say its sockets",
    "cpu.cache { level = 3 }": "cpu.cache.cache0 does not say its mode",
    "cpu.cachetune x { vcpus = 0-1; cache y { } }": "cpu.cachetune.x.cache.y does not say its id, level, type and size",
    "numa { cell 0 { cpus = 0-3; memory = 1GiB }; latency x { target = 0 } }": "numa.latency.x does not say its initiator, type and value",
    'disk vdb { source = nbd("x") }': "nbd() does not say its server",
    'disk vdb { source = iscsi("iqn.2020-01.org.example:disk/1") }': "iscsi() does not say its server",
    'disk vdb { device = cdrom; source = https("/a.iso") }': "https() does not say its server",
    'disk vdb { source = file("/a.qcow2"); backing-store { source = nbd("x") } }': "nbd() does not say its server",
    'disk vdb { source = rbd("a/b") { user = x } }': "rbd() of disk vdb does not say its secret or secret-uuid",
    'disk vdb { source = iscsi("a/1", hosts = ["m"]) { secret = secret("x") } }': "the source has a secret and no user",
    'disk vdb { source = file("/a.qcow2") { encryption { secret = secret("x") } } }': "disk.vdb.source.encryption does not say its format",
    'disk vdb { source = block("/dev/a") { slice { offset = 1GiB } } }': "disk.vdb.source.slice does not say its size",
    'disk vdb { source = file("/a.qcow2"); geometry { heads = 3 } }': "disk.vdb.geometry does not say its cyls and secs",
    "hostdev x { source = pci() }": "pci() of hostdev x does not say its bus and slot",
    "hostdev x { source = usb() }": "usb() of hostdev x does not say its vendor or bus",
    "hostdev x { source = usb(product = 1) }": "usb() of hostdev x does not say its vendor",
    "hostdev x { source = usb(bus = 1) }": "usb() of hostdev x does not say its device",
    "hostdev x { source = scsi(adapter = scsi_host0) }": "scsi() of hostdev x does not say its bus, target and unit",
    'hostdev x { source = iscsi("x") }': "iscsi() of hostdev x does not say its hosts",
    "interface x { source = server() }": "server() of interface x does not say its port",
    "interface x { source = client() }": "client() of interface x does not say its address and port",
    "filesystem x { target = x }": "filesystem x does not say its source",
    "filesystem x { source = mount(); target = x }": "mount() of filesystem x does not say its dir or socket",
    "rng x { backend = egd() }": "egd() of rng x does not say its source",
    "lease l { }": "lease l does not say its key and path",
    "smartcard s { }": "smartcard s does not say its source",
    "pstore { }": "pstore does not say its path and size",
    "launch-security { type = sev }": "launch-security does not say its policy",
}


@pytest.mark.parametrize("part", LACKING)
def test_a_part_that_lacks_something_is_one_error(part: str, tmp_path: Path) -> None:
    file = tmp_path / "a.vmspec"
    file.write_text(VM.format(part), encoding="utf-8")
    assert [d.message for d in Compilation([file]).diagnostics if d.severity is Severity.ERROR] == [LACKING[part]]


@pytest.mark.parametrize(
    ("topology", "rest"),
    [
        ("cores = 4", "sockets = 1; threads = 1"),
        ("cores = 1; threads = 2", "sockets = 2"),
        ("sockets = 2", "cores = 2; threads = 1"),
        ("threads = 2", "sockets = 1; cores = 2"),
    ],
)
def test_a_part_of_a_topology_is_made_whole(topology: str, rest: str, tmp_path: Path) -> None:
    file = tmp_path / "a.vmspec"
    file.write_text(VM.format(f"cpu.topology {{ {topology} }}"), encoding="utf-8")
    (found,) = (d for d in Compilation([file]).diagnostics if d.severity is Severity.ERROR)
    assert found.help == f"write {rest}"
    file.write_text(VM.format(f"cpu.topology {{ {topology}; {rest} }}"), encoding="utf-8")
    assert not has_errors(Compilation([file]).diagnostics)


def test_audio_backends_are_numbered_where_nobody_does(tmp_path: Path) -> None:
    file = tmp_path / "a.vmspec"
    file.write_text(VM.format("audio x { type = none }; audio y { type = none }; audio z { type = none; id = 1 }"), encoding="utf-8")
    made = Compilation([file])
    assert made.diagnostics == ()
    assert [(block.label, block.id) for block in made.fleet.vms[0].spec.audio] == [("x", 2), ("y", 3), ("z", 1)]
