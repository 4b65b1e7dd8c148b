"""Our XML Schema of domain XML, made of the model's lines and nothing else, with identity constraints for what refers to what.

Content is a sequence in the order of emission. Elements of other namespaces (metadata, qemu:commandline) may stand anywhere in it.
Sources: XML Schema Part 1, 3.11 (identity constraints) and 3.8.6 (unique particle attribution).
"""

from __future__ import annotations

from collections.abc import Iterable

from vmspec.base.record import field, record
from vmspec.model.block import Attr, Block, Field
from vmspec.model.domain import Domain
from vmspec.model.kind import TEXT, Kind, Parts
from vmspec.model.layout import Blocks, Child, Constant, Element, Entries, Items, Several, Slot, Tag, layout
from vmspec.model.place import Place, XmlStep
from vmspec.validate.identity import BUT_SHARED, CONSTRAINTS, DEVICES, DOMAIN, REFERENCES, SHARED, Constraint
from vmspec.validate.xsd_types import ANY, forms, units, words

Form = str
"""A restriction of a simple type, or ANY."""
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">\n'
OPTIONAL, ANY_NUMBER = ' minOccurs="0"', ' maxOccurs="unbounded"'
FOREIGN = f'<xs:any namespace="##other" processContents="lax"{OPTIONAL}{ANY_NUMBER}/>'
FOREIGN_ATTRIBUTES = '<xs:anyAttribute namespace="##other" processContents="lax"/>'
OPEN = ("metadata",)
"""Elements whose content belongs to others."""


@record(frozen=True)
class XsdPart:
    """One thing of the model that makes an element: several may make the same one."""

    of: Element | Items | Entries | Blocks | type[Block]
    fixed: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[int, tuple[tuple[str, str], ...]]:
        return id(self.of), self.fixed


@record
class Content:
    """What the parts of one element hold together."""

    attributes: dict[str, list[Form]] = field(default_factory=dict)
    text: list[Form] = field(default_factory=list)
    children: list[tuple[str, XsdPart, bool]] = field(default_factory=list)
    """Name, part, and whether there may be several."""


def text(block: type[Block] = Domain, *, identity: bool = True) -> str:
    """The whole schema; the same model gives the same bytes. Without `identity` it says nothing of what refers to what."""
    return _Schema(identity).document(block)


class _Schema:
    def __init__(self, identity: bool) -> None:
        self._identity = identity
        self._complex: dict[tuple[tuple[int, tuple[tuple[str, str], ...]], ...], str] = {}
        self._simple: dict[str, str] = {}
        self._kept: list[XsdPart] = []
        self._bodies: dict[str, str] = {}
        self._inside: set[str] = set()
        """Types that are being made and that nothing has referred to yet."""

    def _constraints(self, name: str, children: Iterable[Child]) -> str:
        """What stands in the declaration of an element."""
        if not self._identity or name not in (DOMAIN, DEVICES):
            return ""
        inside = dict.fromkeys(child.step.name for child in children if ":" not in child.step.name)
        return "".join(f"\n {c.xsd(_selector(c, inside))}" for c in CONSTRAINTS if c.within == name)

    def document(self, block: type[Block]) -> str:
        name = layout(block).root.step.name
        root = self._type(name, [XsdPart(block)])
        complex_ = "".join(f'<xs:complexType name="{name}"{body}' for body, name in self._bodies.items())
        simple = "".join(f'<xs:simpleType name="{n}">{body}</xs:simpleType>\n' for body, n in self._simple.items())
        top = f'<xs:element name="{name}" type="{root}">{self._constraints(name, ())}\n</xs:element>\n'
        return f"{HEAD}{top}{complex_}{simple}</xs:schema>\n"

    def _type(self, name: str, parts: list[XsdPart]) -> str:
        """The name of the type of an element that these parts make; equal types are one."""
        parts = list({part.key: part for part in parts}.values())
        key = tuple(part.key for part in parts)
        known = self._complex.get(key)
        if known is not None:
            self._inside.discard(known)
            return known
        self._kept += parts
        type_ = self._complex[key] = f"{name.replace(':', '-')}.{len(self._complex) + 1}"
        self._inside.add(type_)
        content = Content()
        for part in parts:
            _fill(content, part)
        body = self._complex_type(name, content)
        if type_ in self._inside:  # nothing within refers to it
            self._inside.discard(type_)
            type_ = self._complex[key] = self._bodies.setdefault(body, type_)
        else:
            self._bodies[body] = type_
        return type_

    def _complex_type(self, name: str, content: Content) -> str:
        """All of a type but its name."""
        own = [(a, self._simple_type([ANY] if (name, a) in REFERENCES else of)) for a, of in content.attributes.items() if ":" not in a]
        attributes = "".join(f'<xs:attribute name="{a}" type="{type_}"/>' for a, type_ in own) + FOREIGN_ATTRIBUTES
        if name in OPEN:
            model = f"<xs:sequence>{FOREIGN.replace('##other', '##any')}</xs:sequence>"
            return f' mixed="true">{model}{attributes}</xs:complexType>\n'
        if content.children:
            mixed = ' mixed="true"' if content.text else ""
            return f"{mixed}>{self._model(content.children)}{attributes}</xs:complexType>\n"
        if content.text:
            empty = [words(("",))] if content.attributes else []  # attributes may stand alone: `<model fallback='allow'/>`
            base = self._simple_type([ANY] if (name, "") in REFERENCES else [*content.text, *empty])
            inside = f'<xs:simpleContent><xs:extension base="{base}">{attributes}</xs:extension></xs:simpleContent>'
            return f">{inside}</xs:complexType>\n"
        return f">{attributes}</xs:complexType>\n"

    def _model(self, children: list[tuple[str, XsdPart, bool]]) -> str:
        """A sequence where every name stands in one run, else any order. Elements of other namespaces stand where the first of them
        does, else at the end."""
        slots = ["" if ":" in name else name for name, _, _ in children]
        runs = [name for at, name in enumerate(slots) if at == 0 or slots[at - 1] != name]
        order = list(dict.fromkeys([*runs, ""]))
        elements = {name: self._element(name, [child for child in children if child[0] == name]) for name in order if name}
        if len(runs) == len(set(runs)):
            return f"<xs:sequence>{''.join(elements.get(name, FOREIGN) for name in order)}</xs:sequence>"
        inner = "".join(elements.get(name, FOREIGN).replace(ANY_NUMBER, "").replace(OPTIONAL, "") for name in order)
        return f"<xs:choice{OPTIONAL}{ANY_NUMBER}>{inner}</xs:choice>"

    def _element(self, name: str, made_by: list[tuple[str, XsdPart, bool]]) -> str:
        several = len(made_by) > 1 or any(many for _, _, many in made_by)
        type_ = self._type(name, [part for _, part, _ in made_by])
        head = f'<xs:element name="{name}" type="{type_}"{OPTIONAL}{ANY_NUMBER if several else ""}'
        inside = (child for _, part, _ in made_by if isinstance(part.of, Element) for child in part.of.children)
        constraints = self._constraints(name, inside)
        return f"{head}>{constraints}</xs:element>" if constraints else f"{head}/>"

    def _simple_type(self, of: Iterable[Form]) -> str:
        distinct = tuple(dict.fromkeys(of))
        if ANY in distinct or not distinct:
            return "xs:string"
        if len(distinct) == 1:
            body = distinct[0]
        else:
            body = f"<xs:union>{''.join(f'<xs:simpleType>{form}</xs:simpleType>' for form in distinct)}</xs:union>"
        return self._simple.setdefault(body, f"text.{len(self._simple) + 1}")


