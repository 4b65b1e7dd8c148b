"""The variables and paths of `self` that an expression reads, determined from its text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from vmspec.evaluate.session import Binding, Frame
from vmspec.syntax import tree

_M = TypeVar("_M")
KEPT = 50_000
"""Expressions whose reads are remembered."""
_VARIABLES: dict[int, tuple[tree.Expr, frozenset[str]]] = {}
_SELF: dict[int, tuple[tree.Expr, tuple[tree.Access, ...]]] = {}


def variables(expr: tree.Expr) -> frozenset[str]:
    """The names (without `$`) that an expression mentions."""
    known = _VARIABLES.get(id(expr))
    if known is None or known[0] is not expr:
        _bound(_VARIABLES)
        found = frozenset(name for node in walk(expr) for name in _names(node))
        known = _VARIABLES[id(expr)] = (expr, found)
    return known[1]


def self_reads(expr: tree.Expr) -> tuple[tree.Access, ...]:
    """The accesses of `self`, in order."""
    known = _SELF.get(id(expr))
    if known is None or known[0] is not expr:
        _bound(_SELF)
        known = _SELF[id(expr)] = (expr, tuple(n for n in walk(expr) if isinstance(n, tree.Access) and n.is_self))
    return known[1]


def _bound(memo: dict[int, _M]) -> None:
    """Bound the memo: a long-lived process must not keep every syntax tree."""
    if len(memo) >= KEPT:
        memo.clear()


def _names(node: tree.Expr) -> Iterator[str]:
    match node:
        case tree.Access(is_self=False):
            yield node.root
        case tree.Text():
            yield from (p.dotted for p in node.parts if isinstance(p, tree.Ref) and len(p.segments) == 1)
        case tree.Call(function=tree.Ref(segments=segments)) if segments[0].name in ("siblings", "numa_of", "near"):
            yield "host"
        case _:
            pass


def walk(expr: tree.Expr) -> Iterator[tree.Expr]:
    """The expression and everything inside it, depth first in source order, without recursion."""
    stack: list[tree.Expr] = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))


def children(node: tree.Expr) -> Iterator[tree.Expr]:
    match node:
        case tree.Text():
            yield from (p for p in node.parts if not isinstance(p, str))
        case tree.Access():
            yield from (s for s in node.steps if not isinstance(s, tree.Segment))
        case tree.Call():
            yield from (a.value for a in node.arguments)
        case tree.ListOf():
            yield from node.items
        case tree.MapOf():
            for entry in node.entries:
                yield from (s.text for s in entry.path.segments if s.text is not None)
                yield entry.value
        case tree.Opened():
            yield node.value
            yield node.body
        case tree.Unary():
            yield node.operand
        case tree.Binary():
            yield node.left
            yield node.right
        case tree.Conditional():
            yield node.condition
            yield node.then
            yield node.otherwise
        case _:
            pass


def bindings(expr: tree.Expr, frame: Frame) -> tuple[tuple[str, Binding], ...]:
    """The variables that a value depends on, each followed by those that its own value reads; `$host` and `$env` are written nowhere."""
    return tuple((name, binding) for name, binding in _reached(expr, frame) if binding is not None and name != "host")


def _reached(expr: tree.Expr, frame: Frame) -> Iterator[tuple[str, Binding | None]]:
    """Every variable that a value depends on, through lets and parameters too, each once; without recursion, for chains of any length."""
    seen: set[int] = set()
    pending = [(name, frame) for name in reversed(ordered(expr))]
    while pending:
        name, inside = pending.pop()
        binding = inside.find(name)
        if binding is not None and id(binding) in seen:
            continue
        yield name, binding
        if binding is None:
            continue
        seen.add(id(binding))
        if binding.expr is not None and binding.frame is not None:
            pending += [(inner, binding.frame) for inner in reversed(ordered(binding.expr))]


def ordered(expr: tree.Expr) -> tuple[str, ...]:
    """The names that an expression mentions, in the order of its text."""
    return tuple(dict.fromkeys(name for node in walk(expr) for name in _names(node))) if variables(expr) else ()


def reads_host(expr: tree.Expr, frame: Frame) -> bool:
    """Whether an expression depends on `$host`, directly or through a let or parameter."""
    return any(name == "host" and (binding is None or binding.expr is None) for name, binding in _reached(expr, frame))


def reads_arch(expr: tree.Expr, frame: Frame) -> bool:
    """Whether an expression depends on `$arch`, directly or through a let or parameter."""
    return any(name == "arch" and (binding is None or binding.expr is None) for name, binding in _reached(expr, frame))


def varies(expr: tree.Expr, frame: Frame, varying: set[int]) -> bool:
    """Whether an expression depends on a binding (by identity) that differs between the objects of a template."""
    return any(id(binding) in varying for _, binding in _reached(expr, frame))
