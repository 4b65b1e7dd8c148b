"""libvirt's XML of packet filters and secrets: read into the typed IR, and written as sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from vmspec.base.files import FileError, read_bytes
from vmspec.base.provenance import Path as FeaturePath
from vmspec.base.record import record
from vmspec.base.source import Source, Span
from vmspec.importing.definitions import MAX_BYTES
from vmspec.importing.domain import KeptComment, Untyped, read_root
from vmspec.importing.source import block_source, label_for
from vmspec.importing.statements import statements
from vmspec.importing.xml import NotXml, parse
from vmspec.model.block import Block
from vmspec.model.kinds import ObjectKind, by_root
from vmspec.model.nwfilter import Nwfilter, Rule
from vmspec.model.nwfilter_match import Match
from vmspec.model.secret import StoredSecret, usage_of
from vmspec.model.show import quote

IMPORTED = (ObjectKind.NWFILTER, ObjectKind.SECRET)
"""Besides domains: every one of libvirt's own tests of these (9.0.0) is emitted as it was read."""


@record(frozen=True)
class OtherDefinition:
    """A definition that is no domain's, under the label that it gets in the program."""

    kind: ObjectKind
    label: str
    source: Source
    block: Block
    spans: Mapping[FeaturePath, Span]
    untyped: tuple[Untyped, ...]
    comments: tuple[KeptComment, ...]
    reordered: bool = False
    """Of a filter: it includes another one after rules of its own, and is written the other way round."""

    @property
    def text(self) -> str:
        own = self.block.but(name=None) if self.kind.named and vars(self.block).get("name") == self.label else self.block
        return block_source(f"{self.kind} {quote(self.label)}", tuple(statements(own)), self.comments)


def read_others(files: Iterable[Path]) -> tuple[tuple[OtherDefinition, ...], tuple[Path, ...]]:
    """Those files that are definitions of other kinds, each once, and the rest: domains, and what is neither."""
    found: list[OtherDefinition] = []
    rest: list[Path] = []
    seen: set[Path] = set()
    labels: dict[ObjectKind, set[str]] = {}
    for file in files:
        known = _read(file)
        if known is None:
            rest.append(file)
        elif file.resolve() not in seen:
            seen.add(file.resolve())
            found.append(read_other(*known, labels))
    return tuple(found), tuple(rest)


def _read(file: Path) -> tuple[bytes, str] | None:
    try:
        data = read_bytes(file, MAX_BYTES)
        kind = by_root(str(parse(data).tag))
    except (FileError, NotXml):
        return None
    return (data, file.as_posix()) if kind in IMPORTED else None


def read_other(data: bytes, name: str, labels: dict[ObjectKind, set[str]]) -> OtherDefinition:
    """`labels` are those that are taken, by kind."""
    source, root = Source(name, data.decode("utf-8", "replace").removeprefix("\ufeff")), parse(data)
    kind = by_root(str(root.tag))
    assert kind is not None
    block, spans, untyped, comments = read_root(root, kind.root, source)
    if isinstance(block, Nwfilter):
        block = block.but(rule=tuple(_without_any(each) for each in block.rule))
    taken = labels.setdefault(kind, set())
    wanted = label_for(_named(block), Path(name).stem)
    label, copy = wanted, 2
    while label in taken:
        label, copy = f"{wanted}-{copy}", copy + 1
    taken.add(label)
    tags = [str(child.tag) for child in root if child.tag in ("rule", "filterref")]
    reordered = isinstance(block, Nwfilter) and tags != sorted(tags)
    return OtherDefinition(kind, label, source, block, spans, untyped, comments, reordered)


def _without_any(rule: Rule) -> Rule:
    """A protocol of which something is said needs no word that it is meant."""
    said = {name: value for name, value in vars(rule).items() if isinstance(value, Match) and set(vars(value)) - {"any", "label"}}
    return rule.but(**{name: value.but(any=None) for name, value in said.items()})


def _named(block: Block) -> Block:
    """A secret is called by what it is for."""
    return StoredSecret(name=usage_of(block)) if isinstance(block, StoredSecret) else block


def told(others: Iterable[OtherDefinition]) -> Iterator[str]:
    """What a person should know of the result."""
    for each in others:
        if each.reordered:
            yield f"vmc: nwfilter {each.label}: what it includes is written before its rules; among rules of one priority that is the order"
