"""All schemas that an emitted domain is checked against, and what is said where one of them objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from lxml import etree

from vmspec.base.diagnostic import Diagnostic, Severity, has_errors
from vmspec.base.record import field, record
from vmspec.base.source import Span
from vmspec.emit.artifact import Artifact
from vmspec.emit.sourcemap import TrailOf
from vmspec.model.place import NAMESPACES
from vmspec.model.show import escape_unseen
from vmspec.model.target import Software, shown
from vmspec.validate import codes, relaxng, xsd_cache
from vmspec.validate.folders import schema_folders
from vmspec.validate.identity import CONSTRAINTS
from vmspec.validate.later import outgrown, schema_version
from vmspec.validate.places import place_of, raw_at, span_at
from vmspec.validate.raw_text import HELP, overwritten
from vmspec.validate.shape import shape_of

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=False)
_CONSTRAINT = re.compile(r"(?:identity-constraint|keyref) '(?:\{[^}]*\})?([\w-]+)'")
_TWICE = re.compile(r"Attribute (\S+) redefined")
_SAYS = {constraint.name: constraint.says for constraint in CONSTRAINTS}
JUDGED = "/domain/launchSecurity"
"""A rule says of it from which version on the host has to be, whatever lies on this machine (4631)."""
OTHER_SCHEMA = "give the schema of that version with --schema-dir"
REPORT = "this is a bug of ours: please report it with the lines that it was made from"


SoftwareOf: TypeAlias = Callable[[str], Software]


def no_software(_: str) -> Software:
    """Nobody says which libvirt is meant."""
    return Software()


@record(frozen=True)
class Schemas:
    grammars: tuple[relaxng.RelaxNG, ...]
    software: SoftwareOf = no_software
    """What the domain of a name is for."""
    _accepted: dict[tuple[bytes, bool], bool] = field(default_factory=dict)
    """The verdict on each shape."""

    @staticmethod
    def load(folders: tuple[Path, ...], software: SoftwareOf = no_software) -> tuple[Schemas, tuple[Diagnostic, ...]]:
        """libvirt's schemas in these directories; with none, those of the installed libvirt, if there is one."""
        loaded = [(folder, relaxng.load(folder)) for folder in schema_folders(folders)]
        wrong = ((folder, found) for folder, found in loaded if isinstance(found, str))
        said = tuple(Diagnostic(codes.NO_SCHEMA, f"the schema directory {folder} {reason}") for folder, reason in wrong)
        return Schemas(tuple(found for _, found in loaded if not isinstance(found, str)), software), said

    def accept(self, artifact: Artifact) -> bool:
        """Whether every schema accepts the XML of one domain; asked once for all domains of one shape."""
        if artifact.typed is not None:
            return False
        shape = (shape_of(artifact.data), artifact.imported)
        known = self._accepted.get(shape)
        if known is None:
            known = self._accepted[shape] = self._accept(artifact)
        return known

    def _accept(self, artifact: Artifact) -> bool:
        try:
            document = etree.fromstring(artifact.data, _PARSER)
        except etree.XMLSyntaxError:
            return False
        if document.getroottree().docinfo.internalDTD is not None:
            return False
        return xsd_cache.schema(_identity_counts(artifact)).validate(document) and all(grammar.valid(document) for grammar in self.grammars)

    def check(self, artifact: Artifact, trail_of: TrailOf) -> list[Diagnostic]:
        """What is wrong with the XML of one domain."""
        try:
            document = etree.fromstring(artifact.data, _PARSER)
        except etree.XMLSyntaxError as error:
            return [_malformed(artifact, (error.msg or "it is not XML").partition("\n")[0])]
        if document.getroottree().docinfo.internalDTD is not None:
            return [_malformed(artifact, "it has a document type")]
        found: list[Diagnostic] = []
        typed = document if artifact.typed is None else etree.fromstring(artifact.typed, _PARSER)
        schema = xsd_cache.schema(_identity_counts(artifact))
        if not schema.validate(typed):
            found += _against_own(artifact, typed, schema, trail_of)
        found += overwritten(artifact, trail_of)
        if artifact.typed is not None and has_errors(found):
            return found
        for grammar in self.grammars:
            if not grammar.valid(document):
                blame_raw = typed is not document and not artifact.imported and grammar.valid(typed)
                said = (_raw_refused if blame_raw else _refused)(grammar, artifact, document, trail_of, self.software(artifact.object))
                found += said
        return found

    def identities(self, artifact: Artifact, trail_of: TrailOf) -> list[Diagnostic]:
        """What has one identity twice, or is referred to and not there."""
        document, schema = etree.fromstring(artifact.data, _PARSER), xsd_cache.schema(_identity_counts(artifact))
        if schema.validate(document):
            return []
        return [each for each in _against_own(artifact, document, schema, trail_of) if each.code is codes.IDENTITY]

    def check_other(self, artifact: Artifact, trail_of: TrailOf) -> list[Diagnostic]:
        """What is wrong with the XML of what is no domain: a network, a pool, a filter."""
        assert artifact.kind is not None
        loaded = [relaxng.load_once(grammar.folder, artifact.kind.grammar) for grammar in self.grammars]
        grammars = [grammar for grammar in loaded if isinstance(grammar, relaxng.RelaxNG)]
        try:
            document = etree.fromstring(artifact.data, _PARSER)
        except etree.XMLSyntaxError as error:
            return [_malformed(artifact, (error.msg or "it is not XML").partition("\n")[0])]
        refused = (grammar for grammar in grammars if not grammar.valid(document))
        return [found for grammar in refused for found in _other_refused(grammar, artifact, document, trail_of)]


