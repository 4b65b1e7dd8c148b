"""The syntax tree, before names are resolved. Every node has the span of its text.

Every node has the span of its own text. Nodes are compared by identity; `same_shape` in the tests compares content.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import record
from vmspec.base.source import Source, Span


@record(frozen=True, slots=True, eq=False, repr=False)
class Segment:
    """One step of a path: a name, a number, a quantity (`1GiB`), or a string, which may interpolate."""

    span: Span
    name: str
    text: Text | None = None
    """The string as written, where the segment was quoted; `name` is then its constant value, or `""` if it interpolates."""


@record(frozen=True, slots=True, eq=False, repr=False)
class Path:
    span: Span
    segments: tuple[Segment, ...]


# ------------------------------------------------------------------------------------------------ expressions


@record(frozen=True, slots=True, eq=False, repr=False)
class Int:
    span: Span
    value: int
    """`0x1f` and `31` are one value; the formatter keeps the spelling through the span."""


@record(frozen=True, slots=True, eq=False, repr=False)
class Bool:
    span: Span
    value: bool


@record(frozen=True, slots=True, eq=False, repr=False)
class Number:
    """A number with a unit or a fraction, kept as its decimal text: `1.5` `GiB`; `20` `%`; a lone `0.5` has unit ``."""

    span: Span
    digits: str
    unit: str


@record(frozen=True, slots=True, eq=False, repr=False)
class CpuList:
    """`0-3`, `0-3,8,^2`: the parts in order, as (first, last, excluded)."""

    span: Span
    parts: tuple[tuple[int, int, bool], ...]


@record(frozen=True, slots=True, eq=False, repr=False)
class Bare:
    """An address or versioned machine type that may stand unquoted: MAC, PCI, UUID, IPv4, `pc-q35-8.2`."""

    span: Span
    text: str


@record(frozen=True, slots=True, eq=False, repr=False)
class Text:
    """A string: constant pieces and interpolated expressions in order, escapes resolved, `\"\"\"` indentation removed."""

    span: Span
    parts: tuple[str | Expr, ...]

    @property
    def constant(self) -> str | None:
        """The value of a string without interpolation."""
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], str) else None


@record(frozen=True, slots=True, eq=False, repr=False)
class Ref:
    """A bare word (a symbol) or a dotted bare word (a reference): `none`, `rack1.n3`, `std.low-latency`."""

    span: Span
    segments: tuple[Segment, ...]

    @property
    def dotted(self) -> str:
        return ".".join(s.name for s in self.segments)


@record(frozen=True, slots=True, eq=False, repr=False)
class Access:
    """`$n`, `$h.a["k"].b`, `self.numa.cell.0.memory`: the root (`self`, or the variable's name without `$`) and the steps."""

    span: Span
    root: str
    is_self: bool
    steps: tuple[Segment | Expr, ...]
    """A segment for `.name`, an expression for `[expr]`."""


@record(frozen=True, slots=True, eq=False, repr=False)
class Argument:
    span: Span
    name: str | None
    name_span: Span | None
    value: Expr


@record(frozen=True, slots=True, eq=False, repr=False)
class Call:
    span: Span
    function: Ref
    arguments: tuple[Argument, ...]


@record(frozen=True, slots=True, eq=False, repr=False)
class ListOf:
    span: Span
    items: tuple[Expr, ...]


@record(frozen=True, slots=True, eq=False, repr=False)
class Entry:
    span: Span
    path: Path
    value: Expr


@record(frozen=True, slots=True, eq=False, repr=False)
class MapOf:
    span: Span
    entries: tuple[Entry, ...]


@record(frozen=True, slots=True, eq=False, repr=False)
class Opened:
    """`$image { encryption { … } }`: a value, and the arguments that the block behind it adds. A call takes them in itself."""

    span: Span
    value: Expr
    body: MapOf


UnaryOperator: TypeAlias = Literal["not", "-"]
BinaryOperator: TypeAlias = Literal["or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "|", "&", "+", "-", "*", "/"]


@record(frozen=True, slots=True, eq=False, repr=False)
class Unary:
    span: Span
    operator: UnaryOperator
    operand: Expr


@record(frozen=True, slots=True, eq=False, repr=False)
class Binary:
    span: Span
    operator: BinaryOperator
    left: Expr
    right: Expr


@record(frozen=True, slots=True, eq=False, repr=False)
class Conditional:
    span: Span
    condition: Expr
    then: Expr
    otherwise: Expr


Expr: TypeAlias = Int | Bool | Number | CpuList | Bare | Text | Ref | Access | Call | ListOf | MapOf | Opened | Unary | Binary | Conditional

# ------------------------------------------------------------------------------------------------- statements


@record(frozen=True, slots=True, eq=False, repr=False)
class Import:
    span: Span
    path: Text
    alias: Segment | None


@record(frozen=True, slots=True, eq=False, repr=False)
class Let:
    span: Span
    name: Segment
    """Without the `$`."""
    value: Expr
    doc: str


@record(frozen=True, slots=True, eq=False, repr=False)
class Param:
    """`param $site: one-of(a, b) = a` of a file, or one parameter of a profile."""

    span: Span
    name: Segment
    type: Ref | Call
    default: Expr | None
    doc: str


@record(frozen=True, slots=True, eq=False, repr=False)
class Parent:
    """One of the profiles after `extends`; `call` has the arguments where there are any."""

    span: Span
    over: bool
    name: Ref
    arguments: tuple[Argument, ...]


@record(frozen=True, slots=True, eq=False, repr=False)
class Profile:
    span: Span
    name: Segment
    abstract: bool
    params: tuple[Param, ...]
    parents: tuple[Parent, ...]
    body: Body
    doc: str


SetOperator: TypeAlias = Literal["=", "?=", "+=", "-="]


@record(frozen=True, slots=True, eq=False, repr=False)
class Set:
    span: Span
    path: Path
    operator: SetOperator
    value: Expr
    final: bool
    replace: bool
    """`replace x = v`, which the language refuses: replace takes a block."""


@record(frozen=True, slots=True, eq=False, repr=False)
class Block:
    """`vm "x" extends a { }`, `disk vda { }`, `host.sysctl { }`: top level and nested alike."""

    span: Span
    path: Path
    label: Segment | None
    parents: tuple[Parent, ...]
    body: Body
    final: bool
    replace: bool
    doc: str
    where: Expr | None = None
    """The condition of a wildcard."""


@record(frozen=True, slots=True, eq=False, repr=False)
class Lock:
    """`final memory.locked` in a policy: no value."""

    span: Span
    path: Path
    label: Segment | None


@record(frozen=True, slots=True, eq=False, repr=False)
class Unset:
    span: Span
    path: Path
    label: Segment | None


@record(frozen=True, slots=True, eq=False, repr=False)
class Require:
    span: Span
    path: Path
    label: Segment | None
    message: Text


@record(frozen=True, slots=True, eq=False, repr=False)
class Assert:
    span: Span
    condition: Expr
    message: Text | None


@record(frozen=True, slots=True, eq=False, repr=False)
class Each:
    span: Span
    names: tuple[Segment, ...]
    """One or two, without the `$`: the value; or the key and the value."""
    source: Expr


@record(frozen=True, slots=True, eq=False, repr=False)
class For:
    span: Span
    names: tuple[Segment, ...]
    source: Expr
    body: Body


@record(frozen=True, slots=True, eq=False, repr=False)
class When:
    span: Span
    condition: Expr
    body: Body
    otherwise: Body | When | None


Statement: TypeAlias = Import | Let | Param | Profile | Set | Block | Lock | Unset | Require | Assert | Each | For | When


@record(frozen=True, slots=True, eq=False, repr=False)
class Body:
    """The statements between braces; the span includes the braces."""

    span: Span
    statements: tuple[Statement, ...]


@record(frozen=True, slots=True, eq=False, repr=False)
class Comment:
    """`# …` to the end of the line, without the line end; `##` comments are also in `doc` of the declaration below."""

    span: Span
    text: str


@record(frozen=True, slots=True, eq=False, repr=False)
class File:
    """A parsed file. With syntax errors `statements` holds what could be read, for editors; it is never evaluated."""

    source: Source
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    diagnostics: tuple[Diagnostic, ...]
    doc: str
    """The `##` lines at the top of the file that are followed by an empty line."""
