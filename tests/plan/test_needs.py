"""What a definition names of its host, and what is said where that is missing."""

from __future__ import annotations

from vmspec.importing.host_domain import read_host_domain
from vmspec.plan.needs import HostInventory, missing, needs

XML = b"""<domain><name>a</name><devices>
<disk type='volume'><source pool='images' volume='root'/></disk><disk type='volume'><source pool='images' volume='data'/></disk>
<interface type='network'><source network='lab'/></interface><interface type='bridge'><source bridge='br0'/></interface>
<interface type='bridge'><source bridge='ovs0'/><virtualport type='openvswitch'/></interface>
<interface type='direct'><source dev='eth0'/><filterref filter='clean'/></interface><interface type='user'/></devices></domain>"""
DOMAIN = read_host_domain(XML)
KNOWN = {"network": {"lab": False}, "pool": {"images": True}, "bridge": {"virbr0": True}, "filter": {}}


def test_what_is_named() -> None:
    assert needs(DOMAIN) == {
        ("pool", "images"): ("disk", 0), ("volume", "images", "root"): ("disk", 0), ("volume", "images", "data"): ("disk", 1),
        ("network", "lab"): ("interface", 0), ("bridge", "br0"): ("interface", 1), ("card", "eth0"): ("interface", 3),
        ("filter", "clean"): ("interface", 3),
    }  # fmt: skip


def test_what_is_missing_is_said_and_what_nobody_knows_is_not() -> None:
    presence = HostInventory(KNOWN, {("images", "root"): True, ("images", "data"): False})
    assert [what for _, what in missing(needs(DOMAIN), presence)] == [
        "the host has no volume data in the pool images",
        "the network lab of the host is not active",
        "the host has not the bridge br0",
        "the host has not the network filter clean",
    ]
    assert list(missing(needs(DOMAIN), HostInventory())) == []
