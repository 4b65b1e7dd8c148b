"""Words syntax errors: known mistakes get a message of their own, all others list what was expected."""

from __future__ import annotations

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Edit, Fix, Label
from vmspec.base.record import record
from vmspec.base.source import Source, Span
from vmspec.syntax import codes
from vmspec.syntax.lalr_driver import Automaton
from vmspec.syntax.lexer import CONDITIONS, ENDS, FOLLOW, OPERAND_STARTS
from vmspec.syntax.scanner import Token, shown

BREAKS = frozenset({"_SEP", "RBRACE", "$END"})
"""Terminals that end a statement."""
OBJECTS = frozenset({"vm", "host", "network", "pool", "volume", "nwfilter", "secret", "env", "policy", "test"})
SYMBOLS = frozenset({"PIPE", "AMPERSAND", "PLUS", "MINUS", "STAR", "SLASH", "CMP", "EQ", "SETOP"})
WORD_OPERATORS = frozenset({"and", "or", "in"})
SEGMENTS = frozenset({"NAME", "INT", "STRING", "QUANTITY"})
OPERANDS = OPERAND_STARTS | {"SELF", "NOT", "IF"}
AFTER_NAME = frozenset({"EQ", "SETOP", "DOT", "LBRACE", "NAME", "STRING", "VAR", "QUANTITY", "INT"})

NEEDS = {
    "import": 'a path in quotes: `import "site.vmspec"`',
    "let": "a variable: `let $name = value`",
    "param": "a variable: `param $name: type`",
    "each": "a variable: `each $name in values`",
    "for": "a variable: `for $name in values { }`",
    "profile": "a name: `profile name { }`",
    "abstract": "a profile: `abstract profile name { }`",
    "final": "what it locks: `final cpu.count = 4`",
    "replace": "a block: `replace disk vda { }`",
    "unset": "what it removes: `unset disk cdrom`",
    "require": 'what must be set: `require memory.size: "why"`',
    "assert": 'a condition: `assert condition, "message"`',
    "when": "a condition: `when condition { }`",
}


@record(frozen=True, slots=True)
class Mistake:
    """A diagnostic, and the corrected tokens with which the statement is parsed again; without them it is skipped."""

    diagnostic: Diagnostic
    insert_at: int | None = None
    """The index before which tokens are put in, the next one being read in `mode` from there on."""
    insert: tuple[str, ...] = ()
    relex: str | None = None
    """The lexer's mode for the rest of the statement."""
    drop: int = 0
    """The number of tokens that the insertion replaces."""


@record(frozen=True, slots=True)
class ErrorContext:
    """The parser's state at an error: it stopped at tokens[at], in the statement that begins at tokens[first]."""

    source: Source
    automaton: Automaton
    tokens: list[Token]
    first: int
    at: int
    ends_with: str = "the end of the file"
    """What ends the text: the file, or the `}` of an interpolation."""

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def previous(self) -> Token | None:
        return self.tokens[self.at - 1] if self.at else None

    def kind(self, index: int) -> str:
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else "$END"

    def word(self, index: int) -> str:
        return self.source.text[self.tokens[index].start : self.tokens[index].end]

    def span(self, first: int, last: int | None = None) -> Span:
        return Span(self.source, self.tokens[first].start, self.tokens[first if last is None else last].end)

    def on_new_line(self, index: int) -> bool:
        """Whether a line end stands before the token."""
        before = self.tokens[index - 1].start if index else 0
        return "\n" in self.source.text[before : self.tokens[index].start]


def mistake(p: ErrorContext) -> Mistake:
    """The first known mistake that matches."""
    from vmspec.syntax.habits import habit, lone_word

    for known in (
        habit,
        _operator_at_line_start,
        _misplaced_keyword,
        _value_missing,
        _body_missing,
        _label_is_variable,
        _name_missing,
        _comma_missing,
        _two_statements,
        _equals_missing,
        lone_word,
    ):
        found = known(p)
        if found is not None:
            return found
    return Mistake(unexpected(p))


