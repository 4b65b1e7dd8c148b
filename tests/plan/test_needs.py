"""What a definition names of its host, and what is said where that is missing."""

from __future__ import annotations

from vmspec.importing.host_domain import read_host_domain
from vmspec.plan.needs import HostInventory, files, missing, needs

XML = b"""<domain><name>a</name><devices>
<disk type='volume'><source pool='images' volume='root'/></disk><disk type='volume'><source pool='images' volume='data'/></disk>
<interface type='network'><source network='lab'/></interface><interface type='bridge'><source bridge='br0'/></interface>
<interface type='bridge'><source bridge='ovs0'/><virtualport type='openvswitch'/></interface>
<interface type='direct'><source dev='eth0'/><filterref filter='clean'/></interface><interface type='user'/></devices></domain>"""
DOMAIN = read_host_domain(XML)
KNOWN = {"network": {"lab": False}, "pool": {"images": True}, "bridge": {"virbr0": True}, "filter": {}}


def test_what_is_named() -> None:
    first, second = ("disk", "disk0", "source"), ("disk", "disk1", "source")
    cards = [("interface", f"eth{number}", "source") for number in range(4)]
    assert needs(DOMAIN) == {
        ("pool", "images"): first, ("volume", "images", "root"): first, ("volume", "images", "data"): second, ("network", "lab"): cards[0],
        ("bridge", "br0"): cards[1], ("card", "eth0"): cards[3], ("filter", "clean"): cards[3],
    }  # fmt: skip


FILES = b"""<domain><name>a</name><os><kernel>/b/k</kernel><initrd>/b/i</initrd><loader type='pflash' readonly='yes'>/f/code.fd</loader>
<nvram template='/f/vars.fd'/><acpi><table type='slic'>/b/slic</table></acpi></os><devices>
<disk><source file='/i/a'/><backingStore type='file'><source file='/i/base'/></backingStore></disk>
<disk type='block'><source dev='/dev/x'/></disk>
<disk device='cdrom'><source file='/i/cd' startupPolicy='optional'/></disk><disk device='cdrom'/>
<disk device='cdrom'><source file='/i/cd2'/></disk>
<filesystem><source dir='/srv'/><target dir='t'/></filesystem></devices></domain>"""


def test_the_files_that_are_named() -> None:
    domain = read_host_domain(FILES)
    without = {
        "/i/a": "disk", "/i/base": "disk", "/dev/x": "disk", "/i/cd2": "disk", "/b/k": "boot", "/b/i": "boot", "/b/slic": "boot",
        "/f/code.fd": "firmware", "/srv": "filesystem",
    }  # fmt: skip
    assert {path: place[0] for path, place in files(domain, None)} == without
    made = dict(files(domain, "/nvram/a_VARS.fd"))
    assert made["/f/vars.fd"] == ("firmware", "nvram", "template") and len(made) == len(without) + 1


def test_what_is_missing_is_said_and_what_nobody_knows_is_not() -> None:
    presence = HostInventory(KNOWN, {("images", "root"): True, ("images", "data"): False})
    assert [what for _, what in missing(needs(DOMAIN), presence)] == [
        "the host has no volume data in the pool images",
        "the network lab of the host is not active",
        "the host has not the bridge br0",
        "the host has not the network filter clean",
    ]
    assert list(missing(needs(DOMAIN), HostInventory())) == []
