"""Formats a source text: tokens and comments are kept, blanks and line ends are replaced.

- Two blanks of indentation, one blank around operators and after commas, nothing aligned, lines end in `\\n`.
- A block or map on one line stays there if the line fits in 100 columns; its statements are parted by `; `. Any other has a line for
  each statement. A list or argument list with a line end in it has a line for each item and a comma after the last.
- An empty line between statements stays, several become one. Line ends within a statement stay, indented by four.
- A comment stays on its line, or on the line that it has alone.
"""

from __future__ import annotations

from typing import NamedTuple

from vmspec.base.record import field, record
from vmspec.syntax import tree
from vmspec.syntax.lexer import CLOSERS, ENDS, OPENERS, arrange
from vmspec.syntax.scanner import Token, scan

WIDTH = 100
INDENT, CONTINUATION = 2, 4


def format(file: tree.File) -> str:
    """Format the text of a file without syntax errors."""
    layout = TextLayout(file.source.text, _elements(file))
    layout.match = _matches(layout.elements)
    _print(layout)
    return "".join(layout.out)


class FormatItem(NamedTuple):
    """A token or comment, its printed text, and where it was."""

    kind: str
    text: str
    start: int
    end: int


class BracketGroup(NamedTuple):
    """An open bracket: whether it has a line for each item, how far these are indented, and how far its closer is."""

    opener: str
    broken: bool
    indent: int
    outer: int


@record(slots=True)
class TextLayout:
    text: str
    elements: list[FormatItem]
    match: dict[int, int] = field(default_factory=dict)
    """The index of an opener → that of its closer."""
    out: list[str] = field(default_factory=list)
    column: int = 0
    line_indent: int = 0
    groups: list[BracketGroup] = field(default_factory=lambda: [BracketGroup("LBRACE", True, 0, 0)])


# ------------------------------------------------------------------------------------------------ elements


def _elements(file: tree.File) -> list[FormatItem]:
    text = file.source.text
    tokens = arrange(text, scan(file.source, 1 if text.startswith("\ufeff") else 0).tokens)
    inside = [(t.start, t.end) for t in tokens if t.kind == "CPUSET" and "#" in text[t.start : t.end]]
    comments = [FormatItem("COMMENT", c.text.rstrip(), c.span.start, c.span.end) for c in file.comments]
    free = [c for c in comments if not any(s <= c.start < e for s, e in inside)]
    merged = sorted([*(_element(text, t) for t in tokens), *free], key=lambda e: (e.start, e.end))
    return _commas(text, merged)


def _element(text: str, token: Token) -> FormatItem:
    written = text[token.start : token.end]
    if token.kind == "_SEP":
        written = ";"
    elif token.kind == "CPUSET" and "#" not in written:
        written = "".join(written.split())
    return FormatItem(token.kind, written.replace("\r\n", "\n"), token.start, token.end)


def _commas(text: str, elements: list[FormatItem]) -> list[FormatItem]:
    """Move commas before comments; add one after the last item of a broken list, and nowhere else."""
    out: list[FormatItem] = []
    opened: list[int] = []
    broken = _broken_lists(text, elements)
    for index, element in enumerate(elements):
        if element.kind in OPENERS:
            opened.append(index)
        elif element.kind in CLOSERS and opened:
            opener = opened.pop()
            last = _last_solid(out)
            if opener in broken and out[last].kind not in ("COMMA", "LPAR", "LSQB"):
                end = out[last].end
                out.insert(last + 1, FormatItem("COMMA", ",", end, end))
        elif element.kind == "COMMA":
            last = _last_solid(out)
            end = out[last].end
            out.insert(last + 1, FormatItem("COMMA", ",", end, end))
            continue
        out.append(element)
    return out


def _last_solid(out: list[FormatItem]) -> int:
    last = len(out) - 1
    while last > 0 and out[last].kind == "COMMENT":
        last -= 1
    return last


def _broken_lists(text: str, elements: list[FormatItem]) -> set[int]:
    """The openers of lists and argument lists with a line end between their items."""
    broken: set[int] = set()
    opened: list[int] = []
    for index, element in enumerate(elements):
        if opened and index and _newline(text, elements[index - 1], element) and _is_list(elements, opened[-1]):
            broken.add(opened[-1])
        if element.kind in OPENERS:
            opened.append(index)
        elif element.kind in CLOSERS and opened:
            opened.pop()
    return broken