def _other_refused(grammar: relaxng.RelaxNG, artifact: Artifact, document: etree._Element, trail_of: TrailOf) -> Iterator[Diagnostic]:
    for place, what in _culprits(grammar, document):
        span = span_at(artifact, place, trail_of)
        whole = span == artifact.span
        said = f"is not complete: {what} lacks something" if whole else f"has {what}, which libvirt's schema does not take here"
        note = f"at {place} of its XML, by the schema in {grammar.folder}"
        yield Diagnostic(codes.NOT_AS_SCHEMA, f"{artifact.kind} {artifact.object} {said}", span, notes=(note,), about=artifact.object)


def _identity_counts(artifact: Artifact) -> bool:
    """Where iothreads are only counted, their numbers stand nowhere that a schema could look them up."""
    return not artifact.imported and (b"<iothreads>" not in artifact.data or b"<iothreadids" in artifact.data)


def _malformed(artifact: Artifact, message: str) -> Diagnostic:
    if artifact.raw:
        twice = _TWICE.match(message)
        if twice is not None:
            span = next((span for _, span in artifact.raw if f"@{twice[1]}" in span.text), artifact.raw[0][1])
            said = f"an `xml` part of {artifact.object} sets the attribute {twice[1]}, which the model writes there itself"
            return Diagnostic(codes.RAW_REFUSED, said, span, help=HELP)
        return Diagnostic(codes.RAW_REFUSED, f"an `xml` part of {artifact.object} is not well-formed: {message}", artifact.raw[0][1])
    return Diagnostic(codes.SCHEMA_MISMATCH, f"the XML of {artifact.object} is not well-formed: {message}", artifact.span, help=REPORT)


def _against_own(artifact: Artifact, document: etree._Element, schema: etree.XMLSchema, trail_of: TrailOf) -> Iterator[Diagnostic]:
    for error in schema.error_log:
        message = error.message or ""
        place = error.path or "/"
        constraint = _CONSTRAINT.search(message)
        span = span_at(artifact, place, trail_of)
        if constraint is not None and constraint[1] in _SAYS:
            values = "".join(re.findall(r"key-sequence \[([^]]*)\]", message)[:1])
            said = f"{artifact.object}: {_SAYS[constraint[1]]}{f': {values}' if values else ''}"
            yield Diagnostic(codes.IDENTITY, said, span, notes=(f"at {place} of its XML",))
        else:
            said = f"the XML of {artifact.object} does not meet our own schema at {place}"
            yield Diagnostic(codes.OWN_SCHEMA_MISMATCH, said, span, notes=(message, *_explained(artifact, document)), help=REPORT)


