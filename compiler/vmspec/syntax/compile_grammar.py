"""Compiles grammar/vmspec.lark into the parser's tables, as plain data: `python -m vmspec.syntax.compile_grammar OUT`.

lark reads the grammar and computes the LALR(1) automaton; nothing of lark is needed to parse with the result. It is imported
here alone, because that takes 60 ms. Grammar construction fails on any conflict. States are renumbered from the start states
in the order of the symbols' names, so that the same grammar gives the same bytes whatever the hash seed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule
from lark.lexer import Lexer, TerminalDef

from vmspec.base import resources

STARTS = ("file", "interpolation")


class NoLexer(Lexer):
    """A stub for lark, which would build a lexer that we do not use."""

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Any:
        raise NotImplementedError


def compile_grammar(grammar: str) -> dict[str, Any]:
    """The tables: see `Tables` in tables.py for what each part means."""
    lark = Lark(grammar, parser="lalr", start=list(STARTS), lexer=NoLexer, strict=True, maybe_placeholders=True)
    table = lark.parser.parser._parse_table
    order = _order(table)
    number = {state: n for n, state in enumerate(order)}
    rules = list(dict.fromkeys(lark.rules))
    rule_number = {rule: n for n, rule in enumerate(rules)}
    states = []
    for state in order:
        actions: dict[str, int] = {}
        for symbol, (_, arg) in sorted(table.states[state].items()):
            actions[str(symbol)] = ~rule_number[arg] if isinstance(arg, Rule) else number[arg]
        states.append(actions)
    return {
        "scanner": _scanner(lark.grammar.compile(list(STARTS), "*")[0]),
        "states": states,
        "rules": [_rule(rule) for rule in rules],
        "starts": {start: number[table.start_states[start]] for start in STARTS},
        "ends": {start: number[table.end_states[start]] for start in STARTS},
    }


def _order(table: Any) -> list[int]:
    """The states in the order of a traversal."""
    order = [table.start_states[start] for start in STARTS]
    seen = set(order)
    for state in order:
        for _, (_, arg) in sorted(table.states[state].items()):
            if not isinstance(arg, Rule) and arg not in seen:
                seen.add(arg)
                order.append(arg)
    return order


def _rule(rule: Rule) -> list[Any]:
    """`[origin, size, function, pick, shape]`.

    `pick` is the index of the only child of a rule that adds nothing (`?sum: product`), `shape` what the function gets otherwise:
    per child its index, `None` for an absent optional part, or a list with the index of children to be spliced in. Both follow
    lark's rules for shaping trees. A function of `None` means that the children are the value.
    """
    symbols = rule.expansion
    missing = list(rule.options.empty_indices) or [False] * len(symbols)
    shape: list[Any] = []
    at = 0
    for absent in missing:
        if absent:
            shape.append(None)
            continue
        symbol: Any = symbols[at]
        if not (symbol.is_term and symbol.filter_out):
            spliced = not symbol.is_term and symbol.name.startswith("_")
            shape.append([at] if spliced else at)
        at += 1
    origin = str(rule.origin.name)
    single = rule.options.expand1 and not rule.alias and len(shape) == 1 and isinstance(shape[0], int)
    function = None if origin.startswith("_") else str(rule.alias or origin)
    return [origin, len(symbols), function, shape[0] if single else None, shape]


def _scanner(terminals: list[TerminalDef]) -> str:
    """One pattern: blanks, then one named group for each terminal; in order of priority, the longer first among equals."""
    ordered = sorted(terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    groups = (f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in ordered if t.name != "WS")
    blanks = next(t for t in terminals if t.name == "WS").pattern.to_regexp()
    return f"(?:{blanks})?+(?:{'|'.join(groups)})"


def text_of(tables: dict[str, Any]) -> str:
    return json.dumps(tables, separators=(",", ":"), sort_keys=True)


def main(out: str) -> None:
    grammar = (resources.grammar() / "vmspec.lark").read_text(encoding="utf-8")
    Path(out).write_text(text_of(compile_grammar(grammar)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
