"""Where a value came from: the trail that every value of the intermediate representation keeps."""

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
    """A value of an object, as people write it: `feed-a:cpu.pin`."""

    object: str
    path: Path

    def __str__(self) -> str:
        return f"{self.object}:{show_path(self.path)}"


@record(frozen=True, slots=True)
class ValueInput:
    """A variable that a value was computed from, and where its own value is written: the argument, the `let`, the item of the loop."""

    name: str
    span: Span


@record(frozen=True, slots=True)
class Step:
    """One thing that happened to a value. `origin` names the layer for people: `profile low-latency`, `vm feed-a`,
    `env prod`, `policy site`; or, with no span, `model`, `layout 1`, `lock`."""

    kind: StepKind
    origin: str
    span: Span | None = None
    operands: tuple[ValueAddress, ...] = ()
    value: str = ""
    """The value of this step as the language writes it, where it is not the final one."""
    why: str = ""
    """Of a derived value: the rule, in a few words."""
    strength: str = "plain"
    """How it was set: `weak` (`?=`), `plain` (`=`) or `final`."""
    inputs: tuple[ValueInput, ...] = ()
    """The variables read on the way, each followed by those that its own value reads."""
    wildcard: bool = False
    """It was said of every block of a kind, not of this one."""


Provenance: TypeAlias = tuple[Step, ...]
"""Weakest first; the last step is the one that decided."""


def show_path(path: Path) -> str:
    return ".".join(step if step.replace("-", "").replace("_", "").isalnum() else f'"{step}"' for step in path)


def span_of(trail: Provenance) -> Span | None:
    """The strongest step that has a place in a source."""
    return next((step.span for step in reversed(trail) if step.span is not None), None)
