"""From an element of emitted XML to the line of the source that made it."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from vmspec.base.provenance import Provenance
from vmspec.base.source import Span
from vmspec.emit.artifact import Artifact
from vmspec.emit.sourcemap import TrailOf, strongest_span


def normal(place: str) -> str:
    """`[1]` may be written or left out."""
    return place.replace("[1]", "")


def place_of(element: etree._Element) -> str:
    """`/domain/devices/disk[2]/driver`, as the source map has it."""
    steps: list[str] = []
    at: etree._Element | None = element
    while at is not None:
        tag = at.tag
        before = sum(sibling.tag == tag for sibling in at.itersiblings(preceding=True))
        local = etree.QName(at).localname
        name = local if at.prefix is None else f"{at.prefix}:{local}"
        steps.append(f"{name}[{before + 1}]" if before else name)
        at = at.getparent()
    return "/" + "/".join(reversed(steps))


def span_at(artifact: Artifact, place: str, trail_of: TrailOf) -> Span:
    """Of the value at the place, else of one below it, else of what is nearest above it, else of the object."""
    marks = {normal(where): trail for where, trail in artifact.marks()}
    wanted = normal(place)
    for trail in _nearest(marks, wanted):
        found = strongest_span(trail, trail_of, artifact.object)
        if found is not None:
            return found
    return artifact.span


def _nearest(marks: dict[str, Provenance], place: str) -> Iterable[Provenance]:
    while place.count("/") > 1:  # not the domain itself: anything in it would do, and nothing would be right
        if place in marks:
            yield marks[place]
        yield from (trail for where, trail in marks.items() if where.startswith(f"{place}/"))
        place = place.rpartition("/")[0]


def raw_at(artifact: Artifact, place: str) -> Span:
    """Where the raw part was written that is to blame for a place: that of the nearest element around it."""
    wanted = normal(place)
    around = [(where, span) for where, span in artifact.raw if f"{wanted}/".startswith(f"{normal(where)}/")]
    return max(around, key=lambda pair: len(pair[0]))[1] if around else artifact.raw[0][1]
