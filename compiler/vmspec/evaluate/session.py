"""The state of one evaluation: diagnostics, budgets, and the frames of variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Fix, Label, Severity
from vmspec.base.provenance import ValueInput
from vmspec.base.record import field, record
from vmspec.base.source import Source, Span
from vmspec.evaluate import codes
from vmspec.model.block import Block
from vmspec.model.facts import HostFacts
from vmspec.model.placement import HostPlacement
from vmspec.model.value import Secret, Value
from vmspec.resolve.program import Program, Unit
from vmspec.syntax import tree

if TYPE_CHECKING:
    from vmspec.evaluate.merge.branches import Branch

MAX_NODES = 20_000_000
MAX_LIST = 100_000
MAX_STRING = 1 << 20
MAX_OBJECTS = 100_000
MAX_DEPTH = 100
"""The deepest nesting of lists and maps."""
MAX_NESTED = 5_000
"""The longest chain of expressions that read one another: a `let` that reads a `let` …"""
FRAMES = 50_000
"""Python's recursion limit for such chains: each expression takes up to eight frames."""
MAX_LINE = 1_000
"""The most profiles in one linearisation."""
DEFAULT_ARCH = "x86_64"
"""The architecture of an object that does not set `arch`."""


class ErrorValue:
    """The value of an expression in error; whatever reads it is in error too, without a second diagnostic."""

    def __repr__(self) -> str:
        return "POISON"


POISON = ErrorValue()
ValueOrError: TypeAlias = "Value | ErrorValue"


class OutOfBudgetError(Exception):
    """Ends an evaluation that exceeds a budget, after its diagnostic."""


@record(frozen=True, slots=True)
class FactsFile:
    """The facts of a host, and the file that they are from."""

    facts: HostFacts
    source: Source