def _operator_at_line_start(p: ErrorContext) -> Mistake | None:
    at = p.at
    if p.token.kind == "_SEP" and p.kind(at + 1) in SYMBOLS:
        at += 1
    elif p.at == p.first + 1 and p.kind(p.first) == "NAME" and p.word(p.first) in WORD_OPERATORS:
        at = p.first
    elif p.token.kind not in SYMBOLS:
        return None
    if at == 0 or p.kind(at - 1) != "_SEP" or not p.on_new_line(at):
        return None
    message = f"a line cannot begin with `{p.word(at)}`; write it at the end of the line before"
    before = p.tokens[at - 2]
    label = Label(p.span(at - 2), "the statement ends here")
    return Mistake(_diagnostic(codes.OPERATOR_AT_LINE_START, message, p.span(at), (label,), _moved(p, at, before)))


def _moved(p: ErrorContext, at: int, before: Token) -> Fix:
    operator = p.span(at)
    after = p.source.text[operator.end : operator.end + 1]
    gone = Span(p.source, operator.start, operator.end + (after == " "))
    return Fix("move it up", (Edit(Span(p.source, before.end, before.end), f" {operator.text}"), Edit(gone, "")))


def _misplaced_keyword(p: ErrorContext) -> Mistake | None:
    if p.token.kind == "ELSE":
        return Mistake(_diagnostic(codes.KEYWORD_MISPLACED, "this `else` has no `when` before it", p.span(p.at)))
    first = p.first
    while p.kind(first) in ("FINAL", "REPLACE", "ABSTRACT"):
        first += 1
    if p.kind(first) != "NAME":
        if first > p.first and p.at <= first:
            return _needs(p, first - 1, None)
        return None
    word = p.word(first)
    if p.kind(first - 1) == "ABSTRACT" and first > p.first:
        return _needs(p, first - 1, None)
    if (word not in FOLLOW and word not in CONDITIONS) or p.kind(first + 1) in ("EQ", "SETOP", "DOT"):
        return None
    fix = None
    if word in ("let", "param", "each", "for") and p.kind(first + 1) == "NAME":
        at = p.tokens[first + 1].start
        fix = Fix("write it with a $", (Edit(Span(p.source, at, at), "$"),))
    return _needs(p, first, fix)


def _needs(p: ErrorContext, index: int, fix: Fix | None) -> Mistake:
    word = p.word(index)
    return Mistake(_diagnostic(codes.KEYWORD_MISPLACED, f"`{word}` needs {NEEDS[word]}", p.span(index), fix=fix))


def _value_missing(p: ErrorContext) -> Mistake | None:
    index = p.at - 1
    if p.kind(index) in ("EQ", "SETOP") and p.token.kind in BREAKS | {"COMMA", "RPAR", "RSQB"}:
        place = p.span(index)
        return Mistake(_diagnostic(codes.VALUE_MISSING, f"no value follows this `{place.text}`", place), p.at, ("TRUE",))
    if p.token.kind not in ("EQ", "SETOP", "LBRACE"):
        return None
    while index > p.first and p.kind(index) not in ("EQ", "SETOP"):
        index -= 1
    if index > p.first and p.on_new_line(index + 1) and not _bracket_between(p, index):
        place = p.span(index)
        message = f"no value follows this `{place.text}`; the next line begins a statement of its own"
        return Mistake(_diagnostic(codes.VALUE_MISSING, message, place), index + 1, ("TRUE", "_SEP"), "HEAD")
    return None


def _bracket_between(p: ErrorContext, index: int) -> bool:
    return any(t.kind in ("LPAR", "LSQB", "LBRACE") for t in p.tokens[index : p.at])


def _body_missing(p: ErrorContext) -> Mistake | None:
    opening = p.kind(p.first)
    if opening not in ("FOR", "WHEN") or p.token.kind not in BREAKS or not p.automaton.accepts("LBRACE"):
        return None
    message = f"this `{opening.lower()}` has no body: `{{ }}` is missing at its end"
    return Mistake(_diagnostic(codes.BODY_MISSING, message, p.span(p.first, p.at - 1)), p.at, ("LBRACE", "RBRACE"))


