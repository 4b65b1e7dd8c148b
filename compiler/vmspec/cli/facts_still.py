"""Whether the hosts of a call still are what their committed facts say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.base.record import replace
from vmspec.deploy import codes
from vmspec.deploy.calls import Patience
from vmspec.driver.compilation import Compilation

if TYPE_CHECKING:
    from vmspec.deploy.target import HostTarget

MOST = 8
"""Facts of a host that are named."""


def changed_facts(targets: Sequence[HostTarget], compilation: Compilation, patience: Patience) -> list[Diagnostic]:
    """A warning for each host that has changed. A host is compared where it is reached by its own `uri`: under another URI, as for a
    trial, another machine may answer. One that does not answer is told by whoever needs it."""
    facts = compilation.fleet.facts
    named = [each for each in targets if each.host is not None and each.name in facts and each.uri == each.host.spec.uri]
    return [found for target in named for found in _of(target, compilation, patience)]


def is_stale(found: Iterable[Diagnostic]) -> bool:
    return any(each.code is codes.FACTS_CHANGED for each in found)


def _of(target: HostTarget, compilation: Compilation, patience: Patience) -> list[Diagnostic]:
    from vmspec.deploy.binding import HostError
    from vmspec.deploy.facts.compare import gone
    from vmspec.deploy.facts.gather import facts_of, where
    from vmspec.deploy.host import absent

    assert target.host is not None
    span = target.host.where(("facts",))
    try:
        if absent(target.uri):
            return []
        found = gone(compilation.fleet.facts[target.name], facts_of(where(target.uri, None, None), patience))
    except HostError as error:
        if error.diagnostic.code is not codes.FACTS_FAILED:
            return []
        return [replace(error.diagnostic, severity=Severity.WARNING, span=span)]
    if not found:
        return []
    more = (f"and {len(found) - MOST} more",) if len(found) > MOST else ()
    return [
        Diagnostic(
            codes.FACTS_CHANGED,
            f"{target.name} is no longer what its facts say: {found[0]}",
            span,
            Severity.WARNING,
            notes=(*(str(each) for each in found[1:MOST]), *more),
            help=f"write them anew, build and look: vmc facts {target.uri} -o {target.host.spec.facts}",
        )
    ]
