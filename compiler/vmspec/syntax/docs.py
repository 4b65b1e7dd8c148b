"""Attaches `##` comments: those right above a declaration document it, those at the top before an empty line the file."""

from __future__ import annotations

from vmspec.syntax.scanner import Token


def docs(text: str, comments: list[Token]) -> tuple[str, dict[int, str]]:
    """The documentation of the file, and of each declaration by the offset at which it starts."""
    if not comments or "##" not in text:
        return "", {}
    whole, by_start = "", {}
    group: list[Token] = []
    for comment, following in zip(comments, [*comments[1:], None], strict=True):
        if not _is_doc(text, comment):
            group = []
            continue
        group.append(comment)
        gap = text[comment.end : following.start if following else len(text)]
        blank = gap[: len(gap) - len(gap.lstrip())]
        if following is not None and blank == gap and gap.count("\n") == 1 and _is_doc(text, following):
            continue
        written = "\n".join(text[c.start : c.end].lstrip("#").removeprefix(" ").rstrip() for c in group)
        if blank.count("\n") == 1 and blank != gap:
            by_start[comment.end + len(blank)] = written
        elif not text[: group[0].start].strip():
            whole = written
        group = []
    return whole, by_start


def _is_doc(text: str, comment: Token) -> bool:
    """`##` and nothing before it on its line."""
    if not text.startswith("##", comment.start):
        return False
    line = text.rfind("\n", 0, comment.start) + 1
    return not text[line : comment.start].strip()
