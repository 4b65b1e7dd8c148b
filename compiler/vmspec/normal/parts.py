"""Raw parts that libvirt reads although no line of the model claims them: what stands in them, element by element."""

from __future__ import annotations

from typing import NamedTuple
from xml.parsers import expat

from vmspec.model.cpu import Cpu
from vmspec.model.domain import Domain
from vmspec.model.kind import SIZE_KIB, Text, parse_cpus
from vmspec.model.numa import Cell, Numa
from vmspec.model.value import Size, Symbol, Value
from vmspec.normal.edit import labelled, made
from vmspec.normal.target import Target

_WRAPPER = "<part>{}</part>"


class PartElement(NamedTuple):
    """One element of a part; `namespace` is "" for none."""

    namespace: str
    name: str
    attributes: dict[str, str]
    text: str
    """The element as it stands in the part."""


def elements(part: str) -> tuple[PartElement, ...]:
    """The outermost elements, in order."""
    document = _WRAPPER.format(part).encode()
    parser = expat.ParserCreate(namespace_separator=" ")
    found: list[tuple[str, dict[str, str], int]] = []
    ends: list[int] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == 2:
            found.append((name, attributes, parser.CurrentByteIndex))

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1
        if depth == 1:
            at = parser.CurrentByteIndex
            ends.append(document.index(b">", at) + 1 if document[at : at + 2] == b"</" and not _is_empty(document, found[-1][2]) else 0)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(document, True)
    # The end of an empty element is reported where the element begins or just after it, by the version of expat.
    bounds = [max(e, document.index(b">", s) + 1) for (_, _, s), e in zip(found, ends, strict=True)]
    whole = zip(found, bounds, strict=True)
    return tuple(PartElement(*_name(name), attributes, document[s:e].decode()) for (name, attributes, s), e in whole)


def _is_empty(document: bytes, start: int) -> bool:
    """Whether the element that begins there is one tag. No `>` stands in it but as its end: what libvirt writes is escaped."""
    return document[document.index(b">", start) - 1 : document.index(b">", start)] == b"/"


def _name(name: str) -> tuple[str, str]:
    namespace, _, local = name.rpartition(" ")
    return namespace, local


def metadata(vm: Domain, target: Target) -> Domain:
    """One element of each namespace, and none without (virXMLNodeSanitizeNamespaces, src/util/virxml.c 9.0.0)."""
    part = vm.raw.get("metadata")
    if part is None:
        return vm
    kept: dict[str, str] = {}
    for element in elements(part):
        if element.namespace:
            kept.setdefault(element.namespace, element.text)
    rest = {place: text for place, text in vm.raw.items() if place != "metadata"}
    return vm.but(raw={**rest, "metadata": "".join(kept.values())} if kept else rest)


def cells(vm: Domain, target: Target) -> Domain:
    """A cell without a number has that of its position (virDomainNumaDefParseXML, src/conf/numa_conf.c 9.0.0)."""
    part = vm.raw.get("cpu/numa")
    if part is None:
        return vm
    own: list[Cell] = list(vm.numa.cell) if vm.numa is not None else []
    for element in elements(part):
        if element.name == "cell":
            own.append(_cell(element.attributes, len(own)))
    return vm.but(numa=made(vm.numa, Numa, cell=tuple(own)), raw={place: text for place, text in vm.raw.items() if place != "cpu/numa"})


def features(vm: Domain, target: Target) -> Domain:
    """A feature of the processor without a policy is required (virCPUDefParseXML, src/conf/cpu_conf.c 9.0.0)."""
    part = vm.raw.get("cpu")
    if part is None:
        return vm
    own: dict[str, Value] = dict(vm.cpu.features or {}) if vm.cpu is not None else {}
    for element in elements(part):
        if element.name == "feature" and "name" in element.attributes:
            own[element.attributes["name"]] = Symbol(element.attributes.get("policy", "require"))
    cpu = made(vm.cpu, Cpu, features=own) if own else vm.cpu
    return vm.but(cpu=cpu, raw={place: text for place, text in vm.raw.items() if place != "cpu"})


def _cell(attributes: dict[str, str], position: int) -> Cell:
    memory = SIZE_KIB.from_xml(Text(attributes.get("memory", ""), attributes.get("unit")))
    features = {
        "cpus": parse_cpus(attributes.get("cpus", "")),
        "memory": memory if isinstance(memory, Size) else None,
        "access": Symbol(attributes["memAccess"]) if "memAccess" in attributes else None,
        "discard": attributes["discard"] == "yes" if "discard" in attributes else None,
    }
    return labelled(Cell, attributes.get("id", str(position)), **{name: value for name, value in features.items() if value is not None})
