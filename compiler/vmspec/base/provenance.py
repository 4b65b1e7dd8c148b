"""Provenance: for each value, the steps that led to it, each with its layer and its place in the sources."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from vmspec.base.record import record
from vmspec.base.source import Span

Path: TypeAlias = tuple[str, ...]
"""The steps to a value in its object: `("disk", "vda", "cache")`, `("host", "sysctl", "vm.swappiness")`."""


SELF = "self"
"""The object of an address in a trail that several objects of one template share: the object that has the trail."""


class StepKind(Enum):
    DEFAULT = "default"
    SET = "set"
    APPENDED = "appended"
    REMOVED = "removed"
    OVERRIDDEN = "overridden"
    DERIVED = "derived"


@record(frozen=True, slots=True)
class ValueAddress:
    """The address of a value: object and path, written `feed-a:cpu.pin`."""

    object: str
    path: Path

    def __str__(self) -> str:
        return f"{self.object}:{show_path(self.path)}"


@record(frozen=True, slots=True)
class ValueInput:
    """A variable that a value was computed from, and where the variable's own value is written: an argument, a `let`, an item of a loop."""

    name: str
    span: Span


@record(frozen=True, slots=True)
class Step:
    """One operation on a value. `origin` names the layer for people: `profile low-latency`, `vm feed-a`, `env prod`, `policy site`; or,
    without a span, `model`, `layout 1`, `lock`."""

    kind: StepKind
    origin: str
    span: Span | None = None
    operands: tuple[ValueAddress, ...] = ()
    value: str = ""
    """The value of this step as the language writes it, where it is not the final one."""
    why: str = ""
    """For a derived value: the rule in a few words."""
    strength: str = "plain"
    """How it was set: `weak` (`?=`), `plain` (`=`) or `final`."""
    inputs: tuple[ValueInput, ...] = ()
    """The variables read on the way, each followed by those that its own value reads."""
    wildcard: bool = False
    """A wildcard set it, for every block of a kind."""


Provenance: TypeAlias = tuple[Step, ...]
"""Weakest first; the last step is the one that decided."""


def show_path(path: Path) -> str:
    return ".".join(step if step.replace("-", "").replace("_", "").isalnum() else f'"{step}"' for step in path)


def span_of(trail: Provenance) -> Span | None:
    """The span of the strongest step that has one."""
    return next((step.span for step in reversed(trail) if step.span is not None), None)