def _is_list(elements: list[FormatItem], opener: int) -> bool:
    """A list, arguments or parameters; not an expression in parentheses nor an index, where no comma may stand."""
    before = elements[opener - 1].kind if opener else ""
    if elements[opener].kind == "LSQB":
        return before not in ENDS
    return elements[opener].kind == "LPAR" and before == "NAME"


def _matches(elements: list[FormatItem]) -> dict[int, int]:
    opened: list[int] = []
    match: dict[int, int] = {}
    for index, element in enumerate(elements):
        if element.kind in OPENERS:
            opened.append(index)
        elif element.kind in CLOSERS and opened:
            match[opened.pop()] = index
    return match


def _newline(text: str, before: FormatItem, after: FormatItem) -> bool:
    return "\n" in text[before.end : after.start]


# ------------------------------------------------------------------------------------------------ printing


def _print(p: TextLayout) -> None:
    for index, element in enumerate(p.elements):
        if element.kind == "_SEP" and p.groups[-1].broken:
            continue
        if _dropped_comma(p, index):
            continue
        _gap(p, index)
        if element.kind in OPENERS:
            _open(p, index)
        elif element.kind in CLOSERS and len(p.groups) > 1:
            p.groups.pop()
        _write(p, element.text)
    if p.out:
        p.out.append("\n")


def _dropped_comma(p: TextLayout, index: int) -> bool:
    """The comma before the closer of a list on one line."""
    if p.elements[index].kind != "COMMA" or p.groups[-1].broken:
        return False
    return index + 1 < len(p.elements) and p.elements[index + 1].kind in CLOSERS


def _write(p: TextLayout, text: str) -> None:
    p.out.append(text)
    line = text.rfind("\n")
    p.column = p.column + len(text) if line < 0 else len(text) - line - 1


def _line(p: TextLayout, indent: int, blank: bool) -> None:
    p.out.append(("\n\n" if blank else "\n") + " " * indent)
    p.column = p.line_indent = indent


def _gap(p: TextLayout, index: int) -> None:
    """The blanks or the line end before an element."""
    before = _previous(p, index)
    if before is None:
        return
    element, group = p.elements[index], p.groups[-1]
    previous = p.elements[before]
    if element.kind == "COMMENT":
        if _newline(p.text, previous, element):
            _line(p, _comment_indent(p, index), _blank(p, before, index))
        else:
            _write(p, "  ")
    elif element.kind in CLOSERS and group.broken:
        if previous.kind in OPENERS:
            _write(p, " ")
        else:
            if group.opener != "LBRACE" and previous.kind not in ("COMMA", "COMMENT"):  # a list that was too long for its line
                _write(p, ",")
            _line(p, group.outer, False)
    elif _begins_item(p, index):
        _line(p, group.indent, _blank(p, before, index))
    elif previous.kind == "COMMENT" or _keeps_break(p, before, index):
        joined = element.kind == "LBRACE" or (element.kind == "ELSE" and p.elements[_solid_before(p, index)].kind == "RBRACE")
        _line(p, group.indent + (0 if joined else CONTINUATION), False)
    else:
        _write(p, _blanks(p, before, index))


def _previous(p: TextLayout, index: int) -> int | None:
    """The index of the element printed before: separators of broken groups are not."""
    before = index - 1
    if before >= 0 and p.elements[before].kind == "_SEP" and p.groups[-1].broken:
        before -= 1
    return before if before >= 0 else None


def _solid_before(p: TextLayout, index: int) -> int:
    before = index - 1
    while before > 0 and p.elements[before].kind == "COMMENT":
        before -= 1
    return before


def _begins_item(p: TextLayout, index: int) -> bool:
    """Whether a statement of a broken block, or an item of a broken list, begins here."""
    if not p.groups[-1].broken or index == 0:
        return False
    before = p.elements[_solid_before(p, index)]
    if before.kind == "_SEP" or before.kind in OPENERS:
        return True
    if before.kind == "COMMENT":  # nothing but comments above
        return True
    return before.kind == "COMMA" and p.groups[-1].opener != "LBRACE"


def _comment_indent(p: TextLayout, index: int) -> int:
    after = index + 1
    while after < len(p.elements) and p.elements[after].kind == "COMMENT":
        after += 1
    ends = after == len(p.elements) or (p.elements[after].kind in CLOSERS and p.groups[-1].broken)
    return p.groups[-1].indent + (0 if ends or _begins_item(p, index) else CONTINUATION)


def _blank(p: TextLayout, before: int, index: int) -> bool:
    """Whether an empty line between two elements is kept."""
    previous, element = p.elements[before], p.elements[index]
    return previous.kind not in OPENERS and p.text.count("\n", previous.end, element.start) > 1