def _label_is_variable(p: ErrorContext) -> Mistake | None:
    accepts = p.automaton.accepts
    if p.token.kind != "VAR" or not accepts("STRING") or not accepts("LBRACE") or p.kind(p.at + 1) not in ("LBRACE", "NAME", "EXTENDS"):
        return None
    name = p.word(p.at).strip("${ }")
    fix = Fix("write it in a string", (Edit(p.span(p.at), f'"${{{name}}}"'),))
    message = f'a label is a word or a string; write `"${{{name}}}"` to take in the variable'
    return Mistake(_diagnostic(codes.LABEL_IS_VARIABLE, message, p.span(p.at), fix=fix), p.at, ("STRING",), "HEAD", drop=1)


def _name_missing(p: ErrorContext) -> Mistake | None:
    if p.token.kind == "NAME" and p.word(p.at) == "extends" and p.automaton.accepts("EXTENDS"):
        message = "`extends` needs the name of a profile, without quotes: `extends trading`"
        return Mistake(_diagnostic(codes.KEYWORD_MISPLACED, message, p.span(p.at)))
    if p.kind(p.first) == "IMPORT" and p.word(p.at) == "as":
        message = '`as` needs a name without quotes: `import "rack1.vmspec" as rack1`'
        return Mistake(_diagnostic(codes.KEYWORD_MISPLACED, message, p.span(p.at)))
    return None


def _comma_missing(p: ErrorContext) -> Mistake | None:
    previous = p.previous
    if previous is None or previous.kind not in ENDS or p.token.kind not in OPERANDS - {"MINUS"} or not p.automaton.accepts("COMMA"):
        return None
    if not (p.automaton.accepts("RSQB") or p.automaton.accepts("RPAR")):
        return None
    fix = Fix("insert a comma", (Edit(Span(p.source, previous.end, previous.end), ","),))
    message = f"a comma is missing between `{shown(p.word(p.at - 1))}` and `{shown(p.word(p.at))}`"
    return Mistake(_diagnostic(codes.COMMA_MISSING, message, p.span(p.at), fix=fix), p.at, ("COMMA",))


def _two_statements(p: ErrorContext) -> Mistake | None:
    previous = p.previous
    if previous is None or previous.kind not in ENDS or not p.automaton.accepts("_SEP") or p.on_new_line(p.at):
        return None
    if (p.token.kind == "NAME" and p.kind(p.at + 1) not in AFTER_NAME) or p.token.kind in OPERANDS - {"NAME"} | {"COMMA", "$END"}:
        return None
    if p.token.kind not in ("NAME", "STRING", "FINAL", "REPLACE", "ELSE"):
        return None
    fix = Fix("insert ;", (Edit(Span(p.source, previous.end, previous.end), ";"),))
    message = f"a second statement begins on this line with `{shown(p.word(p.at))}`; put `;` or a new line before it"
    return Mistake(_diagnostic(codes.TWO_STATEMENTS, message, p.span(p.at), fix=fix), p.at, ("_SEP",), "HEAD")


def _equals_missing(p: ErrorContext) -> Mistake | None:
    """`xml \"\"\"…\"\"\"`, where the value cannot be a label; `cache none`, where it can."""
    end = _end_of_path(p)
    if end is None:
        return None
    labelled = end == p.at - 1 and p.kind(end) in SEGMENTS | {"RANGE"}
    if end != p.at and not (labelled and p.token.kind in BREAKS | {"LPAR", "LSQB"} | SYMBOLS):
        return None
    if p.kind(end) not in OPERANDS or p.kind(end) == "LBRACE" or p.token.kind in ("EQ", "SETOP"):
        return None
    setting, place = shown(p.span(p.first, end - 1).text), p.tokens[end - 1].end
    fix = Fix("insert =", (Edit(Span(p.source, place, place), " ="),))
    message = f"a `=` is missing after `{setting}`"
    if end == p.at - 1 and p.kind(end) in ("NAME", "STRING") and p.token.kind in BREAKS:
        label = shown(p.word(end))
        if p.word(p.first) in OBJECTS:
            message = f"`{setting} {label}` has no body: write `{setting} {label} {{ … }}`"
            return Mistake(_diagnostic(codes.BODY_MISSING, message, p.span(end)), p.at, ("LBRACE", "RBRACE"))
        message = f"`{setting} {label}` is unfinished; write `{setting} = {label}` for a value or `{setting} {label} {{ }}` for a block"
    return Mistake(_diagnostic(codes.EQUALS_MISSING, message, p.span(end), fix=fix), end, ("EQ",), "EXPRESSION")


