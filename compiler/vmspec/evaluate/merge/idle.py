"""Warns about wildcards in an object's own body or env block that match nothing.

What a profile says is meant for objects that it does not know, and may well match nothing in one of them.
"""

from __future__ import annotations

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path, show_path
from vmspec.evaluate import codes
from vmspec.evaluate.merge.merged import Structure, expand
from vmspec.evaluate.merge.statements import BlockDeclaration, Collected, Setting
from vmspec.evaluate.session import Session


def warn_of_idle(collected: Collected, shape: Structure, name: str, ranks: frozenset[int], session: Session) -> None:
    """Warn once for each pattern in the layers of these ranks that matches no block."""
    told: set[Path] = set()
    said: tuple[BlockDeclaration | Setting, ...] = (*collected.openings, *collected.settings)
    for each in said:
        if not each.wildcard or each.layer.rank not in ranks:
            continue
        pattern = each.path[: each.path.index("*") + 1]
        if pattern in told or expand(pattern, shape):
            continue
        told.add(pattern)
        word = ".".join(pattern[:-1])
        session.say(
            codes.IDLE_WILDCARD,
            f"{name} has no {word} that {show_path(pattern)} could fill",
            each.span,
            severity=Severity.WARNING,
            help=f"a wildcard fills blocks that are written, and makes none: write `{word} NAME {{ … }}`",
        )