def _selector(constraint: Constraint, inside: Iterable[str]) -> str:
    return "|".join(name for name in inside if name not in SHARED) if constraint.selector == BUT_SHARED else constraint.selector


def _fill(content: Content, part: XsdPart) -> None:
    match part.of:
        case Element() as element:
            _step(content, element.step)
            _element(content, element)
        case Blocks() as blocks:
            _step(content, blocks.step)
            _element(content, layout(blocks.block).root)
            for name, fixed in blocks.fixed:
                content.attributes.setdefault(name, []).append(words((fixed,)))
        case Items() as items:
            _items(content, items)
        case Entries() as entries:
            _step(content, entries.step)
            _at(content, entries.key, ANY)
            for form in forms(entries.line.kind):
                _at(content, entries.value, form)
        case type() as block:
            _element(content, layout(block).root)


def _step(content: Content, step: XmlStep) -> None:
    for name, value in step.constants:
        content.attributes.setdefault(name, []).append(words((value,)))
    if step.label:
        content.attributes.setdefault(step.label, []).append(ANY)


def _element(content: Content, element: Element) -> None:
    for slot in element.attributes:
        match slot:
            case Slot():
                _value(content, slot.name, slot.kind)
            case Tag():
                content.attributes.setdefault(slot.name, []).append(words(slot.texts.values()))
            case Constant():
                content.attributes.setdefault(slot.name, []).append(words((slot.text,)))
            case Several():
                _parts(content, slot.kind)
    for slot in element.texts:
        if isinstance(slot, Tag):
            content.text.append(words(slot.texts.values()))
        else:
            _value(content, "", slot.kind)
    content.children += ((child.step.name, _part(child), _many(child)) for child in element.children)


def _part(child: Child) -> XsdPart:
    return XsdPart(child)


def _many(child: Child) -> bool:
    match child:
        case Element():
            return bool(child.repeat)
        case Blocks():
            return child.many
        case _:
            return True


def _value(content: Content, name: str, kind: Kind) -> None:
    (content.attributes.setdefault(name, []) if name else content.text).extend(forms(kind))
    if kind.has_unit:
        content.attributes.setdefault("unit", []).append(units(kind))


def _parts(content: Content, kind: Parts) -> None:
    for name in kind.names:
        content.attributes.setdefault(name, []).append(ANY)


def _items(content: Content, items: Items) -> None:
    _step(content, items.step)
    item = items.kind.item
    if isinstance(item, Parts):
        _parts(content, item)
    else:
        _value(content, items.name, item)


def _at(content: Content, place: Place, form: Form) -> None:
    """A text at a place below an entry's element."""
    if place.steps:
        content.children.append((place.steps[0].name, XsdPart(_wrapper(place)), False))
    elif place.attribute:
        content.attributes.setdefault(place.attribute, []).append(form)
    else:
        content.text.append(form)


def _wrapper(place: Place) -> Element:
    """The element that an entry's key or value is wrapped in, with any text."""
    line = Attr("", TEXT, "")
    slot = Slot(0, Field("", "", line), TEXT, place.attribute or "")
    inner = Element(place.steps[-1], "", attributes=[slot] if place.attribute else [], texts=[] if place.attribute else [slot])
    for step in reversed(place.steps[:-1]):
        inner = Element(step, "", children=[inner])
    return inner
