"""Runs the LALR automaton: reads terminals until the first that does not fit.

A rule that only passes its one child on (`?sum: product`) costs nothing: for a state, a symbol and the terminal to come, the state
that is reached after all such rules is computed once and remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from vmspec.syntax.scanner import Token
from vmspec.syntax.tables import ChildShape, GrammarRule, Tables, tables

ParseAction: TypeAlias = Callable[[Any, int, int, list[Any]], Any]
"""Makes a node of a reduced rule: (what the builder knows, start, end, children)."""


@cache
def _settled() -> dict[tuple[int, str, str], int]:
    """(state below, symbol, terminal to come) → state after all rules that only pass the symbol on."""
    return {}


class Automaton:
    """One run over one text. `values` and `begins` are stacks beside the stack of states."""

    __slots__ = ("actions", "begins", "builder", "end", "end_of_last", "states", "tables", "values")

    def __init__(self, start: str, builder: object, actions: dict[str, ParseAction]) -> None:
        self.tables: Tables = tables()
        self.actions = actions
        self.builder = builder
        self.states = [self.tables.starts[start]]
        self.end = self.tables.ends[start]
        self.values: list[Any] = []
        self.begins: list[int] = []
        self.end_of_last = 0

    def run(self, tokens: list[Token], at: int = 0) -> int:
        """Parse from tokens[at] on; returns the index of the first token that does not fit, or len(tokens)."""
        table, rules = self.tables.states, self.tables.rules
        states, values, begins = self.states, self.values, self.begins
        settled, builder, actions = _settled(), self.builder, self.actions
        for index in range(at, len(tokens)):
            token = tokens[index]
            kind = token[0]
            while True:
                action = table[states[-1]].get(kind)
                if action is None:
                    return index
                if action >= 0:
                    states.append(action)
                    values.append(token)
                    begins.append(token[1])
                    self.end_of_last = token[2]
                    break
                rule = rules[~action]
                size = rule.size
                if size:
                    begin = begins[-size]
                    children = values[-size:]
                    del states[-size:], values[-size:], begins[-size:]
                else:
                    begin = token[1]
                    children = []
                if rule.pick is not None:
                    value = children[rule.pick]
                else:
                    if rule.shape is not None:
                        children = _shaped(children, rule.shape)
                    name = rule.function
                    value = children if name is None else actions[name](builder, begin, self.end_of_last, children)
                below = states[-1]
                key = (below, rule.origin, kind)
                state = settled.get(key)
                if state is None:
                    state = settled[key] = _settle(table, rules, below, rule.origin, kind)
                states.append(state)
                values.append(value)
                begins.append(begin)
                if kind == "$END" and state == self.end:
                    return len(tokens)
        return len(tokens)

    def accepts(self, kind: str) -> bool:
        """Whether a terminal would be shifted next; the reductions before it are only simulated."""
        table, rules, states = self.tables.states, self.tables.rules, list(self.states)
        while True:
            action = table[states[-1]].get(kind)
            if action is None or action >= 0:
                return action is not None
            rule = rules[~action]
            if rule.size:
                del states[-rule.size :]
            states.append(table[states[-1]][rule.origin])
            if kind == "$END" and states[-1] == self.end:
                return True

    def expected(self) -> list[str]:
        """The names of all terminals that fit here."""
        return sorted(k for k in self.tables.states[self.states[-1]] if (k.isupper() or k == "$END") and self.accepts(k))

    def drop_to(self, length: int) -> None:
        """Pop the stacks to `length` values."""
        del self.states[length + 1 :], self.values[length:], self.begins[length:]


def _settle(table: list[dict[str, int]], rules: tuple[GrammarRule, ...], below: int, symbol: str, kind: str) -> int:
    while True:
        state = table[below][symbol]
        action = table[state].get(kind)
        if action is None or action >= 0:
            return state
        rule = rules[~action]
        if rule.size != 1 or rule.pick is None:
            return state
        symbol = rule.origin


def _shaped(children: list[Any], shape: ChildShape) -> list[Any]:
    first = shape[0] if shape else None
    if isinstance(first, tuple):  # a list that grows: take it over
        out: list[Any] = children[first[0]]
        shape = shape[1:]
    else:
        out = []
    for part in shape:
        if part is None:
            out.append(None)
        elif isinstance(part, tuple):
            out += children[part[0]]
        else:
            out.append(children[part])
    return out
