"""What a definition names of its host, and what is said where that is missing."""

from __future__ import annotations

from vmspec.plan.needs import HostInventory, missing, needs

XML = b"""<domain><name>a</name><devices>
<disk type='volume'><source pool='images' volume='root'/></disk><disk type='volume'><source pool='images' volume='data'/></disk>
<interface type='network'><source network='lab'/></interface><interface type='bridge'><source bridge='br0'/></interface>
<interface type='bridge'><source bridge='ovs0'/><virtualport type='openvswitch'/></interface>
<interface type='direct'><source dev='eth0'/><filterref filter='clean'/></interface><interface type='user'/></devices></domain>"""
KNOWN = {"network": {"lab": False}, "pool": {"images": True}, "bridge": {"virbr0": True}, "filter": {}}


def test_what_is_named() -> None:
    assert needs(XML) == [
        ("pool", "images"), ("volume", "images", "root"), ("volume", "images", "data"), ("network", "lab"), ("bridge", "br0"),
        ("card", "eth0"), ("filter", "clean"),
    ]  # fmt: skip


def test_what_is_missing_is_said_and_what_nobody_knows_is_not() -> None:
    presence = HostInventory(KNOWN, {("images", "root"): True, ("images", "data"): False})
    assert [note.message for note in missing(needs(XML), presence)] == [
        "the host has no volume data in the pool images: it does not start",
        "the network lab of the host is not active: it does not start",
        "the host has not the bridge br0: it does not start",
        "the host has not the network filter clean: it does not start",
    ]
    assert list(missing(needs(XML), HostInventory())) == []
