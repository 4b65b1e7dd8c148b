"""libvirt's domain XML as a Domain: nothing is lost, and every feature knows its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from lxml import etree

from vmspec.base.provenance import Path, Step, StepKind
from vmspec.base.record import record
from vmspec.base.source import Source, Span
from vmspec.importing.frame import ReadingSession
from vmspec.importing.read import read_block
from vmspec.importing.xml import line_span, parse
from vmspec.lower.fleet import Object, Vm
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.kinds import ObjectKind


@record(frozen=True, slots=True)
class Untyped:
    """A part that no line of the model claims."""

    block: Path
    place: str
    part: str


@record(frozen=True, slots=True)
class KeptComment:
    """A comment, and the path of what it stands before."""

    before: Path
    text: str


@record(frozen=True, slots=True)
class Ingested:
    domain: Domain
    spans: Mapping[Path, Span]
    """Of every feature and block, the line in the XML."""
    untyped: tuple[Untyped, ...]
    comments: tuple[KeptComment, ...]


def read_domain(data: bytes, source: Source) -> Ingested:
    """`source` is the text of `data`. Raises NotXml for what cannot be read, and ValueError for another root element."""
    return from_tree(parse(data), source)


def from_tree(root: etree._Element, source: Source) -> Ingested:
    if root.tag != "domain":
        raise ValueError(f"the root element is {root.tag!s}, not domain")
    return Ingested(*read_root(root, Domain, source))


B = TypeVar("B", bound=Block)


def read_root(
    root: etree._Element, kind: type[B], source: Source
) -> tuple[B, Mapping[Path, Span], tuple[Untyped, ...], tuple[KeptComment, ...]]:
    """A document as a block of this class, with the line of each feature, what no line claims, and comments."""
    session = ReadingSession()
    block = kind(**read_block(kind, root, (), session))
    by_line = {line: line_span(source, line) for line in dict.fromkeys(session.lines.values())}
    spans = {path: by_line[line] for path, line in session.lines.items()}
    return block, spans, tuple(Untyped(*each) for each in session.untyped), _comments(root, session)


def vm_of(read: Ingested, name: str) -> Vm:
    """What was read as an object that rules look at: nothing is added to it, and every trail points into the XML."""
    trails = {path: (Step(StepKind.SET, "xml", span),) for path, span in read.spans.items()}
    return Object(ObjectKind.VM, name, read.domain, read.spans[()], trails, read.spans, resolve=False)


def _comments(root: etree._Element, session: ReadingSession) -> tuple[KeptComment, ...]:
    before = [
        KeptComment((), str(c.text or "")) for c in reversed(list(root.itersiblings(preceding=True))) if isinstance(c, etree._Comment)
    ]
    inside = [KeptComment(_path(near, session), text) for text, near in session.comments]
    after = [KeptComment((), str(c.text or "")) for c in root.itersiblings() if isinstance(c, etree._Comment)]
    return (*before, *inside, *after)


def _path(element: etree._Element | None, session: ReadingSession) -> Path:
    while element is not None and element not in session.paths:
        element = element.getparent()
    return () if element is None else session.paths[element]