def _keeps_break(p: TextLayout, before: int, index: int) -> bool:
    """Whether a line end within a statement is kept: after an operator, before `extends`, `then` and `else`."""
    previous, element = p.elements[before], p.elements[index]
    if element.kind in ("LBRACE", "COMMA") or element.kind in CLOSERS or previous.kind in OPENERS:
        return False
    if element.kind == "ELSE" and previous.kind == "RBRACE":
        return False
    return _newline(p.text, previous, element)


# ------------------------------------------------------------------------------------------------ brackets


def _open(p: TextLayout, index: int) -> None:
    """Decide whether a group is broken, and how its lines are indented."""
    element = p.elements[index]
    before = p.elements[index - 1].kind if index else ""
    body = element.kind == "LBRACE" and (before in ENDS or before in ("ELSE", "COMMENT"))
    outer = p.groups[-1].indent if body else p.line_indent
    if _is_broken(p, index):
        p.groups.append(BracketGroup(element.kind, True, outer + INDENT, outer))
    else:
        p.groups.append(BracketGroup(element.kind, False, p.groups[-1].indent, p.groups[-1].outer))


def _is_broken(p: TextLayout, index: int) -> bool:
    end = p.match.get(index, index)
    if end == index + 1:
        return p.elements[index].kind == "LBRACE"
    if _must_break(p, index):
        return True
    if p.elements[index].kind != "LBRACE" and not (_is_list(p.elements, index) and _has_comma(p, index, end)):
        return False
    return not _fits(p, index)


def _must_break(p: TextLayout, index: int) -> bool:
    """Whether the source breaks the group: anywhere in a block or map, between items in a list."""
    end = p.match[index]
    elements = p.elements
    if end == index + 1:
        return False
    if elements[index].kind == "LBRACE":
        return "\n" in p.text[elements[index].end : elements[end].start]
    if not _is_list(elements, index):
        return False
    at = index
    while at < end:
        following = p.match[at] if at != index and at in p.match else at
        if _newline(p.text, elements[following], elements[following + 1]):
            return True
        at = following + 1
    return False


def _has_comma(p: TextLayout, index: int, end: int) -> bool:
    at = index + 1
    while at < end:
        if p.elements[at].kind == "COMMA":
            return True
        at = p.match[at] + 1 if at in p.match else at + 1
    return False


def _fits(p: TextLayout, index: int) -> bool:
    """Whether the opener's line stays within the width if the group is not broken."""
    column = p.column + 1
    depth = 1
    for at in range(index + 1, len(p.elements)):
        element = p.elements[at]
        if element.kind == "COMMENT" or (depth <= 0 and (element.kind == "_SEP" or element.kind in CLOSERS)):
            break
        if at > index + 1 and depth <= 0 and _keeps_break(p, at - 1, at):
            break
        if element.kind == "COMMA" and p.elements[at + 1].kind in CLOSERS:
            continue
        depth += (element.kind in OPENERS) - (element.kind in CLOSERS)
        first, newline, _ = element.text.partition("\n")
        column += len(_blanks(p, at - 1, at)) + len(first)
        if column > WIDTH:
            return False
        if newline or (element.kind in OPENERS and _must_break(p, at)):
            break
    return True


# ------------------------------------------------------------------------------------------------ blanks

TIGHT_BEFORE = frozenset({"COMMA", "COLON", "RPAR", "RSQB", "_SEP"})
TIGHT_AFTER = frozenset({"LPAR", "LSQB"})


def _blanks(p: TextLayout, before: int, index: int) -> str:
    """The blanks between two elements on one line."""
    previous, element = p.elements[before], p.elements[index]
    if element.kind == "DOT" or previous.kind == "DOT":
        return _around_dot(p, previous, element)
    if element.kind in TIGHT_BEFORE or previous.kind in TIGHT_AFTER:
        return ""
    if element.kind == "LPAR":
        return "" if previous.kind == "NAME" else " "
    if element.kind == "LSQB":
        return "" if previous.kind in ENDS else " "
    if previous.kind == "MINUS":
        return " " if before > 0 and p.elements[before - 1].kind in ENDS else ""
    return " "


def _around_dot(p: TextLayout, previous: FormatItem, element: FormatItem) -> str:
    """Nothing, but between digits a blank that was written stays: `a . 0 . 1` must not become a number."""
    digits = previous.text[-1:].isdigit() or element.text[:1].isdigit()
    return " " if digits and element.start > previous.end else ""
