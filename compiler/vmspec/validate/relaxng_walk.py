"""libvirt's RELAX NG as a tree of patterns: what elements, attributes and texts it allows where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import etree

from vmspec.model.coverage import Coverage, Pattern, coverage
from vmspec.model.domain import Domain

_NS = "{http://relaxng.org/ns/structure/1.0}"
_TEXTUAL = {f"{_NS}{name}" for name in ("text", "data", "value", "list")}


def domain_coverage(schema_dir: Path) -> Coverage:
    """What the model claims of the domain schema of a libvirt. An OSError or ValueError where that cannot be read."""
    return coverage(Grammar(schema_dir / "domain.rng").root("domain"), Domain)


class Grammar:
    """The definitions of a schema file and of those it includes, by name; several of one name are alternatives."""

    def __init__(self, file: Path) -> None:
        self._defines: dict[str, list[etree._Element]] = {}
        self._starts: list[etree._Element] = []
        self._patterns: dict[tuple[etree._Element, ...], Pattern] = {}
        self._inner: dict[etree._Element, tuple[etree._Element, ...]] = {}
        self._load(file, set())

    def root(self, name: str) -> Pattern:
        """The pattern of the element of this name that a document may begin with; a KeyError if there is none."""
        return self._pattern((self._begin(name),))

    def has(self, names: Sequence[str], attribute: str = "") -> bool:
        """Whether there is such an element below the domain, or such an attribute of it."""
        elements = self._elements(names)
        return bool(self._attributes(elements, attribute) if attribute else elements)

    def words(self, names: Sequence[str], attribute: str) -> frozenset[str] | None:
        """The words that an element's text, or this attribute of it, is one of; None where others may stand there, or nothing at all."""
        elements = self._elements(names)
        holders = self._attributes(elements, attribute) if attribute else elements
        texts = [part for holder in holders for part in self._parts(holder) if part.tag in _TEXTUAL]
        closed = bool(texts) and all(part.tag == f"{_NS}value" for part in texts)
        return frozenset(str(part.text) for part in texts) if closed else None

    def _begin(self, name: str) -> etree._Element:
        for start in self._starts:
            for element in self._within(start, frozenset()):
                if element.tag == f"{_NS}element" and element.get("name") == name:
                    return element
        raise KeyError(name)

    def _elements(self, names: Sequence[str]) -> list[etree._Element]:
        level = [self._begin("domain")]
        for name in names:
            inner = [p for e in level for p in self._parts(e) if p.tag == f"{_NS}element" and {name, "*"} & {*self._names(p)}]
            level = list(dict.fromkeys(inner))
        return level

    def _attributes(self, elements: list[etree._Element], name: str) -> list[etree._Element]:
        return [p for e in elements for p in self._parts(e) if p.tag == f"{_NS}attribute" and {name, "*"} & {*self._names(p)}]

    def _parts(self, element: etree._Element) -> tuple[etree._Element, ...]:
        known = self._inner.get(element)
        if known is None:
            known = self._inner[element] = tuple(self._within(element, frozenset()))
        return known

    def _load(self, file: Path, seen: set[Path]) -> None:
        if file in seen:
            return
        seen.add(file)
        try:
            root = etree.parse(str(file), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        except etree.XMLSyntaxError as problem:
            raise ValueError(f"{file}: {problem.msg}") from None
        for part in root.iter(f"{_NS}include"):
            self._load(file.parent / str(part.get("href")), seen)
        for part in root.iter(f"{_NS}define"):
            self._defines.setdefault(str(part.get("name")), []).append(part)
        self._starts += root.iter(f"{_NS}start")

    def _pattern(self, elements: tuple[etree._Element, ...]) -> Pattern:
        """What any of these elements of one name allows. Of the same elements it is the same pattern, so that recursive schemas end."""
        known = self._patterns.get(elements)
        if known is not None:
            return known
        parts = [part for element in elements for part in self._parts(element)]
        attributes = dict.fromkeys(name for p in parts if p.tag == f"{_NS}attribute" for name in self._names(p))
        text = any(p.tag in _TEXTUAL for p in parts)
        inner: dict[str, dict[etree._Element, None]] = {}
        for part in parts:
            if part.tag == f"{_NS}element":
                inner.setdefault(self._tag(part), {})[part] = None
        groups = [tuple(group) for group in inner.values()]
        made = Pattern(self._tag(elements[0]), tuple(attributes), text, lambda: [self._pattern(group) for group in groups])
        self._patterns[elements] = made
        return made

    def _tag(self, element: etree._Element) -> str:
        (name, *_) = (*self._names(element), "*")
        uri = next((a.get("ns") for a in (element, *element.iterancestors()) if a.get("ns")), "")
        return f"{{{uri}}}{name}" if uri and name != "*" else name

    def _within(self, node: etree._Element, open_: frozenset[str]) -> Iterator[etree._Element]:
        """Attributes, texts and elements of a pattern, through references and not into the elements."""
        for child in node:
            if child.tag == f"{_NS}ref":
                name = str(child.get("name"))
                if name not in open_:
                    for define in self._defines.get(name, ()):
                        yield from self._within(define, open_ | {name})
            elif child.tag in (f"{_NS}element", f"{_NS}attribute") or child.tag in _TEXTUAL:
                yield child
            elif child.tag not in (f"{_NS}anyName", f"{_NS}nsName", f"{_NS}name", f"{_NS}notAllowed"):
                yield from self._within(child, open_)

    def _names(self, part: etree._Element) -> list[str]:
        if part.get("name"):
            return [str(part.get("name"))]
        named = [str(n.text) for n in part.iterchildren(f"{_NS}name")]
        return named or ["*"]
