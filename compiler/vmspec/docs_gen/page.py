"""A page of Markdown: its mark, and how text, code and tables are written so that nothing in them is taken for markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from vmspec.base.record import record

MARK = "<!-- Written by `vmc docs`: change what it is made from, not this page. -->"
"""The first line of every page; a file without it is not ours to overwrite."""
_CODE = re.compile(r"(`+[^`]*`+)")


@record(frozen=True)
class DocPage:
    """One file of the documentation. `path` is relative to the output directory, with `/`."""

    path: str
    text: str


def page(path: str, blocks: Iterable[str]) -> DocPage:
    """Blocks are separated by an empty line."""
    return DocPage(path, "\n\n".join((MARK, *blocks)) + "\n")


def code(text: str) -> str:
    """A code span, whatever the text holds."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def prose(text: str) -> str:
    """Text in which code spans stand as they are, and nothing else is markup."""
    parts = _CODE.split(text)
    return "".join(part if at % 2 else re.sub(r"([<*\[\]\\])", r"\\\1", part) for at, part in enumerate(parts))


def fenced(text: str, language: str = "") -> str:
    """A block of code."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns that are empty in every row are left out."""
    body = [tuple(_cell(cell) for cell in row) for row in rows]
    kept = [at for at in range(len(head)) if any(row[at] for row in body)]
    lines = [tuple(head), tuple("---" for _ in head), *body]
    return "\n".join("| " + " | ".join(line[at] for at in kept) + " |" for line in lines)


def anchor(name: str) -> str:
    return f'<a id="{name}"></a>'


def link(text: str, target: str) -> str:
    return f"[{text}]({target})"


def sentence(doc: str) -> str:
    """The first sentence of a text, for a list."""
    first = " ".join(doc.partition("\n\n")[0].split())
    match = re.match(r"(.*?\.)(?= [A-Z`]|$)", first)
    return match[1] if match else first


def _cell(text: str) -> str:
    """A bar ends a cell even inside code."""
    return " ".join(text.split()).replace("|", "\\|")
