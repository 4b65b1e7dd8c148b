"""The codes of the syntax, 0001 to 0999, with their pages."""

from __future__ import annotations

from vmspec.base.code import Code

UNTERMINATED_STRING = Code(
    1,
    "unterminated-string",
    """
    What: A string has no closing quote on its line, or a block of text no closing `\"\"\"`.
    Why: A string that ran on would swallow the rest of the file; only `\"\"\"` blocks span lines.
    Example:
        let $a = "one
    Instead:
        let $a = "one"
    """,
)
UNKNOWN_CHARACTER = Code(
    2,
    "unknown-character",
    """
    What: A character that means nothing in the language, or one that only looks like another: a typographic quote, a no-break
        space, an invisible control.
    Why: Text pasted from a web page or a chat often carries them, and they cannot be told from the right ones by eye.
    Example:
        let $a = “one”
    Instead:
        let $a = "one"
    """,
)
NAME_NOT_ASCII = Code(
    3,
    "name-not-ascii",
    """
    What: A bare word holds letters outside A–Z, a–z, 0–9, `_` and `-`.
    Why: Names become XML names, file names and kernel arguments, and look-alike letters would make two names that read the same.
        Strings and comments take any text.
    Example:
        vm größe { }
    Instead:
        vm groesse { }
    """,
)
NOT_TEXT = Code(
    4,
    "not-text",
    """
    What: The file is not text in UTF-8: it holds a NUL or bytes that are no character.
    Why: A disk image or an archive was given in place of a source file, or the file was saved in another encoding.
    """,
)
UNEXPECTED = Code(
    5,
    "unexpected",
    """
    What: Something stands where the grammar has no place for it; the message says what could have stood there.
    Why: The rest of the statement was not read, so the file is not evaluated. Later statements are still checked.
    Example:
        let $a = [1, = 2]
    Instead:
        let $a = [1, 2]
    """,
)
UNCLOSED = Code(
    6,
    "unclosed",
    """
    What: A `{`, `(` or `[` is never closed.
    Why: The place is found by the layout: a declaration that starts in the first column ends what stands open above it, and a `)` or
        `]` is missed at the end of its line.
    Example:
        vm a {
          cpu.count = 2
        vm b { }
    Instead:
        vm a {
          cpu.count = 2
        }
        vm b { }
    """,
)
CLOSES_NOTHING = Code(
    7,
    "closes-nothing",
    """
    What: A `}`, `)` or `]` has no opening counterpart.
    Why: One too many was written, or its opening brace was removed.
    Example:
        let $a = 1 }
    Instead:
        let $a = 1
    """,
)
OPERATOR_AT_LINE_START = Code(
    8,
    "operator-at-line-start",
    """
    What: A line begins with an operator.
    Why: A newline ends a statement unless the line ends with something that cannot end one. Write the operator at the end of the
        line before, or put the expression in parentheses.
    Example:
        let $a = 1
          + 2
    Instead:
        let $a = 1 +
          2
    """,
)
TWO_STATEMENTS = Code(
    9,
    "two-statements",
    """
    What: Two statements stand on one line with nothing between them.
    Why: Statements end at a newline or `;`.
    Example:
        let $a = 1 let $b = 2
    Instead:
        let $a = 1; let $b = 2
    """,
)
DESCENDING_RANGE = Code(
    10,
    "descending-range",
    """
    What: A range of CPUs ends before it begins.
    Why: `8-2` is neither a range nor a subtraction; a subtraction is written with blanks, `8 - 2`.
    Example:
        let $cpus = 8-2
    Instead:
        let $cpus = 2-8
    """,
)
LABEL_IS_VARIABLE = Code(
    11,
    "label-is-variable",
    """
    What: A variable stands where a block's label belongs.
    Why: Labels are words or strings; a string takes the value of a variable in.
    Example:
        vm v {
          for $x in [a, b] { disk $x { } }
        }
    Instead:
        vm v {
          for $x in [a, b] { disk "${x}" { } }
        }
    """,
)
BODY_MISSING = Code(
    12,
    "body-missing",
    """
    What: A `for` or `when` has no body.
    Why: What comes right after `in` is what the loop runs over, even where it is a map in braces; the body is a second pair of braces.
    Example:
        vm v { for $k in { a = 2 } }
    Instead:
        vm v { for $k in { a = 2 } { tags += ["${k}"] } }
    """,
)
BAD_INTERPOLATION = Code(
    13,
    "bad-interpolation",
    """
    What: A `${` in a string has no `}`, holds nothing or no expression, or stands outside a string.
    Why: Inside `${ }` a lone name is a variable; anything longer is an expression, in which variables have their `$`.
    Example:
        let $n = 1
        let $a = "node-${}"
    Instead:
        let $n = 1
        let $a = "node-${n}"
    """,
)
BAD_ESCAPE = Code(
    14,
    "bad-escape",
    r"""
    What: A backslash in a string is followed by something that it does not escape.
    Why: The escapes are `\n`, `\t`, `\r`, `\"`, `\\`, `\$` and `\u{…}` with a character's number in hexadecimal.
    Example:
        let $a = "C:\images"
    Instead:
        let $a = "C:\\images"
    """,
)
REPLACE_VALUE = Code(
    15,
    "replace-value",
    """
    What: `replace` stands before a setting.
    Why: It drops what weaker layers gave a block; a value is replaced by every `=`.
    Example:
        vm v { replace cpu.count = 2 }
    Instead:
        vm v { cpu.count = 2 }
    """,
)
EQUALS_MISSING = Code(
    16,
    "equals-missing",
    """
    What: A name is followed by a value with no `=` between them.
    Why: `disk vda` begins a block, so `cache none` without `=` or `{` is unfinished.
    Example:
        vm v { memory.size 4GiB }
    Instead:
        vm v { memory.size = 4GiB }
    """,
)
VALUE_MISSING = Code(
    17,
    "value-missing",
    """
    What: A setting has no value.
    Why: Nothing follows its `=`. To remove what weaker layers set, write `unset`.
    Example:
        vm v {
          cpu.count =
        }
    Instead:
        vm v {
          cpu.count = 2
        }
    """,
)
KEYWORD_MISPLACED = Code(
    18,
    "keyword-misplaced",
    """
    What: A statement begins with a word of the language, but does not go on as that word asks; or `else` has no `when` before it.
    Why: Words such as `let` and `for` are keywords only where what follows them fits; a `let` without a variable is no `let`.
    Example:
        let a = 4
    Instead:
        let $a = 4
    """,
)
COMMA_MISSING = Code(
    19,
    "comma-missing",
    """
    What: Two values in a list or between parentheses have no comma between them.
    Why: Newlines do not count there.
    Example:
        let $a = [1 2]
    Instead:
        let $a = [1, 2]
    """,
)
TOO_DEEP = Code(
    20,
    "too-deep",
    """
    What: The program is nested deeper than the compiler follows: brackets within brackets, or a long chain of operators.
    Why: A budget ends a runaway program with a message at its line. Name parts of an expression with `let`.
    """,
)
NUMBER_TOO_LONG = Code(
    21,
    "number-too-long",
    """
    What: A number has more digits than any quantity of this world needs.
    Why: It is a slip of the keyboard or an attempt to make the compiler slow.
    Example:
        let $a = 11111111111111111111111111111111111111111111111111
    Instead:
        let $a = 11
    """,
)
IN_VALUE = Code(
    22,
    "in-value",
    """
    What: The block behind a value, as in `source = file("/a") { … }`, holds something else than settings and blocks.
    Why: It says what the arguments of the call would say. There is nothing to merge, to choose or to require in it.
    Example:
        vm a { disk vda { source = file("/a", format = raw) { index ?= 1 } } }
    Instead:
        vm a { cpu.count = 1; memory.size = 1GiB; disk vda { source = file("/a", format = raw) { index = 1 } } }
    """,
)
