"""The lines against the installed libvirt's RELAX NG: nothing unclaimed but what is named here, and every word of every closed list."""

from __future__ import annotations

import pytest

from tests.model.devices.claims import claims
from tests.model.devices.rng import SCHEMAS, places
from vmspec.model.kind import Flag, Kind, OneOf

pytestmark = pytest.mark.needs("schemas")

PRIVATE = "libvirt's own state, which the public schema forbids (privatedata.rng)"
ADAPTER = "the schema borrows the pool's adapter; a domain's parser reads its name (virDomainHostdevSubsysSCSIHostDefParseXML)"
UNTYPED = {"privateData": PRIVATE, "parentaddr": ADAPTER} | {
    f"source/adapter/@{name}": ADAPTER for name in ("parent", "managed", "parent_wwnn", "parent_wwpn", "parent_fabric_wwn", "wwnn", "wwpn")
}
"""A part of the place → why no line claims it."""

OPEN = {
    "disk/source/host/@transport": "part of a server's text (test_kinds)",
    "interface/vlan/tag/@nativeMode": "part of a tag's text (test_kinds)",
    "graphics/channel/@name": "the key of an open map; the channels are Spice's, not libvirt's",
}
"""Closed lists of the schema that are no closed list of ours, by the end of the place."""

REFUSED = {
    ("hostdev/source/auth/secret/@type", "ceph"): "libvirt refuses it for iscsi (virDomainHostdevSubsysSCSIiSCSIDefParseXML)",
}
"""Words that the schema has and no line takes."""


def _words(kind: Kind) -> set[str]:
    return set(kind.words) if isinstance(kind, OneOf) else {kind.true, kind.false} if isinstance(kind, Flag) else set()


def _closed() -> list[str]:
    claimed = claims()
    if not SCHEMAS.is_dir():
        return []
    return [p for p, allowed in places().items() if allowed.words and not allowed.open and p in claimed and not _open(p)]


def _open(place: str) -> bool:
    parts = place.split("/")
    return any(parts[0] == o.split("/")[0] and place.endswith(o.partition("/")[2]) for o in OPEN)


def test_every_place_is_claimed() -> None:
    claimed = claims()
    missing = [p for p in places() if p not in claimed and p.count("backingStore") < 2 and not any(part in p for part in UNTYPED)]
    assert missing == []


def test_the_table_of_untyped_places_has_no_dead_entry() -> None:
    missing = [p for p in places() if p not in claims()]
    assert [part for part in UNTYPED if not any(part in p for p in missing)] == []


def test_the_walk_sees_the_schema() -> None:
    found = places()
    assert len(found) > 1000
    assert found["disk/@device"].words == {"disk", "cdrom", "floppy", "lun"}
    assert found["interface/model/@type"].open
    assert "disk/readonly" in found


@pytest.mark.parametrize("place", _closed())
def test_closed_lists_hold_every_word(place: str) -> None:
    kinds = claims()[place]
    assert all(_words(k) for k in kinds), "a closed list of the schema has an open kind"
    ours = set().union(*(_words(k) for k in kinds))
    missing = {w for w in places()[place].words - ours if (place, w) not in REFUSED}
    assert missing == set()
