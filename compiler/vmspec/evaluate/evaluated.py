"""The result of evaluation: every object with its merged, typed values and their provenance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from vmspec.base.provenance import Path, Provenance, ValueInput
from vmspec.base.record import record
from vmspec.base.source import Source, Span
from vmspec.model.facts import HostFacts
from vmspec.model.value import ObjectRef, Value

Strength: TypeAlias = Literal["default", "weak", "plain", "final"]


@record(frozen=True, slots=True)
class SettledValue:
    """A merged value, in the form that its kind keeps (`Kind.read`); for a choice, the variant's block."""

    value: Value
    trail: Provenance
    strength: Strength = "plain"
    """The strength of the setting that won; a host treats weak and plain requests differently."""
    spelling: str | None = None
    """With `resolve = false`: libvirt's own text of the value, where the source gives that (a quoted string)."""


@record(frozen=True, slots=True)
class SettledObject:
    """One concrete vm, host, network, pool or volume after the merge, with the model's defaults filled in.

    `values` is in the model's order; a path's value in error is absent, and the path is in `poisoned`.
    `blocks` holds every labelled block that exists, by path (`("disk", "vda")`), in order of first appearance, with the
    span where it was opened first; and every opened block without a label.
    """

    kind: str
    name: str
    span: Span
    values: Mapping[Path, SettledValue]
    blocks: Mapping[Path, Span]
    poisoned: frozenset[Path] = frozenset()
    resolve: bool = True
    """False for imported definitions, to which nothing is added."""
    host: ObjectRef | None = None
    """The host that a vm is placed on."""
    profiles: tuple[str, ...] = ()
    """The linearisation, weakest first, as people write the names."""
    shape: object = None
    """Objects of one template with equal shape share every value that does not vary; identity of values may be used as a key."""
    named_from: tuple[ValueInput, ...] = ()
    """The variables in the object's label, with their spans."""


@record(frozen=True, slots=True)
class TestResult:
    name: str
    span: Span
    passed: bool
    messages: tuple[str, ...]


@record(frozen=True, slots=True)
class Evaluated:
    """All objects, by kind and then in source order."""

    objects: tuple[SettledObject, ...]
    env: str | None = None
    read: tuple[Source, ...] = ()
    """Files other than sources that were read: facts of hosts."""
    facts: Mapping[str, HostFacts] = {}
    """Of the hosts that have them, by name."""

    def of(self, kind: str) -> tuple[SettledObject, ...]:
        return tuple(o for o in self.objects if o.kind == kind)
