"""Domains with raw parts as libvirt reads them: typed and raw parts as one, under the rules and the schemas."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import replace
from vmspec.base.source import Source, Span, position
from vmspec.check.run import Checker
from vmspec.driver.output import ArtifactJudge
from vmspec.emit.artifact import Artifact
from vmspec.emit.domain import block_xml
from vmspec.emit.raw import without_raw
from vmspec.emit.sourcemap import TrailOf
from vmspec.importing.domain import Ingested, read_domain, vm_of
from vmspec.importing.xml import NotXml, parse
from vmspec.validate.places import place_of, raw_at
from vmspec.validate.schemas import Schemas

NOTE = "libvirt reads the `xml` part and the rest as one"


def judge(schemas: Schemas, trail_of: TrailOf) -> ArtifactJudge:
    """Everything that is wrong with the XML of one domain: against the schemas, and where it has raw parts, against the rules too."""

    def judged(artifact: Artifact) -> list[Diagnostic]:
        found = schemas.check(artifact, trail_of)
        if artifact.typed is None or artifact.imported or has_errors(found):
            return found
        return [*found, *of_raw_parts(schemas, artifact, trail_of)]

    return judged


def of_raw_parts(schemas: Schemas, artifact: Artifact, trail_of: TrailOf) -> list[Diagnostic]:
    """What the rules and our schema say of the whole and do not say of the typed part alone."""
    assert artifact.typed is not None
    try:
        whole, typed = _read(artifact.data), _read(artifact.typed)
    except (NotXml, ValueError):
        return []
    before = {_key(each) for each in _rules(typed, artifact.object)}
    lines = _lines(artifact.data)
    found = [_placed(each, artifact, lines) for each in _rules(whole, artifact.object) if _key(each) not in before]
    if has_errors(found):
        return found
    emitted = block_xml(without_raw(whole.domain))
    as_one = replace(artifact, data=emitted.encode(), typed=None)
    twice = schemas.identities(as_one, trail_of)
    return [*found, *(replace(each, primary=artifact.raw[0][1], labels=(), notes=(*each.notes, NOTE)) for each in twice)]


def _read(data: bytes) -> Ingested:
    return read_domain(data, Source("", data.decode("utf-8", "replace")))


def _rules(read: Ingested, name: str) -> Iterator[Diagnostic]:
    """Those on machines, and those on what only XML can say; as strict as with what was written in the language."""
    vm = vm_of(read, name)
    checker = Checker()
    yield from checker.vm(replace(vm, resolve=True))
    yield from checker.plain(vm)


def _key(each: Diagnostic) -> tuple[int, str]:
    return each.code.number, each.message


def _placed(each: Diagnostic, artifact: Artifact, lines: dict[int, str]) -> Diagnostic:
    """At the raw part that it comes from: the nearest around the line of the XML that the rule points at."""
    at: Span | None = each.primary
    place = "" if at is None else lines.get(position(at.source, at.start).line, "")
    span = raw_at(artifact, place) if place else artifact.raw[0][1]
    return replace(each, primary=span, labels=(), fix=None, notes=(*each.notes, NOTE), about=artifact.object)


def _lines(data: bytes) -> dict[int, str]:
    """The place of the first element of each line."""
    found: dict[int, str] = {}
    for element in parse(data).iter(etree.Element):
        found.setdefault(element.sourceline or 1, place_of(element))
    return found
