"""Diagnostics: what the compiler reports about a mistake in the sources, as values."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TypeAlias

from vmspec.base.code import Code
from vmspec.base.once import told_once
from vmspec.base.record import record, replace
from vmspec.base.source import Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@record(frozen=True)
class Label:
    """A secondary span of a diagnostic, with a message about its part in the mistake."""

    span: Span
    message: str


@record(frozen=True)
class Edit:
    """A text edit: replace the text of `span`, or insert where it is empty."""

    span: Span
    text: str


@record(frozen=True)
class Fix:
    """A suggested change: a title in the imperative, and edits that do not overlap."""

    title: str
    edits: tuple[Edit, ...]


@record(frozen=True)
class Diagnostic:
    """One finding. `message` is one sentence that names the values; it has no full stop and no line break.

    `primary` is None only where no source exists (a path that cannot be read, a lock file that is missing).
    """

    code: Code
    message: str
    primary: Span | None = None
    severity: Severity = Severity.ERROR
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    about: str = ""
    """The object that it is about: what many objects of one template have in common is told once (`once.py`)."""
    part: str = ""
    """The label of the block of that object."""
    objects: tuple[str, ...] = ()
    """The names of all objects that share the diagnostic; the message counts them."""

    def from_standard(self, user: Span) -> Diagnostic:
        """Move a diagnostic out of the standard library, which the user cannot edit, to `user`, the line that brings the setting in; the
        original span becomes a label, and a fix is dropped."""
        if self.primary is None or not self.primary.source.standard or user.source.standard:
            return self
        labels = (Label(self.primary, "the standard library says it here"), *(each for each in self.labels if each.span != user))
        return replace(self, primary=user, labels=labels, fix=None)


Diagnostics: TypeAlias = tuple[Diagnostic, ...]
"""What a stage has found."""


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(d.severity is Severity.ERROR for d in diagnostics)


def in_source_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort diagnostics by path, position, code and message; drop duplicates and merge those that objects of one template share."""

    def key(d: Diagnostic) -> tuple[str, int, int, int, str]:
        at = d.primary
        return ("", 0, 0, d.code.number, d.message) if at is None else (at.source.path, at.start, at.end, d.code.number, d.message)

    unique = {key(d): d for d in reversed(list(told_once(diagnostics)))}
    return tuple(unique[k] for k in sorted(unique))
