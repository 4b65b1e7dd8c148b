"""The reference of the model: a page for each object and each of its blocks, read off the typed lines and nothing else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from inspect import cleandoc

from vmspec.base.record import field as filled
from vmspec.base.record import record
from vmspec.docs_gen.page import DocPage, anchor, code, link, page, prose, sentence, table
from vmspec.docs_gen.values import takes
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.kind import Problem
from vmspec.model.kinds import kind_of
from vmspec.model.show import show

FOLDER = "reference"
SHARED = "parts"
HEAD = ("Setting", "Takes", "Default", "Since libvirt", "XML", "What it is")


@record(eq=False)
class Section:
    """A block on its page: the way to it, and where its features' places count from."""

    block: type[Block]
    path: str
    """As a setting is written: `disk.L.source`; "" on a page that blocks share."""
    at: str
    """The XML place of its element."""


@record(eq=False)
class Site:
    """Which page describes which block."""

    shared: Mapping[type[Block], str]
    """The page, from the folder, of a block that is used on several."""
    sections: list[Section] = filled(default_factory=list)
    """Of the page that is being written, in order."""


def pages(roots: Mapping[str, type[Block]]) -> Iterator[DocPage]:
    site = Site(_shared(roots))
    yield page(f"{FOLDER}/README.md", _index(roots, site))
    for kind, root in roots.items():
        yield page(f"{FOLDER}/{kind}/README.md", _object(kind, root, site))
        for each in schema(root):
            if each.types and each.types[0] not in site.shared:
                yield page(f"{FOLDER}/{kind}/{each.name}.md", _block(kind, root, each, site))
    for name in sorted(set(site.shared.values())):
        yield page(f"{FOLDER}/{name}", _shared_page([block for block, file in site.shared.items() if file == name], site))


# ---------------------------------------------------------------------------------------- which page has what


def _shared(roots: Mapping[str, type[Block]]) -> dict[type[Block], str]:
    """The blocks that more than one page uses, in the order in which they are met."""
    users: dict[type[Block], list[str]] = {}
    for kind, root in roots.items():
        for each in schema(root):
            for block in _below(each):
                users.setdefault(block, []).append(f"{kind}.{each.name}")
    return {block: f"{SHARED}/{_module(block)}.md" for block, found in users.items() if len(found) > 1}


def _below(each: Field) -> list[type[Block]]:
    """The blocks of a line and all in them, each once."""
    found: list[type[Block]] = []
    waiting = list(each.types)
    while waiting:
        block = waiting.pop(0)
        if block not in found:
            found.append(block)
            waiting += (t for inner in schema(block) for t in inner.types)
    return found


def _module(block: type[Block]) -> str:
    return block.__module__.rpartition(".")[2].replace("_", "-")