def _end_of_path(p: ErrorContext) -> int | None:
    """The index behind the dotted name with which the statement begins."""
    at = p.first
    while p.kind(at) in ("FINAL", "REPLACE"):
        at += 1
    if p.kind(at) not in SEGMENTS:
        return None
    while p.kind(at + 1) == "DOT" and p.kind(at + 2) in SEGMENTS:
        at += 2
    return at + 1


def _diagnostic(code: Code, message: str, at: Span, labels: tuple[Label, ...] = (), fix: Fix | None = None) -> Diagnostic:
    return Diagnostic(code, message, at, labels=labels, fix=fix)


# ------------------------------------------------------------------------------------------------ anything else


def unexpected(p: ErrorContext) -> Diagnostic:
    token = p.token
    expected = in_words(frozenset(p.automaton.expected()))
    message = f"{_described(p)} is not expected here" + (f"; expected {expected}" if expected else "")
    start = token.start
    end = max(token.end, start)
    if token.kind == "_SEP" or token.kind == "$END":  # at what came before it, where the eye is
        start = end = p.previous.end if p.previous is not None else start
    help = None
    if token.kind in ("COMMA", "CARET") and p.kind(p.at - 1) in ("INT", "RANGE", "COMMA"):
        help = "inside ( and [ a comma parts items; a cpuset is written `0-3 | 8` there"
    return Diagnostic(codes.UNEXPECTED, message, Span(p.source, start, end), help=help)


def _described(p: ErrorContext) -> str:
    token = p.token
    if token.kind == "$END":
        return p.ends_with
    text = p.source.text[token.start : token.end]
    if token.kind == "_SEP" and text != ";":
        return "the end of the line"
    return f"`{shown(text)}`"


GROUPS = (
    (frozenset({"LET", "PROFILE", "ASSERT"}), "a statement", frozenset({"NAME", "STRING", "INT", "QUANTITY"})),
    (frozenset({"LSQB", "VAR", "INT"}), "a value", OPERANDS | {"LPAR"}),
    (frozenset({"INT", "NAME", "RANGE", "STRING"}), "a label", frozenset({"INT", "NAME", "RANGE", "STRING", "QUANTITY"})),
    (frozenset({"NAME", "STRING", "INT"}), "a name", frozenset({"NAME", "STRING", "INT", "QUANTITY"})),
    (frozenset({"NAME"}), "a name", frozenset({"NAME"})),
    (frozenset({"VAR"}), "a variable", frozenset({"VAR"})),
    (frozenset({"STRING"}), "a string", frozenset({"STRING", "TRIPLE"})),
    (frozenset({"EQ"}), "`=`", frozenset({"EQ", "SETOP"})),
    (frozenset({"COMMA"}), "`,`", frozenset({"COMMA"})),
    (frozenset({"COLON"}), "`:`", frozenset({"COLON"})),
    (frozenset({"LBRACE"}), "`{`", frozenset({"LBRACE"})),
    (frozenset({"RPAR"}), "`)`", frozenset({"RPAR"})),
    (frozenset({"RSQB"}), "`]`", frozenset({"RSQB"})),
    (frozenset({"RBRACE"}), "`}`", frozenset({"RBRACE"})),
    (frozenset({"IN"}), "`in`", frozenset({"IN"})),
    (frozenset({"THEN"}), "`then`", frozenset({"THEN"})),
    (frozenset({"PLUS", "PIPE"}), "an operator", SYMBOLS),
    (frozenset({"ELSE"}), "`else`", frozenset({"ELSE"})),
    (frozenset({"_SEP"}), "a new line", frozenset({"_SEP"})),
)
"""(all of these are expected, so say this, of all of those)."""


def in_words(expected: frozenset[str]) -> str:
    """Terminals as words for a message, at most four."""
    words: list[str] = []
    left = set(expected)
    for sign, word, covered in GROUPS:
        if sign <= left and len(words) < 4 and word not in words:
            words.append(word)
            left -= covered
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else ""
