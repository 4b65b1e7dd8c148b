"""The kinds of value that only devices have, in both directions."""

from __future__ import annotations

import pytest

from vmspec.model.devices.device import PciAddress
from vmspec.model.devices.kinds import COOKIE, HOST, MAC, RAM, SECONDS, UUID, VLAN, BareHex, pci_parts
from vmspec.model.kind import Problem, Text
from vmspec.model.value import Duration, Size


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ceph-mon-1:6789", {"name": "ceph-mon-1", "port": "6789"}),
        ("ceph-mon-1", {"name": "ceph-mon-1"}),
        ("10.0.0.1:3260", {"name": "10.0.0.1", "port": "3260"}),
        ("[::1]:6789", {"name": "::1", "port": "6789"}),
        ("[fd00::1]", {"name": "fd00::1"}),
        ("rdma://storage:24007", {"transport": "rdma", "name": "storage", "port": "24007"}),
        ("tcp://storage", {"transport": "tcp", "name": "storage"}),
        ("unix:///run/nbd.sock", {"transport": "unix", "socket": "/run/nbd.sock"}),
    ],
)
def test_a_server_is_one_text_and_several_attributes(text: str, parts: dict[str, str]) -> None:
    assert HOST.read(text) == text
    assert HOST.to_parts(text) == parts
    assert HOST.from_parts(parts) == text


@pytest.mark.parametrize("value", ["", "a b", "host:port", "unix://relative", "http://host:80", 6789, True, "host:1:2:"])
def test_what_is_no_server(value: str | int) -> None:
    assert isinstance(HOST.read(value), Problem)


@pytest.mark.parametrize(
    "parts", [{"port": "1"}, {"transport": "unix", "name": "x"}, {"name": "a", "socket": "/x"}, {"transport": "sctp", "name": "a"}]
)
def test_attributes_that_are_no_server_stay_xml(parts: dict[str, str]) -> None:
    assert HOST.from_parts(parts) is None


def test_vlan_tags() -> None:
    assert VLAN.read(42) == 42
    assert VLAN.read("42/untagged") == "42/untagged"
    assert VLAN.read("42") == 42
    for wrong in (4096, -1, "42/native", "x", True, Size(1)):
        assert isinstance(VLAN.read(wrong), Problem), wrong
    assert VLAN.to_parts(42) == {"id": "42"}
    assert VLAN.to_parts("42/tagged") == {"id": "42", "nativeMode": "tagged"}
    assert VLAN.from_parts({"id": "42", "nativeMode": "tagged"}) == "42/tagged"
    assert VLAN.from_parts({"id": "42", "vid": "1"}) is None
    assert VLAN.from_parts({}) is None


def test_macs_and_uuids_are_kept_in_lower_case() -> None:
    assert MAC.read("52:54:00:AB:CD:EF") == "52:54:00:ab:cd:ef"
    assert isinstance(MAC.read("52:54:00:ab:cd"), Problem)
    plain = "C7A5FDBDEDAF9455926AD65C16DB1809"
    assert UUID.from_xml(Text(plain)) == "c7a5fdbd-edaf-9455-926a-d65c16db1809"
    assert UUID.from_xml(Text(plain[1:])) is None


def test_numbers_that_libvirt_reads_as_hexadecimal() -> None:
    kind = BareHex(0, 0xFFFFFFFF, digits=8)
    assert kind.from_xml(Text("3000")) == kind.from_xml(Text("0x3000")) == 0x3000
    assert kind.to_xml(0x3000) == Text("0x00003000")
    assert kind.from_xml(Text("0xg")) is None


def test_a_pci_literal_is_four_numbers() -> None:
    whole = {"domain": 0, "bus": 0x3B, "slot": 0, "function": 1}
    assert pci_parts("0000:3b:00.1") == pci_parts("3b:00.1") == whole
    assert PciAddress.positional_parts("0000:3b:00.1") == whole
    for wrong in ("3b:20.0", "3b:00.8", "3b:00", "nonsense", "0000:3b:00.1x"):
        assert pci_parts(wrong) is None, wrong


def test_cookies() -> None:
    assert COOKIE.read("a=b") == "a=b"
    for wrong in ("a b", "a;b", "a,b", ""):
        assert isinstance(COOKIE.read(wrong), Problem), wrong


def test_whole_seconds_only() -> None:
    assert SECONDS.read(Duration(10**9)) == Duration(10**9)
    assert isinstance(SECONDS.read(Duration(15 * 10**8)), Problem)


def test_memory_of_a_container_has_units_of_its_own() -> None:
    assert RAM.to_parts(Size(1 << 30)) == {"usage": "1048576", "units": "KiB"}
    assert RAM.from_parts({"usage": "1048576", "units": "KiB"}) == Size(1 << 30)
    assert RAM.from_parts({"usage": "1", "units": "GiB"}) is None
    assert RAM.from_parts({"usage": "1"}) is None
    assert isinstance(RAM.read(Size(1000)), Problem)