def _explained(artifact: Artifact, document: etree._Element) -> tuple[str, ...]:
    """The words of xmlschema, which are better and take half a second to come by."""
    import xmlschema

    schema = xmlschema.XMLSchema(xsd_cache.text(_identity_counts(artifact)))
    first = next(schema.iter_errors(etree.tostring(document).decode()), None)
    return () if first is None or not first.reason else (first.reason,)


def _refused(
    grammar: relaxng.RelaxNG, artifact: Artifact, document: etree._Element, trail_of: TrailOf, software: Software
) -> Iterator[Diagnostic]:
    """One finding for each place in the sources. Where one of them is what somebody said, what follows from it is not told besides."""
    found = list(_each_refused(grammar, artifact, document, trail_of, software))
    said = [d for d in found if d.code is not codes.SCHEMA_MISMATCH]
    seen: set[object] = set()
    said.sort(key=lambda d: d.code is codes.NOT_AS_SCHEMA and "missing" not in d.message)
    for each in said or found:
        if each.primary not in seen or each.code in (codes.SCHEMA_MISMATCH, codes.REFUSED_BY_SCHEMA):
            seen.add(each.primary)
            yield each


def _each_refused(
    grammar: relaxng.RelaxNG, artifact: Artifact, document: etree._Element, trail_of: TrailOf, software: Software
) -> Iterator[Diagnostic]:
    culprits = relaxng.culprits(grammar, document)
    for part in culprits:
        place, what = _place_of(*part), _what(*part)
        if artifact.imported:
            span = span_at(artifact, place, trail_of)
            yield as_it_is(grammar, *part, span, software, f" in the XML of {artifact.object}", notes=(f"at {place}",))
            continue
        span = span_at(artifact, place, trail_of)
        mistake = _user_mistake(grammar, artifact, document, place, what, span, len(culprits) == 1)
        if mistake is not None and mistake.code is codes.NEWER_THAN_SCHEMA and (place.startswith(JUDGED) or software.libvirt):
            continue  # the version that is meant knows it, or a rule has said that it does not (5014, 6000)
        if outgrown(grammar.folder, software):
            yield _by_older(grammar, artifact.object, what, place, span, software)
            continue
        yield mistake or Diagnostic(
            codes.SCHEMA_MISMATCH,
            f"the XML of {artifact.object} does not meet libvirt's schema ({grammar.folder}) at {place}: {what}",
            span,
            help=REPORT,
        )


def _user_mistake(
    grammar: relaxng.RelaxNG, artifact: Artifact, document: etree._Element, place: str, what: str, span: Span, alone: bool
) -> Diagnostic | None:
    """What somebody said of the VM, where that is what the schema objects to; None where nobody did, which makes it our own mistake."""
    from vmspec.validate.unmet import objection

    if span == artifact.span:
        return None
    path, _, attribute = place.partition("/@")
    element = document.getroottree().find(path.replace("/domain", ".", 1), namespaces=NAMESPACES)
    if element is None:
        return None
    why = objection(grammar, document, element, attribute, alone)
    if not why.word and attribute != "type":
        return None
    note = (f"{what} at {place} of its XML, by the schema in {grammar.folder}",)
    if why.newer:
        came = f"libvirt has it since {why.since}" if why.since else "a newer one has it"
        said = f"{artifact.object}: the libvirt whose schema is here does not know {_called(why.word)}; {came}"
        return Diagnostic(codes.NEWER_THAN_SCHEMA, said, span, Severity.WARNING, notes=note, about=artifact.object)
    if why.missing:
        lacking = f"{' and '.join(why.missing)} {'are' if len(why.missing) > 1 else 'is'} missing"
        said = f"{artifact.object}: what is said of {_called(why.word, whole=True) or what} is not complete: {lacking}"
    elif why.word:
        said = f"{artifact.object}: libvirt's schema does not take {_called(why.word)} as it is said here"
    else:
        # The form that was chosen: `ctl(…)` is the type of the element, which no line of its own says.
        said = f"{artifact.object}: libvirt's schema does not take {what}"
    return Diagnostic(codes.NOT_AS_SCHEMA, said, span, notes=note, about=artifact.object)


