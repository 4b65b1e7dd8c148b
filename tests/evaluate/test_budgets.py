"""A program always ends: bombs end at a line with 2118, and the work of a build grows with its sources, not with their square."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable
from pathlib import Path

import pytest

from vmspec.driver.compilation import Compilation

VM = "vm v { cpu.count = 1; memory.size = 1GiB; BODY }\n"


def base(body: str = "") -> str:
    return VM.replace("BODY", body)


def chain(count: int, step: str, first: str = "[1]", name: str = "a") -> str:
    """`let $a1 = …`, with `#` for the variable before."""
    lines = [f"let ${name}{i} = {step.replace('#', f'${name}{i - 1}')}\n" for i in range(1, count)]
    return f"let ${name}0 = {first}\n" + "".join(lines)


DOUBLED = chain(40, "[#, #]")
ARGUMENTS = """\
profile p($x: any) { }
profile q extends p($a39) { }
vm v extends p($a39), q { cpu.count = 1; memory.size = 1GiB }
"""
PROFILES = "profile p0 { cpu.count = 1 }\n" + "".join(f"profile p{i} extends p{i - 1} {{ }}\n" for i in range(1, 3000))
BOMBS = {
    "equality": DOUBLED + chain(40, "[#, #]", name="b") + base("assert $a39 == $b39"),
    "unique": DOUBLED + base("assert len(unique($a39)) == 1"),
    "text": DOUBLED + base('description = "${text($a39)}"'),
    "maps": chain(40, "{ x = #; y = # }") + base("assert $a39 == $a39"),
    "sources": chain(40, "f(#, #)") + base("assert $a39 == $a39"),
    "arguments": DOUBLED + ARGUMENTS,
    "requests": DOUBLED + base("host.kernel.args { a = $a39 }"),
    "long list": "let $l = [" + ",".join("1" * 200_000) + "]\n" + base("assert len($l) > 1"),
    "chain of lets": chain(20_000, "# + 1", "1") + base("assert $a19999 > 1"),
    "depth": chain(200, "[#]") + base("assert len($a199) == 1"),
    "chain of profiles": PROFILES + "vm v extends p2999 { memory.size = 1GiB }\n",
}


def found(tmp_path: Path, text: str) -> list[tuple[int, int]]:
    """Code and line of each error."""
    (tmp_path / "main.vmspec").write_text(text)
    errors = [d for d in Compilation([tmp_path]).diagnostics if d.severity.value == "error"]
    return [(d.code.number, 0 if d.primary is None else d.primary.source.text.count("\n", 0, d.primary.start) + 1) for d in errors]


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_at_its_line(tmp_path: Path, name: str) -> None:
    assert [(code, line > 0) for code, line in found(tmp_path, BOMBS[name])] == [(2118, True)]


def test_what_is_large_and_no_bomb_is_built(tmp_path: Path) -> None:
    profiles = "".join(PROFILES.splitlines(keepends=True)[:900])
    body = "memory.size = 1GiB; assert $a1999 == 2000; assert len(unique(range(50000))) == 50000"
    program = chain(2000, "# + 1", "1") + profiles + f"vm v extends p899 {{ {body} }}\n"
    assert found(tmp_path, program) == []


def test_equal_values_are_one(tmp_path: Path) -> None:
    asserts = (
        "assert unique([a, b, a, \"b\"]) == [a, b]",
        "assert len(unique([2, 2B, true, 1])) == 4",
        "assert [[1, 2], [3]] - [[3]] == [[1, 2]]",
        "assert [a, b] & [b, c] == [b]",
        "assert [a] | [b, a] == [a, b]",
        "assert len(unique([{ a = 1 }, { a = 1 }, { a = 1B }])) == 2",
        "assert len(unique([file(\"/a\"), file(\"/a\"), file(\"/b\")])) == 2",
    )  # fmt: skip
    assert found(tmp_path, base("; ".join(asserts))) == []


def profiles(n: int) -> str:
    made = [f"profile p{i} extends p{i - 1} {{ memory.size ?= {i}MiB }}\n" for i in range(1, n)]
    return "profile p0 { cpu.count = 1 }\n" + "".join(made) + f"vm v extends p{n - 1} {{ memory.size = 1GiB }}\n"


def disks(n: int) -> str:
    return base("; ".join(f'disk d{i} {{ source = block("/dev/vg/{i}"); bus = scsi }}' for i in range(n)))


def attributes(n: int) -> str:
    made = " ".join(f"a{i}='1'" for i in range(n))
    return base(f'disk vda {{ source = block("/dev/x"); xml = """<driver {made}/>""" }}')


def unclosed(n: int) -> str:
    return 'let $b = "' + "${" * n + "\n" + base()


def reads(n: int) -> str:
    return chain(n, "# + 1", "1") + base(f"assert $a{n - 1} > 0")


@pytest.mark.parametrize("program", [profiles, disks, attributes, unclosed, reads])
def test_work_grows_with_the_sources(tmp_path: Path, program: Callable[[int], str]) -> None:
    """Counted in calls, which no other process disturbs: twice as much text takes less than three times as many."""
    few, many = calls(tmp_path / "few", program(200)), calls(tmp_path / "many", program(400))
    assert many < 3 * few


def calls(folder: Path, text: str) -> int:
    from vmspec.cli.main import main

    folder.mkdir()
    (folder / "main.vmspec").write_text(text)
    words = ["check", str(folder), "--output-format", "json", "--output-file", str(folder / "report")]
    main(words)
    profile = cProfile.Profile()
    profile.runcall(main, words)
    return pstats.Stats(profile).prim_calls  # type: ignore[attr-defined,no-any-return]
