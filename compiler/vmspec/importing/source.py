"""A Domain as the text of a `vm` that says exactly what it says: `resolve = false`, and nothing added."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import sha256

from vmspec.base.source import Source
from vmspec.importing.domain import KeptComment
from vmspec.importing.pins import folded
from vmspec.importing.statements import INDENT, SourceStatement, TextLine, lines, spellings, statements
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.show import escape_unseen, quote

LONGEST = 180
"""Bytes of a label: it becomes the name of files, with a suffix, where 255 are possible."""
WIDTH = 100
"""Columns: as `vmc fmt` has it (syntax/formatter.py), which is loaded only for lines that are longer."""
RESOLVE = SourceStatement(("resolve",), "resolve", text="false")


def vm_source(domain: Domain, label: str, comments: tuple[KeptComment, ...] = ()) -> str:
    """`label` is the vm's name in the language; another name in the XML is kept as a feature."""
    return block_source(f"vm {quote(label)}", vm_body(domain, label), comments)


def vm_body(domain: Domain, label: str) -> tuple[SourceStatement, ...]:
    shown = folded(domain.but(name=None) if domain.name == label else domain)
    return (RESOLVE, *statements(shown), *spellings(shown))


def block_source(head: str, body: Sequence[SourceStatement], comments: tuple[KeptComment, ...] = (), short: bool = False) -> str:
    """A declaration of the file with its body, as `vmc fmt` would leave it."""
    inside = _commented(list(lines(body, 1, short)), comments)
    return "\n".join([f"{head} {{", *(_laid_out(line) for line in inside), "}", ""])


def _laid_out(line: TextLine) -> str:
    text = INDENT * line.depth + line.text
    if len(text) <= WIDTH or line.text.startswith("#") or line.text.endswith("{") or ' = "' in line.text[: line.text.find("=") + 3]:
        return text
    return _broken(line.depth, line.text)


@lru_cache(maxsize=1024)
def _broken(depth: int, text: str) -> str:
    """A line that is too long, on several; the formatter is asked about it alone, since nothing around it makes a difference."""
    from vmspec.syntax.formatter import format
    from vmspec.syntax.parser import parse

    whole = "\n".join((*["a {"] * depth, text, *["}"] * depth, ""))
    made = format(parse(Source("", whole))).splitlines()
    return "\n".join(made[depth : len(made) - depth])


def label_for(block: Block, fallback: str = "vm") -> str:
    """A name for the object in the language, where libvirt's own may be missing or none for a file."""
    name = re.sub(r"[/\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", "_", str(vars(block).get("name") or "")).strip()
    name = fallback if name in ("", ".", "..") else re.sub(r"^\.", "_", name)
    data = name.encode()
    if len(data) <= LONGEST:
        return name
    return f"{data[: LONGEST - 9].decode(errors='ignore')}-{sha256(data).hexdigest()[:8]}"


def _commented(body: list[TextLine], comments: tuple[KeptComment, ...]) -> Iterator[TextLine]:
    """Puts each comment before the first line of what it stands before, or of the nearest block around it."""
    before: dict[int, list[str]] = {}
    for comment in comments:
        before.setdefault(_spot(body, comment.before), []).append(comment.text)
    for number, line in enumerate(body):
        for text in before.get(number, ()):
            yield from (TextLine((), line.depth, f"# {escape_unseen(part.strip())}") for part in text.splitlines() if part.strip())
        yield line


def _spot(body: list[TextLine], path: tuple[str, ...]) -> int:
    while path:
        for number, line in enumerate(body):
            if line.path[: len(path)] == path:
                return number
        path = path[:-1]
    return 0
