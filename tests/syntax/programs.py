"""Random programs: what hypothesis makes of the grammar, with blanks, line ends and comments wherever they may stand."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = [
    "cpu",
    "disk",
    "a",
    "b-c",
    "vm",
    "profile",
    "memory",
    "else",
    "in",
    "not",
    "final",
    "self",
    "over",
    "x86_64",
    "std",
    "when",
    "let",
    "assert",
    "where",
]
names = st.sampled_from(WORDS)
plain = st.sampled_from(["cpu", "disk", "a", "b-c", "memory", "std"])
variables = st.sampled_from(["$n", "$cpus", "$a_b"])
blank = st.sampled_from([" ", " ", " ", "  ", "\t"])
inner_break = st.sampled_from(["", " ", "", "\n", "\n\n  ", " # why\n", "\n# own line\n", "\r\n"])
separator = st.sampled_from(["\n", "\n", "\n  ", ";", "; ", "\n\n\n", " # trailing\n", "\n# own\n", "\n## doc\n", " ; # c\n", "\r\n\t"])
opening = st.sampled_from(["", " ", "\n", " # open\n", "\n\n# first\n", "\n  "])
closing = st.sampled_from(["", " ", "\n", " # last\n", "\n# end\n\n", ";\n"])

segments = st.one_of(plain, st.sampled_from(["0", "12", "1GiB", '"*"', '"a b"', '"${n}"']))
paths = st.builds(lambda first, rest: ".".join([first, *rest]), plain, st.lists(segments, max_size=3))
labels = st.sampled_from(["", "", "vda", '"*"', '"vd${n}"', "0", "0-3", "eth0.100", "else", "1GiB"])
strings = st.sampled_from(
    [
        '""',
        '"x"',
        '"a ${n} b"',
        '"${join(",", $x)}"',
        r'"\" \\ \u{41} \$"',
        '"ä 尺"',
        '"""\n    a\n      ${n}\n    """',
        '"""x"""',
        '"${$n + 1}"',
    ]
)
atoms = st.one_of(
    st.sampled_from(["1", "0", "0x1f", "-1", "4GiB", "1.5GiB", "400MiB/s", "20%", "0.5", "2-5", "0-3", "10.0.0.1/24", "52:54:00:aa:bb:cc"]),
    st.sampled_from(["0000:3b:00.0", "pc-q35-8.2", "true", "false", "$n", "$h.a", '$h.a["k"].b', "self.cpu.pin", "self.vcpu.0.order"]),
    strings,
    plain,
    st.just("std.low-latency"),
)


def _call(name: str, arguments: list[str], gap: str, comma: str) -> str:
    return f"{name}({gap}{(',' + gap).join(arguments)}{comma if arguments else ''}{gap})"


def _list(items: list[str], gap: str, comma: str) -> str:
    return f"[{gap}{(',' + gap).join(items)}{comma if items else ''}{gap}]"


def _map(entries: list[str], gap: str, between: str, end: str) -> str:
    return "{" + gap + between.join(entries) + end + "}" if entries else "{" + gap + "}"


commas = st.sampled_from(["", ","])
operators = st.sampled_from(
    [" or ", " and ", " == ", " != ", "<", " <= ", " in ", " | ", "&", " + ", " - ", "*", " / ", " |\n  ", " and # c\n "]
)


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    positional = inner.filter(lambda text: not text[:1].isdigit())  # behind a named number it would be one more part of a cpuset
    arguments = st.one_of(positional, st.builds(lambda n, v: f"{n} = {v}", plain, inner), st.just("cpus = 2-5,8,^2"))
    return st.one_of(
        st.builds(lambda a, o, b: f"({a}){o}({b})", inner, operators, inner),
        st.builds(lambda a: f"not ({a})", inner),
        st.builds(lambda a: f"-({a})", inner),
        st.builds(
            lambda a, b, c, gap: f"if {a}{gap}then {b}{gap}else {c}",
            _bracketed(inner),
            _bracketed(inner),
            _bracketed(inner),
            st.sampled_from([" ", "\n  "]),
        ),
        st.builds(_call, plain, st.lists(arguments, max_size=3), inner_break, commas),
        st.builds(_list, st.lists(inner, max_size=4), inner_break, commas),
        st.builds(_map, st.lists(st.builds(lambda p, v: f"{p} = {v}", paths, inner), max_size=3), opening, separator, closing),
    )


def _bracketed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return inner.map(lambda text: f"({text})")


expressions = st.recursive(atoms, _grow, max_leaves=6)
small = st.one_of(atoms, expressions)
values = st.one_of(expressions, st.sampled_from(["0-3,8,^2", "0-3, 8", "2,3 | $x", "$x & 0-3,\n 8", "0-3, # few\n 8"]))


def _body(statements: list[str], gap: str, between: str, end: str) -> str:
    return "{" + gap + between.join(statements) + end + "}" if statements else "{" + gap + "}"


parents = st.sampled_from(["", "", " extends a", "\n  extends std.low-latency, over b", " extends pinned(cpus = 2-5,8, n = 4),\n  c"])


def _nest(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    bodies = st.builds(_body, st.lists(inner, max_size=4), opening, separator, closing)
    prefixes = st.sampled_from(["", "", "", "final ", "replace ", "final replace "])
    return st.one_of(
        st.builds(
            lambda f, p, label, e, w, g, b: f"{f}{p} {label}{e}{w if label and not e else ''}{g}{b}",
            prefixes,
            paths,
            labels,
            parents,
            st.sampled_from(["", "", "", " where bus == virtio", "\n  where not ($n in [a, b]) and (x)", " where where != self.where"]),
            st.sampled_from([" ", "\n", " # c\n"]),
            bodies,
        ),
        st.builds(lambda v, e, b: f"for {v}, $k in {e} {b}", variables, _bracketed(small), bodies),
        st.builds(
            lambda c, b, o, d: f"when {c} {b}{o}{d}" if o else f"when {c} {b}",
            _bracketed(small),
            bodies,
            st.sampled_from(["", " else ", "\nelse "]),
            bodies,
        ),
        st.builds(lambda n, e, b: f"abstract profile {n}($a: cpuset, $b: int = 4){e} {b}", plain, parents, bodies),
    )


simple = st.one_of(
    st.builds(
        lambda f, p, o, e: f"{f}{p} {o} {e}",
        st.sampled_from(["", "final "]),
        paths,
        st.sampled_from(["=", "?=", "+=", "-=", "=\n "]),
        values,
    ),
    st.builds(lambda v, e: f"let {v} = {e}", variables, values),
    st.builds(lambda v, e: f"each {v} in {e}", variables, expressions),
    st.builds(lambda e: f'assert {e}, "m"', _bracketed(small)),
    st.builds(lambda p, q: f"unset {p} {q}", paths, labels),
    st.builds(lambda p: f'require {p}: "why ${{n}}"', paths),
    st.just('import "a.vmspec" as a'),
    st.just("param $site: one-of(a, b) = a"),
)
statements = st.recursive(simple, _nest, max_leaves=8)
programs = st.builds(
    lambda top, s, end, between: top + between.join(s) + end, opening, st.lists(statements, max_size=5), closing, separator
)
