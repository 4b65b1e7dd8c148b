"""libvirt's own XML under the same rules as sources: spans are those of the XML file, and nothing is added to it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.base.provenance import Step, StepKind
from vmspec.base.source import Source, Span
from vmspec.build.fleet import Fleet, Object, Vm
from vmspec.check.run import check
from vmspec.ingest.domain import Ingested, read_domain
from vmspec.ingest.source import label_for
from vmspec.ingest.xml import NotXml, line_span
from vmspec.project import NO_SUCH_PATH
from vmspec.validate.relaxng import culprits
from vmspec.validate.schemas import Schemas

NOT_A_DOMAIN = Code(
    7004,
    "not-a-domain",
    """
    What: A file given as libvirt XML is not well-formed, has a document type, or is no domain.
    Why: `vmc check` and `vmc import` read what `virsh dumpxml` prints. A document type can name other files and grow without bound, and
        no definition has one.
    """,
)
REFUSED_BY_SCHEMA = Code(
    7005,
    "refused-by-schema",
    """
    What: A domain's XML does not meet libvirt's schema.
    Why: `virsh define` without `--validate` takes it, and drops what it does not know; with `--validate` it refuses it.
    """,
)


def read(file: Path) -> tuple[Source, Ingested | None, tuple[Diagnostic, ...]]:
    """One file, as far as it can be read."""
    try:
        data = file.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Source(file.as_posix(), ""), None, (Diagnostic(NO_SUCH_PATH, f"{file} cannot be read: {reason}"),)
    source = Source(file.as_posix(), data.decode("utf-8", "replace").removeprefix("\ufeff"))
    try:
        return source, read_domain(data, source), ()
    except NotXml as problem:
        return source, None, (Diagnostic(NOT_A_DOMAIN, f"this is not libvirt XML: {problem.message}", line_span(source, problem.line)),)
    except ValueError as problem:
        return source, None, (Diagnostic(NOT_A_DOMAIN, f"this is no domain: {problem}", line_span(source, 1)),)


def as_object(ingested: Ingested, source: Source) -> Vm:
    """A VM whose trails are the lines of its XML."""
    name = label_for(ingested.domain, Path(source.path).stem)
    trails = {path: (Step(StepKind.SET, f"XML {source.path}", span),) for path, span in ingested.spans.items()}
    return Object("vm", name, ingested.domain, Span(source, 0, 0), trails, ingested.spans, resolve=False)


def check_files(files: Iterable[Path], schemas: Schemas) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with some domains, each by itself and among each other."""
    found: list[Diagnostic] = []
    vms: list[Vm] = []
    for file in files:
        source, ingested, wrong = read(file)
        found += wrong
        if ingested is not None:
            vms.append(as_object(ingested, source))
            found += _against(schemas, file.read_bytes(), source)
    return (*found, *check(Fleet(tuple(vms))))


def _against(schemas: Schemas, data: bytes, source: Source) -> Iterable[Diagnostic]:
    from vmspec.ingest.xml import parse

    document = parse(data)
    for grammar in schemas.grammars:
        if grammar.valid(document):
            continue
        for element, attribute in culprits(grammar, document):
            what = f"{attribute}='{element.get(attribute)!s}' of <{element.tag!s}>" if attribute else f"<{element.tag!s}>"
            at = line_span(source, element.sourceline or 1)
            yield Diagnostic(REFUSED_BY_SCHEMA, f"libvirt's schema ({grammar.folder}) does not allow {what} here", at, Severity.WARNING)
