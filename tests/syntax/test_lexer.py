"""What characters become which terminals: a test for each pair that could be taken for another."""

from __future__ import annotations

import pytest

from vmspec.base.source import Source
from vmspec.syntax.lexer import arrange
from vmspec.syntax.scanner import scan


def kinds(text: str) -> str:
    """The terminals of a text, each with what it covers."""
    source = Source("x", text)
    return " ".join(f"{t.kind}:{text[t.start : t.end]}" for t in arrange(text, scan(source).tokens))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2-5", "RANGE:2-5"),
        ("2 - 5", "INT:2 MINUS:- INT:5"),
        ("2 -5", "INT:2 MINUS:- INT:5"),
        ("2-5GiB", "INT:2 MINUS:- QUANTITY:5GiB"),
        ("2-5.5", "INT:2 MINUS:- FLOAT:5.5"),
        ("2-5%", "INT:2 MINUS:- QUANTITY:5%"),
        ("2-a", "INT:2 MINUS:- NAME:a"),
        ("$n-1", "VAR:$n MINUS:- INT:1"),
        ("a-1", "NAME:a-1"),
        ("a -1", "NAME:a MINUS:- INT:1"),
        ("a--1", "NAME:a MINUS:- MINUS:- INT:1"),
        ("0x1f", "HEX:0x1f"),
        ("0xg", "QUANTITY:0xg"),
        ("0", "INT:0"),
        ("1.5", "FLOAT:1.5"),
        ("1.5GiB", "QUANTITY:1.5GiB"),
        ("20%", "QUANTITY:20%"),
        ("400MiB/s", "QUANTITY:400MiB/s"),
        ("400MiB/sec", "QUANTITY:400MiB SLASH:/ NAME:sec"),
        ("4GiB/2", "QUANTITY:4GiB SLASH:/ INT:2"),
        ("4GiB / s", "QUANTITY:4GiB SLASH:/ NAME:s"),
        ("10.0.0.1", "UNQUOTED:10.0.0.1"),
        ("10.0.0.0/24", "UNQUOTED:10.0.0.0/24"),
        ("52:54:00:aa:bb:cc", "UNQUOTED:52:54:00:aa:bb:cc"),
        ("aa:bb:cc:dd:ee:ff", "UNQUOTED:aa:bb:cc:dd:ee:ff"),
        ("aa: bb", "NAME:aa COLON:: NAME:bb"),
        ("0000:3b:00.0", "UNQUOTED:0000:3b:00.0"),
        ("12345678-1234-1234-1234-123456789abc", "UNQUOTED:12345678-1234-1234-1234-123456789abc"),
        ("deadbeef-1234-1234-1234-123456789abc", "UNQUOTED:deadbeef-1234-1234-1234-123456789abc"),
        ("pc-q35-8.2", "UNQUOTED:pc-q35-8.2"),
        ("pc-q35", "NAME:pc-q35"),
        ("virt-7.2", "UNQUOTED:virt-7.2"),
        ("q35", "NAME:q35"),
        ('""', 'STRING:""'),
        ('"a"', 'STRING:"a"'),
        ('"""a"""', 'TRIPLE:"""a"""'),
        ('""" "" """', 'TRIPLE:""" "" """'),
        ('"${f("a")}"', 'STRING:"${f("a")}"'),
        ('"${f("}")}" "b"', 'STRING:"${f("}")}" STRING:"b"'),
        ('"${ {a = "x"} }"', 'STRING:"${ {a = "x"} }"'),
        ('"$x" "$"', 'STRING:"$x" STRING:"$"'),
        (r'"\"" "\\"', r'STRING:"\"" STRING:"\\"'),
        ("==", "CMP:=="),
        ("= =", "EQ:= EQ:="),
        ("<=", "CMP:<="),
        ("?=", "SETOP:?="),
        ("x -= 1", "NAME:x SETOP:-= INT:1"),
        ("x = -1", "NAME:x EQ:= MINUS:- INT:1"),
        ("a.0.1.b", "NAME:a DOT:. INT:0 DOT:. INT:1 DOT:. NAME:b"),
        ("a.1GiB", "NAME:a DOT:. QUANTITY:1GiB"),
        ("x = 0-3,8", "NAME:x EQ:= CPUSET:0-3,8"),
        ("x = 0-3, 8, ^2 | 9", "NAME:x EQ:= CPUSET:0-3, 8, ^2 PIPE:| INT:9"),
        ("x = [0-3, 8]", "NAME:x EQ:= LSQB:[ RANGE:0-3 COMMA:, INT:8 RSQB:]"),
        ("x = f(0, 8)", "NAME:x EQ:= NAME:f LPAR:( INT:0 COMMA:, INT:8 RPAR:)"),
        ("x = f(a = 0,8)", "NAME:x EQ:= NAME:f LPAR:( NAME:a EQ:= CPUSET:0,8 RPAR:)"),
        ("x = f({a = 0,8})", "NAME:x EQ:= NAME:f LPAR:( LBRACE:{ NAME:a EQ:= CPUSET:0,8 RBRACE:} RPAR:)"),
        ("x = 1,\n2", "NAME:x EQ:= CPUSET:1,\n2"),
    ],
)
def test_terminals(text: str, expected: str) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("let $a = 1", "LET"),
        ("let = 1; let.a = 1; let { }", ""),
        ("vm let { let = in }", ""),
        ("final cpu { }; final = 3; final.a = 1", "FINAL"),
        ("final replace disk vda { }", "FINAL REPLACE"),
        ("abstract profile a extends b, over c { }", "ABSTRACT PROFILE EXTENDS OVER"),
        ('profile "*" { }', ""),
        ("vm a extends over { }", "EXTENDS"),
        ("vm a\n\nextends b { }", "EXTENDS"),
        ("vm a { extends = 1 }", ""),
        ("each $in in in", "EACH IN"),
        ("for $a, $b in $c in $d { in = 1 }", "FOR IN IN"),
        ("when $a == b and not $c or d { } else when e { } else { }", "WHEN AND NOT OR ELSE WHEN ELSE"),
        ("when = 1; when.x = 2", ""),
        ("interface else { }", ""),
        ("x = if a then if b then c else d else e", "IF THEN IF THEN ELSE ELSE"),
        ("x = if\ny = then", ""),
        ("x = $a and\n$b", "AND"),
        ("x = true; y = false; z = true.x; true = 1; w = f(true = 2)", "TRUE FALSE"),
        ("x = self; y = self.z; self = 1; self.a = 2", "SELF"),
        ("x = a.in; y = a.not.b", ""),
        ("x = { and = 1; not = 2; if = 3; when = 4; assert = 5 }", ""),
        ('import "a" as b; import = 1', "IMPORT AS"),
        ('assert not a, "m"; assert = 1', "ASSERT NOT"),
        ('unset disk a; unset = 1; require a: "m"; require = 1; replace = 1', "UNSET REQUIRE"),
        ("param $a: in = not-a", "PARAM"),
    ],
)
def test_keywords_by_position(text: str, keywords: str) -> None:
    words = {"NAME", "VAR", "STRING", "INT", "CMP", "EQ", "DOT", "LBRACE", "RBRACE", "LPAR", "RPAR", "COMMA", "COLON", "_SEP"}
    found = [t.split(":")[0] for t in kinds(text).split(" ")]
    assert " ".join(k for k in found if k.isalpha() and k not in words) == keywords


@pytest.mark.parametrize(
    ("text", "separators"),
    [
        ("a = 1\nb = 2", 1),
        ("a = 1\n\n\n# c\n\nb = 2\n", 1),
        ("\n\na = 1;;\n;b = 2;\n", 1),
        ("a = [1,\n2\n]", 0),
        ("a = f(\n1\n)", 0),
        ("a =\n1", 0),
        ("a = 1 +\n2", 0),
        ("vm a\n{\n}\n", 0),
        ("vm a\nextends b\n{\n}\n", 0),
        ("x = if a\nthen b\nelse c", 0),
        ("when a { }\nelse { }", 0),
        ("a = b\nextends = 1", 1),
        ("a = { b = 1\nc = 2 }", 1),
        ("a = f({ b = 1\nc = 2 })", 1),
        ("a { b { } \n c { } }", 1),
    ],
)
def test_separators(text: str, separators: int) -> None:
    source = Source("x", text)
    assert sum(t.kind == "_SEP" for t in arrange(text, scan(source).tokens)) == separators
