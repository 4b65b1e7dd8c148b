"""Redacts the passwords of the sources from a diagnostic."""

from __future__ import annotations

from vmspec.base.diagnostic import Diagnostic, Label
from vmspec.base.record import replace
from vmspec.base.unspoken import learn, unspoken


def discreet(diagnostic: Diagnostic) -> Diagnostic:
    """Redact every text of a diagnostic; a fix that would contain a password is dropped."""
    for span in (diagnostic.primary, *(label.span for label in diagnostic.labels)):
        if span is not None:
            learn(span.source.text)
    fix = diagnostic.fix
    if fix is not None and any(unspoken(text) != text for text in (fix.title, *(edit.text for edit in fix.edits))):
        fix = None
    return replace(
        diagnostic,
        message=unspoken(diagnostic.message),
        labels=tuple(Label(label.span, unspoken(label.message)) for label in diagnostic.labels),
        notes=tuple(map(unspoken, diagnostic.notes)),
        help=None if diagnostic.help is None else unspoken(diagnostic.help),
        fix=fix,
    )