def _id(block: type[Block]) -> str:
    """The anchor of a block on its page."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", block.__name__).lower()


# --------------------------------------------------------------------------------------------------- pages


def _index(roots: Mapping[str, type[Block]], site: Site) -> Iterator[str]:
    yield "# Reference"
    yield (
        "Everything that an object can say, with its XML place. A place counts from the object's own element; `L` is the label of a block. "
        "A setting without an XML place is an intent, which the compiler turns into others."
    )
    rows = ((link(code(kind), f"{kind}/README.md"), prose(kind_of(kind).about.partition(".")[0] + ".")) for kind in roots)
    yield table(("Object", "What it is"), rows)
    yield "The profiles that come with the compiler: [standard profiles](std/README.md)."
    yield "What the compiler reports: [diagnostics](../diagnostics/README.md)."
    shared = ", ".join(link(_titled(file), file) for file in sorted(set(site.shared.values())))
    yield f"Blocks that several others use: {shared}."


def _object(kind: str, root: type[Block], site: Site) -> Iterator[str]:
    yield f"# {code(kind)}"
    yield kind_of(kind).about
    yield link("Reference", "../README.md")
    yield "## Settings"
    section = Section(root, "", "")
    own = [each for each in schema(root) if not each.types]
    yield table(HEAD, (_row(each, section, site) for each in own))
    blocks = [each for each in schema(root) if each.types]
    if blocks:
        yield "## Blocks"
        yield table(("Block", "Since libvirt", "What it is"), (_listed(each, site) for each in blocks))


def _listed(each: Field, site: Site) -> tuple[str, str, str]:
    block = each.types[0]
    target = f"../{site.shared[block]}#{_id(block)}" if block in site.shared else f"{each.name}.md"
    label = " L" if isinstance(each.line, Many) else ""
    return link(code(f"{each.name}{label}"), target), each.line.since, prose(_about(each))


def _block(kind: str, root: type[Block], each: Field, site: Site) -> Iterator[str]:
    yield f"# {code(f'{kind}: {each.name}')}"
    yield prose(_about(each))
    yield from (prose(note) for note in _labels(each))
    yield f"{link(code(kind), 'README.md')} · {link('Reference', '../README.md')}"
    top = Section(root, "", "")
    site.sections = []
    for block in each.types:
        _plan(_inside(top, each, block), site)
    yield from _sections(site)


def _shared_page(blocks: list[type[Block]], site: Site) -> Iterator[str]:
    yield f"# {_titled(site.shared[blocks[0]])}"
    yield prose(sentence(sys.modules[blocks[0].__module__].__doc__ or ""))
    yield "Several blocks use these; their places count from the element of the block that does."
    yield link("Reference", "../README.md")
    site.sections = [Section(block, "", f"…/{block.element}" if block.element else "…") for block in blocks]
    yield from _sections(site)


def _titled(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".md").replace("-", " ").capitalize()


# ------------------------------------------------------------------------------------------------- sections


def _plan(section: Section, site: Site) -> None:
    """Puts a block and what is in it on the page: each class once, shared ones not at all."""
    if section.block in site.shared or any(known.block is section.block for known in site.sections):
        return
    site.sections.append(section)
    for each in schema(section.block):
        for block in each.types:
            _plan(_inside(section, each, block), site)


def _inside(section: Section, each: Field, block: type[Block]) -> Section:
    at = getattr(each.line, "at", None)
    element = block.element if at is None else at
    label = ".L" if isinstance(each.line, Many) else ""
    path = f"{section.path}.{each.name}{label}".lstrip(".")
    return Section(block, f"{path} = {block.tag}(…)" if isinstance(each.line, Choice) else path, _joined(section.at, element))


def _sections(site: Site) -> Iterator[str]:
    for section in site.sections:
        block = section.block
        yield f"{anchor(_id(block))}\n\n## {code(section.path or block.tag or _id(block))}"
        yield prose(" ".join(cleandoc(block.__doc__ or "").partition("\n\n")[0].split()))
        if block.positional:
            named = ", ".join(code(name.replace("_", "-")) for name in block.positional)
            yield f"In the call, what has no name is {named}, in this order."
        if block.main:
            yield f"A value that is set to the block itself is its {code(block.main.replace('_', '-'))}."
        rows = [_row(each, section, site) for each in schema(block)]
        yield table(HEAD, rows) if rows else "It has no settings."


def _row(each: Field, section: Section, site: Site) -> tuple[str, ...]:
    line = each.line
    name = anchor(each.name) if not section.path and section.at == "" else anchor(f"{_id(section.block)}.{each.name}")
    label = " L" if isinstance(line, Many) else ""
    return f"{name}{code(each.name + label)}", _takes(each, site), _default(each), line.since, _place(each, section), prose(_about(each))


def _takes(each: Field, site: Site) -> str:
    match each.line:
        case Attr() as line:
            return takes(line.kind)
        case OpenMap() as line:
            keys = f" with the keys {' '.join(map(code, line.keys))}" if line.keys else ""
            return f"map{keys} of: {takes(line.kind)}"
        case Sub():
            return _linked(each.types[0], "block", site)
        case Many():
            return _linked(each.types[0], "blocks", site)
        case Choice():
            return "one of " + " ".join(_linked(block, code(block.tag), site) for block in each.types)


def _linked(block: type[Block], text: str, site: Site) -> str:
    return link(text, f"../{site.shared[block]}#{_id(block)}" if block in site.shared else f"#{_id(block)}")


def _default(each: Field) -> str:
    match each.line:
        case Attr(default=default, kind=kind) if default is not None:
            read = kind.read(default)
            return code(show(default if isinstance(read, Problem) else read))
        case _:
            return ""


def _place(each: Field, section: Section) -> str:
    """Empty where it has none, and where it is the object's own element."""
    line = each.line
    match line:
        case Attr() | OpenMap():
            place = line.place if line.place is None else _joined(section.at, line.place)
        case Sub() | Many():
            place = _joined(section.at, each.types[0].element if line.at is None else line.at)
        case Choice():
            place = _joined(section.at, line.on) if line.on else ""
    return code(place) if place else ""


def _joined(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _about(each: Field) -> str:
    """What the line says of itself, or else its block."""
    doc = each.doc or (sentence(cleandoc(each.types[0].__doc__ or "")) if each.types else "")
    combined = getattr(each.line, "combine", "equal")
    joined = {
        "min": " Of several VMs' requests the smallest counts.",
        "max": " Of several VMs' requests the largest counts.",
        "sum": " Several VMs' requests are added.",
        "union": " Several VMs' requests are joined.",
    }
    return doc + joined.get(combined, "")


def _labels(each: Field) -> Iterator[str]:
    if isinstance(each.line, Many):
        if each.line.numbered:
            yield f"The label is a number; a range of them stands for each: `{each.name} 0-3 {{ }}`."
        if each.line.implied:
            yield f"Without a label it is `{each.line.implied}`."
