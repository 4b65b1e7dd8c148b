"""Every attribute and text of every example's XML has its place in the source map, and no index is wrong."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from vmspec.base.provenance import span_of
from vmspec.driver.compilation import Compilation
from vmspec.emit.artifact import Artifact
from vmspec.model.kinds import ObjectKind
from vmspec.validate.places import normal, place_of

EXAMPLES = Path(__file__).parents[2] / "examples"
FLEETS = sorted(p.parent.name for p in EXAMPLES.glob("*/vmspec.toml"))


@cache
def domains(fleet: str) -> tuple[Artifact, ...]:
    return tuple(a for a in Compilation([EXAMPLES / fleet]).artifacts() if a.kind is ObjectKind.VM)


def written(artifact: Artifact) -> set[str]:
    """The place of every attribute, text and empty element."""
    found = set()
    for element in etree.fromstring(artifact.data).iter():
        if isinstance(element.tag, str):
            place = place_of(element)
            found |= {f"{place}/@{etree.QName(name).localname}" for name in element.attrib}
            if (element.text or "").strip() or not (len(element) or element.attrib):
                found.add(place)
    return found


@pytest.mark.parametrize("fleet", FLEETS)
def test_nothing_is_left_out(fleet: str) -> None:
    assert domains(fleet)
    for artifact in domains(fleet):
        known = {normal(place) for place, _ in artifact.marks()}
        assert written(artifact) <= known, artifact.path


@pytest.mark.parametrize("fleet", FLEETS)
def test_nearly_nothing_is_there_that_is_not_written(fleet: str) -> None:
    """A place may also be that of an element whose flag is said by an attribute of it."""
    for artifact in domains(fleet):
        here = written(artifact)
        extra = [place for place, _ in artifact.marks() if normal(place) not in here]
        assert all(any(other.startswith(f"{normal(place)}/") for other in here) for place in extra), extra


@pytest.mark.parametrize("fleet", FLEETS)
def test_a_disk_s_target_leads_to_the_disk(fleet: str) -> None:
    for artifact in domains(fleet):
        for place, trail in artifact.marks():
            assert trail, place
            if place.endswith("/target/@dev"):
                span = span_of(trail)
                assert span is None or "disk" in span.source.text