@record(slots=True)
class Session:
    """One evaluation of a program. `env` is None without `--env`; `params` holds what `--param` gives, by name."""

    program: Program
    env: str | None = None
    params: dict[str, Binding] = field(default_factory=dict)
    facts: dict[FilePath, Mapping[str, Value] | ErrorValue] = field(default_factory=dict)
    """By path of the file, read once: what programs read as `$host.facts`."""
    read_facts: dict[FilePath, FactsFile] = field(default_factory=dict)
    """The same files as the compiler reads them."""
    host_facts: dict[str, HostFacts] = field(default_factory=dict)
    """By name of the host."""
    read: list[Source] = field(default_factory=list)
    """Files other than sources that were read."""
    hosts: dict[str, Mapping[str, Value] | ErrorValue] = field(default_factory=dict)
    """`$host` of each host by name, once the hosts are settled."""
    placements: Mapping[str, HostPlacement] = field(default_factory=dict)
    placing: bool = False
    """As in `EvaluateOptions`."""
    chosen: bool = False
    """Whether a placement chooses the host of the object that is being settled."""
    secrets: dict[str, Secret] = field(default_factory=dict)
    """Of the program's own secrets, by label: what guests say."""
    pools: dict[str, str] = field(default_factory=dict)
    """The pool of each volume, by the volume's name, once the volumes are settled."""
    names: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    """The concrete names of the objects of a kind that a unit declares: (id of unit, kind) → names."""
    first_rows: dict[tuple[str, str], Mapping[str, Value]] = field(default_factory=dict)
    """The `each` variables of the object that took a (kind, name) first."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    nodes: int = 0
    nested: int = 0
    """The number of expressions that are being evaluated, each for the one before it."""
    weights: dict[int, tuple[Value, int, int]] = field(default_factory=dict)
    """By identity of a list or map that holds others: itself, how many items it has when written out, and how deep it is."""
    conditions: dict[tuple[int, type[Block]], tuple[tree.Expr, tree.Expr | None]] = field(default_factory=dict)
    """Of a `where`, by the identity of its text and the block that it is about: the text, and what `condition` made of it."""
    user: Span | None = None
    """The head of the object that is being settled: where a mistake is told that lies in the standard library."""
    arch: str = DEFAULT_ARCH
    """`$arch` of the object that is being settled."""
    roots: dict[int, Frame] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    """The branches of `when` that some object takes, by the identity of their bodies."""
    untaken: dict[int, Branch] = field(default_factory=dict)
    """The branches of `when` that some object does not take."""
    _said: set[tuple[object, ...]] = field(default_factory=set)

    def say(
        self,
        code: Code,
        message: str,
        span: Span,
        *,
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str | None = None,
        fix: Fix | None = None,
        severity: Severity = Severity.ERROR,
        subject: str = "",
        about: str = "",
    ) -> ErrorValue:
        """Report a diagnostic, once for a place, code and subject, however many objects of a template have it."""
        key = (code.number, id(span.source), span.start, span.end, subject)
        if key not in self._said:
            self._said.add(key)
            found = Diagnostic(code, message, span, severity, labels, notes, help, fix, about)
            self.diagnostics.append(found.from_standard(self.user) if self.user is not None else found)
        return POISON

    def spend(self, span: Span) -> None:
        """Counts the evaluation of one node."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.exhausted(f"the program needs more than {MAX_NODES:,} steps", span)

    def walk(self, items: int, span: Span) -> None:
        """Counts a walk over so many items."""
        self.nodes += items
        if self.nodes > MAX_NODES:
            self.exhausted(f"the program needs more than {MAX_NODES:,} steps", span)

    def exhausted(self, message: str, span: Span) -> NoReturn:
        self.say(codes.BUDGET, message, span)
        raise OutOfBudgetError

    def root(self, unit: Unit) -> Frame:
        """The frame of a file: its lets and params, and those of its flat imports."""
        known = self.roots.get(id(unit))
        if known is not None:
            return known
        frame = self.roots[id(unit)] = Frame(unit, None)
        for name, (node, owner) in unit.lets.items():
            if owner is not unit:
                binding = self.root(owner).bindings[name]
            elif isinstance(node, tree.Param) and name in self.params:
                given = self.params[name]
                binding = Binding(given.span, given.expr, given.frame, given.value, param=node)
            elif isinstance(node, tree.Param) and node.default is None and isinstance(node.type, tree.Ref) and node.type.dotted == "secret":
                binding = Binding(node.name.span, value=Secret(name, param=True), param=node)
            elif isinstance(node, tree.Param):
                binding = Binding(node.name.span, expr=node.default, frame=frame, param=node)
            else:
                binding = Binding(node.name.span, expr=node.value, frame=frame)
            frame.bindings[name] = binding
        return frame


@record(slots=True, eq=False)
class Binding:
    """What a `$name` stands for: a value, or an expression in its own frame that is evaluated when first read."""

    span: Span
    expr: tree.Expr | None = None
    frame: Frame | None = None
    value: ValueOrError | None = None
    param: tree.Param | None = None
    """The declaration whose type the value must fit."""
    checked: bool = False
    running: bool = False
    origin: ValueInput | None = None
    """Where the value is written; computed on first use."""

    def input(self, name: str) -> ValueInput:
        """The span where the value is written, under the name that was read."""
        if self.origin is None:
            self.origin = ValueInput(name, self.expr.span if self.expr is not None else self.span)
        return self.origin

    def give(self, value: Value, span: Span) -> None:
        """Bind the value for the next object of a template."""
        self.value = value
        if span is not self.span:
            self.span, self.origin = span, None

    def forget(self) -> None:
        """Drop the value before the next object of a template, whose variables differ."""
        if self.expr is not None:
            self.value = None
        self.checked = False


@record(slots=True, eq=False)
class Frame:
    """One lexical scope of variables."""

    unit: Unit
    parent: Frame | None
    bindings: dict[str, Binding] = field(default_factory=dict)

    def find(self, name: str) -> Binding | None:
        frame: Frame | None = self
        while frame is not None:
            binding = frame.bindings.get(name)
            if binding is not None:
                return binding
            frame = frame.parent
        return None

    def visible(self) -> tuple[str, ...]:
        names: dict[str, None] = {}
        frame: Frame | None = self
        while frame is not None:
            names.update(dict.fromkeys(frame.bindings))
            frame = frame.parent
        return tuple(names)
