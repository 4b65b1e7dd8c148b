"""Whether a VM that another host may have is made, started, moved or refused."""

from __future__ import annotations

import pytest

from vmspec.importing.host_domain import HostDefinition
from vmspec.plan.besides import Besides
from vmspec.plan.file_uses import HostPlaces
from vmspec.plan.moves import Seen, SharedStorage, Sighting, left_behind, ruling
from vmspec.plan.state import Actual

XML = "<domain type='kvm'><name>a</name>{}</domain>"
SAFE = XML.format("<devices/>").encode()


def sighting(running: bool = False, xml: bytes = SAFE, besides: Besides | None = None, storage: SharedStorage | None = None) -> Sighting:
    there = Actual("a", "u", HostDefinition(xml), running=running, besides=besides or Besides())
    return Sighting("m1", "uri", there, storage=storage or SharedStorage(), places=HostPlaces("/nvram"), tpm="/tpm", saves="/save")


OFF, ON = Actual("a", "u", HostDefinition(SAFE)), Actual("a", "u", HostDefinition(SAFE), running=True)
HIDDEN, THERE, RUNS = Seen(hidden={"u": ("m1",)}), Seen({"u": (sighting(),)}), Seen({"u": (sighting(True),)})
# here, begins, unfinished, restart, seen: what the reason holds, or whether it moves
RULINGS: dict[str, tuple[Actual | None, bool, bool, bool, Seen, str | bool]] = {
    "nobody has it": (None, True, False, False, Seen(), False),
    "one that may have it is not seen": (None, True, False, True, HIDDEN, "--gone m1"),
    "and it is only changed": (OFF, False, False, False, HIDDEN, False),
    "it is off there": (None, True, False, False, THERE, True),
    "it runs there": (None, True, False, False, RUNS, "--allow-restart"),
    "it runs there and may be stopped": (None, True, False, True, RUNS, True),
    "it runs there and is defined here": (OFF, False, False, False, RUNS, "--allow-restart"),
    "both have it, and it is started": (OFF, True, False, False, THERE, False),
    "both have it, and a move was cut off": (OFF, True, True, False, THERE, True),
    "it runs in both": (ON, False, False, True, RUNS, "it runs here and on m1"),
    "it runs here": (ON, False, False, False, THERE, False),
    "it runs in two others": (None, True, False, True, Seen({"u": (sighting(True), sighting(True))}), "stop it on all but one"),
    "a job": (None, True, False, True, Seen({"u": (sighting(True, besides=Besides(jobs=("backup",))),)}), "backup is under way"),
}


@pytest.mark.parametrize("name", RULINGS)
def test_a_ruling(name: str) -> None:
    here, begins, unfinished, restart, seen, expected = RULINGS[name]
    found = ruling("u", here, begins, unfinished, restart, False, seen)
    if isinstance(expected, str):
        assert expected in found.reason
        assert found.move is None
    else:
        assert found.reason == ""
        assert (found.move is not None) is expected


def test_a_trial_moves_nothing() -> None:
    assert ruling("u", None, True, False, True, True, THERE) == ruling("u", None, True, False, True, True, HIDDEN)
    assert "it runs on m1" in ruling("u", None, True, False, True, True, RUNS).reason


DISK = "<devices><disk type='{}' device='disk'><source {}/>{}</disk></devices>"
BELOW = "<backingStore type='file'><source file='/y/b'/></backingStore>"
BEHIND: dict[str, tuple[str, Besides, list[str]]] = {
    "nothing": ("<devices/>", Besides(), []),
    "an image": (DISK.format("file", "file='/x/a'", ""), Besides(), ["/x/a (image)"]),
    "and what lies below it": (
        DISK.format("file", "file='/x/a'", BELOW), Besides(), ["/x/a (image)", "/y/b (image)"],
    ),
    "on shared storage": (DISK.format("file", "file='/san/a'", ""), Besides(), []),
    "beside it": (DISK.format("file", "file='/sandbox/a'", ""), Besides(), ["/sandbox/a (image)"]),
    "for several guests": (DISK.format("file", "file='/x/a'", "<shareable/>"), Besides(), []),
    "read only": (DISK.format("file", "file='/x/a'", "<readonly/>"), Besides(), []),
    "Ceph": (DISK.format("network", "protocol='rbd' name='p/i'", ""), Besides(), []),
    "a shared pool": (DISK.format("volume", "pool='net' volume='v'", ""), Besides(), []),
    "another pool": (DISK.format("volume", "pool='dir' volume='v'", ""), Besides(), ["volume dir/v (image)"]),
    "variables": ("<os firmware='efi'/>", Besides(), ["/nvram/a_VARS.fd (firmware variables)"]),
    "a TPM": ("<devices><tpm><backend type='emulator'/></tpm></devices>", Besides(), ["/tpm/u (TPM state)"]),
    "folders": ("<devices><filesystem><source dir='/srv'/></filesystem></devices>", Besides(), ["/srv (filesystem)"]),
    "a log is the host's": ("<devices><serial type='file'><source path='/l'/></serial></devices>", Besides(), []),
    "a saved state": ("<devices/>", Besides(saved=True), ["its saved state /save/a.save"]),
    "snapshots": ("<devices/>", Besides(snapshots=("one", "two"), checkpoints=("c",)), ["its snapshots one, two", "its checkpoint c"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BEHIND)
def test_what_stays_behind(name: str) -> None:
    inner, besides, expected = BEHIND[name]
    storage = SharedStorage(("/san",), frozenset({"net"}))
    assert list(left_behind(sighting(xml=XML.format(inner).encode(), besides=besides, storage=storage))) == expected