def _called(word: str, whole: bool = False) -> str:
    """`disk.NAME.cache` without its label; of what is missing in a block, the block."""
    whole = whole and " = " not in word
    parts = [part for part in word.partition(" NAME")[0].partition(" = ")[0].split(".") if part != "NAME"]
    return ".".join(parts[:-1] if whole and len(parts) > 1 else parts)


def _by_older(grammar: relaxng.RelaxNG, name: str, what: str, place: str, span: Span, software: Software) -> Diagnostic:
    """An older schema does not speak for a newer libvirt."""
    said = f"{name} is for {software}, and the schema here, which is older, does not take {what}"
    note = f"at {place} of its XML, by the schema of libvirt {shown(schema_version(grammar.folder))} in {grammar.folder}"
    return Diagnostic(codes.NEWER_THAN_SCHEMA, said, span, Severity.WARNING, notes=(note,), help=OTHER_SCHEMA, about=name)


def _raw_refused(
    grammar: relaxng.RelaxNG, artifact: Artifact, document: etree._Element, trail_of: TrailOf, software: Software
) -> Iterator[Diagnostic]:
    for place, what in _culprits(grammar, document):
        if outgrown(grammar.folder, software):
            yield _by_older(grammar, artifact.object, what, place, raw_at(artifact, place), software)
            continue
        said = f"libvirt's schema ({grammar.folder}) does not allow {what} of an `xml` part of {artifact.object}"
        yield Diagnostic(codes.RAW_REFUSED, said, raw_at(artifact, place), notes=(f"at {place}",))


def _culprits(grammar: relaxng.RelaxNG, document: etree._Element) -> Iterator[tuple[str, str]]:
    """The place of each, and what to call it."""
    for part in relaxng.culprits(grammar, document):
        yield _place_of(*part), _what(*part)


def _place_of(element: etree._Element, attribute: str) -> str:
    return place_of(element) + (f"/@{attribute}" if attribute else "")


def _what(element: etree._Element, attribute: str) -> str:
    return f"{attribute}='{escape_unseen(str(element.get(attribute)))}' of <{element.tag!s}>" if attribute else f"<{element.tag!s}>"


def as_it_is(
    grammar: relaxng.RelaxNG,
    element: etree._Element,
    attribute: str,
    at: Span,
    software: Software,
    where: str = "",
    notes: tuple[str, ...] = (),
) -> Diagnostic:
    """Of XML that nothing was added to: define drops most of what the schema refuses, and refuses words that came later."""
    from vmspec.validate.later import refused

    if outgrown(grammar.folder, software):
        what, place = _what(element, attribute), _place_of(element, attribute)
        return _by_older(grammar, "this definition", what, place, at, software)
    what, later = _what(element, attribute), refused(grammar.folder, element, attribute)
    if later is not None:
        said = f"the libvirt whose schema is here refuses {later.shown}{where}: it came with a newer one"
        return Diagnostic(codes.NEWER_THAN_SCHEMA, said, at, notes=(f"{what}, by the schema in {grammar.folder}", *notes))
    said = f"libvirt's schema ({grammar.folder}) does not allow {what} here{f',{where}' if where else ''}"
    return Diagnostic(codes.REFUSED_BY_SCHEMA, said, at, Severity.WARNING, notes=notes)
