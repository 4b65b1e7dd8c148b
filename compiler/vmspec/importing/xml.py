"""XML from files and hosts, parsed so that nothing in it can reach out or blow up."""

from __future__ import annotations

from lxml import etree

from vmspec.base.source import Source, Span


class NotXml(Exception):
    """The text is not well-formed, or holds what no definition needs: a document type, an entity."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def parse(data: bytes) -> etree._Element:
    """The root element. A document type is refused: with it come entities."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_blank_text=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as problem:
        line = problem.lineno or 1
        raise NotXml(" ".join((problem.msg or "it cannot be read").split(", line")[0].split()), line) from None
    doctype = root.getroottree().docinfo
    if doctype.internalDTD is not None:
        raise NotXml("it has a document type, and no definition has one", 1)
    return root


def line_span(source: Source, line: int) -> Span:
    """A line without the white space around it; the first or last one where there is no such line."""
    number = max(1, min(line, len(source.line_starts)))
    text = source.line_text(number)
    start = source.line_starts[number - 1] + len(text) - len(text.lstrip())
    return Span(source, start, start + len(text.strip()))
