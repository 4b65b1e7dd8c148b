"""Raw parts and what the model writes itself: a text of the model that a raw part has changed."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from vmspec.base.diagnostic import Diagnostic, Label
from vmspec.emit.artifact import Artifact
from vmspec.emit.sourcemap import TrailOf
from vmspec.model.show import escape_unseen
from vmspec.validate import codes
from vmspec.validate.places import place_of, raw_at, span_at

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
HELP = "set it in the language; an `xml` part adds what the model does not write"


def overwritten(artifact: Artifact, trail_of: TrailOf) -> list[Diagnostic]:
    """Of each text that is not what the model wrote: libvirt reads the two as one, a size of 65536 and a raw "0" as 655360."""
    if artifact.typed is None:
        return []
    try:
        whole, typed = etree.fromstring(artifact.data, _PARSER), etree.fromstring(artifact.typed, _PARSER)
    except etree.XMLSyntaxError:
        return []
    return [_said(artifact, element, own, trail_of) for element, own in _changed(whole, typed)]


def _changed(whole: etree._Element, typed: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Elements with another text than the model gave them, which is the second. Of like elements, the model's come first."""
    own, found = (typed.text or "").strip(), (whole.text or "").strip()
    if own and own != found:
        yield whole, own
    seen: dict[object, int] = {}
    for child in typed:
        number = seen[child.tag] = seen.get(child.tag, 0) + 1
        alike = [each for each in whole if each.tag == child.tag]
        if number <= len(alike):
            yield from _changed(alike[number - 1], child)


def _said(artifact: Artifact, element: etree._Element, own: str, trail_of: TrailOf) -> Diagnostic:
    place = place_of(element)
    found = escape_unseen((element.text or "").strip())
    message = (
        f"an `xml` part of {artifact.object} adds to the text of <{etree.QName(element).localname}>, which is {own} by the model: {found}"
    )
    said = span_at(artifact, place, trail_of)
    span = raw_at(artifact, place)
    labels = () if said in (artifact.span, span) else (Label(said, "this is said here"),)
    return Diagnostic(codes.RAW_REFUSED, message, span, labels=labels, help=HELP, about=artifact.object)
