"""libvirt's own XML under the same rules as sources: spans are those of the XML file, and nothing is added to it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.base.files import FileError, read_bytes
from vmspec.base.provenance import Step, StepKind
from vmspec.base.record import record
from vmspec.base.source import Source, Span
from vmspec.check.run import check
from vmspec.driver.project import NO_SUCH_PATH
from vmspec.importing.domain import Ingested, read_domain
from vmspec.importing.source import label_for
from vmspec.importing.xml import NotXml, line_span
from vmspec.lower.fleet import Fleet, Object, Vm
from vmspec.model.kinds import ObjectKind
from vmspec.model.target import ANY, Software
from vmspec.validate.relaxng import culprits
from vmspec.validate.schemas import Schemas, as_it_is

NOT_A_DOMAIN = Code(
    7004,
    "not-a-domain",
    """
    What: A file given as libvirt XML is not well-formed, has a document type, or is no domain.
    Why: `vmc check` and `vmc import` read what `virsh dumpxml` prints. A document type can name other files and grow without bound, and
        no definition has one.
    """,
)


MAX_BYTES = 64 << 20
"""A larger file is no definition: libvirt itself takes no text of more than 4 MiB from a client (src/remote/remote_protocol.x)."""


@record(frozen=True)
class Definition:
    """The XML of a domain, read."""

    source: Source
    data: bytes
    ingested: Ingested


def read(file: Path, named: bool = True) -> tuple[Definition | None, tuple[Diagnostic, ...]]:
    """One file, as far as it can be read. In a directory that was `named`, what is no domain is passed over with a warning."""
    try:
        data = read_bytes(file, MAX_BYTES)
    except FileError as error:
        return None, (Diagnostic(NO_SUCH_PATH, f"{file} {error.reason}"),)
    return read_text(data, file.as_posix(), named)


def read_text(data: bytes, name: str, named: bool = True) -> tuple[Definition | None, tuple[Diagnostic, ...]]:
    source = Source(name, data.decode("utf-8", "replace").removeprefix("\ufeff"))
    try:
        return Definition(source, data, read_domain(data, source)), ()
    except NotXml as problem:
        return None, (Diagnostic(NOT_A_DOMAIN, f"this is not libvirt XML: {problem.message}", line_span(source, problem.line)),)
    except ValueError as problem:
        severity = Severity.ERROR if named else Severity.WARNING
        return None, (Diagnostic(NOT_A_DOMAIN, f"this is no domain: {problem}", line_span(source, 1), severity),)


def read_files(files: Iterable[Path], named: Iterable[Path]) -> tuple[tuple[Definition, ...], tuple[Diagnostic, ...]]:
    """Each file once, whatever links lead to it; `named` are those that were given by name and not found in a directory."""
    by_name = {os.path.abspath(path) for path in named}
    seen: set[str] = set()
    definitions: list[Definition] = []
    wrong: list[Diagnostic] = []
    for file in files:
        real = os.path.realpath(file)
        if real in seen:
            continue
        seen.add(real)
        definition, found = read(file, os.path.abspath(file) in by_name)
        wrong += found
        if definition is not None:
            definitions.append(definition)
    return tuple(definitions), tuple(wrong)


def as_object(definition: Definition) -> Vm:
    """A VM whose trails are the lines of its XML."""
    source, ingested = definition.source, definition.ingested
    name = label_for(ingested.domain, Path(source.path).stem)
    origin = f"XML {source.path}"
    by_line = {id(span): (Step(StepKind.SET, origin, span),) for span in ingested.spans.values()}
    trails = {path: by_line[id(span)] for path, span in ingested.spans.items()}
    return Object(ObjectKind.VM, name, ingested.domain, Span(source, 0, 0), trails, ingested.spans, resolve=False)


def check_files(files: Iterable[Path], schemas: Schemas, named: Iterable[Path] = (), target: Software = ANY) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with some domains, each by itself and among each other."""
    definitions, wrong = read_files(files, named)
    found = check(Fleet(tuple(map(as_object, definitions)), target=target))
    said = {_line(each) for each in found if each.severity is Severity.ERROR}
    besides = [each for definition in definitions for each in _against(schemas, definition.data, definition.source, target)]
    return (*wrong, *(each for each in besides if _line(each) not in said), *found)


def _line(found: Diagnostic) -> tuple[str, int] | None:
    """The schema knows lines, and says nothing that a rule has not said better."""
    at = found.primary
    return None if at is None else (at.source.path, at.source.text.count("\n", 0, at.start))


def _against(schemas: Schemas, data: bytes, source: Source, target: Software) -> Iterable[Diagnostic]:
    from vmspec.importing.xml import parse

    document = parse(data)
    for grammar in schemas.grammars:
        for element, attribute in () if grammar.valid(document) else culprits(grammar, document):
            yield as_it_is(grammar, element, attribute, line_span(source, element.sourceline or 1), target)
