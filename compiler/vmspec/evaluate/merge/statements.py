"""The statements of a body as records, before anything is merged."""

from __future__ import annotations

from typing import Literal, TypeAlias

from vmspec.base.provenance import Path
from vmspec.base.record import field, record
from vmspec.base.source import Span
from vmspec.evaluate.evaluated import SettledValue
from vmspec.evaluate.session import Binding, Frame, ValueOrError
from vmspec.model.block import Attr, Choice, Field, OpenMap
from vmspec.model.kind import TEXT
from vmspec.syntax import tree

Operation: TypeAlias = Literal["=", "?=", "+=", "-=", "unset", "replace", "lock"]

RAW = Field("xml", "raw", OpenMap(TEXT, "XML that the model does not know, by the place that it goes to."))
"""The line for raw parts, which every block accepts."""


@record(frozen=True, slots=True)
class Layer:
    """A layer: profiles by their place in the linearisation, then the body, then the env."""

    rank: int
    origin: str
    """The name in messages: `profile low-latency`, `vm feed-a`, `env prod`."""
    beats: int
    """A bitmap of the ranks of weaker layers."""
    own: bool = False
    """Whether it applies to this object only: its body, or a block of an env that names it."""


@record(frozen=True, slots=True, eq=False)
class WildcardCondition:
    """The condition of a wildcard, `disk "*" where bus == virtio`: it is asked of each block that `pattern` matches."""

    pattern: Path
    """Ends with the `*` that it belongs to; `()` for a whole object, in an `env` or a policy."""
    expr: tree.Expr
    """With its attributes as accesses of the block (see `where.condition`)."""
    frame: Frame
    span: Span


@record(slots=True, eq=False)
class Setting:
    """One statement about one path. `constant` is the value where no expression of the text gives it (sugar for flags)."""

    path: Path
    operation: Operation
    final: bool
    field: Field | None
    layer: Layer
    span: Span
    frame: Frame
    expr: tree.Expr | None = None
    constant: ValueOrError | None = None
    wildcard: bool = False
    where: tuple[WildcardCondition, ...] = ()
    """The conditions of the wildcards around it, outermost first."""
    shared: bool = False
    """Whether it belongs to profiles that many objects share (see `LineageCache`)."""
    memo: tuple[SettledValue | None, SettledValue] | None = None
    """If it alone decided a path: the path's default, and the value."""
    variables: tuple[tuple[str, Binding], ...] | None = None
    """The variables that its expression reads, at any depth; computed on first use."""

    @property
    def value_span(self) -> Span:
        return self.expr.span if self.expr is not None else self.span

    @property
    def attr(self) -> Attr | Choice | OpenMap | None:
        line = self.field.line if self.field is not None else None
        return line if isinstance(line, (Attr, Choice, OpenMap)) else None


@record(frozen=True, slots=True)
class BlockDeclaration:
    """A block that a statement opens; it exists unless a stronger layer removes it."""

    path: Path
    layer: Layer
    span: Span
    wildcard: bool = False
    where: tuple[WildcardCondition, ...] = ()


@record(frozen=True, slots=True)
class Requirement:
    path: Path
    """The required path, with `*` for each block of a kind."""
    message: tree.Text
    frame: Frame
    layer: Layer
    span: Span
    where: tuple[WildcardCondition, ...] = ()


@record(frozen=True, slots=True)
class Assertion:
    node: tree.Assert
    frame: Frame
    layer: Layer
    where: tuple[WildcardCondition, ...] = ()
    """The assertion is checked only if some block fits these conditions."""


@record(slots=True)
class Collected:
    """Everything that the bodies of one object say, weakest layer first."""

    settings: list[Setting] = field(default_factory=list)
    openings: list[BlockDeclaration] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)
    structural: list[tuple[tree.Expr, Frame]] = field(default_factory=list)
    """Expressions that decided which settings there are."""
    frames: list[Frame] = field(default_factory=list)
    """Frames made for lets and loops, whose bindings must be forgotten before the next object of a template."""
    failed: bool = False
    """Whether the structure is in error, so that a path may only seem to be missing."""

    @property
    def conditional(self) -> bool:
        """Whether some wildcard has a condition."""
        said = (self.settings, self.openings, self.requirements, self.assertions)
        return any(each.where for some in said for each in some)

    def copy(self) -> Collected:
        """A shallow copy: appending to it does not change the original."""
        return Collected(
            self.settings.copy(),
            self.openings.copy(),
            self.requirements.copy(),
            self.assertions.copy(),
            self.structural.copy(),
            self.frames.copy(),
            self.failed,
        )
