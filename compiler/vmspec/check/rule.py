"""What a rule is: a code, what libvirt does with the mistake, and a function from what it looks at to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from vmspec.base.code import Code
from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.base.record import record

if TYPE_CHECKING:
    from vmspec.check.within import MapPart, TextPart
    from vmspec.lower.fleet import Object
    from vmspec.model.block import Block

    AnyObject: TypeAlias = Object[Block]


class Phase(Enum):
    """What libvirt does with the mistake: decides the severity on XML that was imported or given to `check`."""

    DEFINE = "define rejects it"
    START = "define accepts it, start fails"
    ACCEPTED = "accepted, altered or silently ignored"
    FLEET = "across objects; libvirt never looks"
    RUNTIME = "works, slowly or not for long"


@record(frozen=True, slots=True)
class Finding:
    """One violation. `at` and the paths of `labels` are paths of the VM, `("disk", "vda", "io")`, or of the object `of`."""

    at: Path
    message: str
    labels: tuple[tuple[Path, str], ...] = ()
    others: tuple[tuple[AnyObject, Path, str], ...] = ()
    """Places in other objects: (object, path in it, message)."""
    notes: tuple[str, ...] = ()
    help: str | None = None
    instead: str | None = None
    """Text that replaces the value at `at`, where a fix is obvious."""
    severity: Severity | None = None
    """Where one rule is stricter with some than with others; None: the rule's own."""
    since: str = ""
    """The libvirt version from which this is so; "" of every version that is supported."""
    until: str = ""
    """The first libvirt version with which it is no longer so."""
    refused: str = ""
    """The libvirt version that began to refuse it at define, where older ones do what the rule's phase says."""
    within: TextPart | MapPart | None = None
    """The part of the value at `at` that it is about."""
    of: AnyObject | None = None
    """The object that the paths belong to: given by rules about hosts and fleets."""
    among: tuple[str, ...] = ()
    """The names of all objects that it is about, where these are more than two."""


RuleFunction: TypeAlias = Callable[..., Iterable[Finding]]
"""Of a block's rule: (block) or (block, vm: Domain); of a VM's: (vm: Domain); of a host's: (host, its VMs) or (host, its VMs, the
fleet); of a fleet's: (fleet)."""


@record(frozen=True, slots=True)
class Rule:
    code: Code
    severity: Severity
    phase: Phase
    check: RuleFunction
    arguments: int
    """How many of the arguments that its subject gives it looks at, from the first on."""
    needs: frozenset[str]
    """Features (Python names such as `memory.max`) of which one must be set for it to have anything to say; none: it always has."""

    @property
    def alone(self) -> bool:
        """It looks at nothing but its one argument: equal blocks need no second look."""
        return self.arguments == 1

    def severity_on_plain_xml(self) -> Severity:
        """Errors are what libvirt itself refuses at parse or define; the rest warns (docs/language.md, inheritance rule 15)."""
        return self.severity if self.phase is Phase.DEFINE else Severity.WARNING


F = TypeVar("F", bound=RuleFunction)


def rule(number: int, name: str, *, phase: Phase, severity: Severity = Severity.ERROR, needs: str = "") -> Callable[[F], Rule]:
    """Makes a rule of a function whose docstring is the page of `vmc explain`. `needs`: features with blanks between them."""
    features = frozenset(needs.split())

    def wrap(check: F) -> Rule:
        return Rule(Code(number, name, check.__doc__ or ""), severity, phase, check, check.__code__.co_argcount, features)

    return wrap
