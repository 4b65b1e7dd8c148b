"""`test` blocks: what they hold, see, and judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.driver.compilation import Compilation


def outcome(tmp_path: Path, text: str) -> tuple[bool, str]:
    (tmp_path / "a.vmspec").write_text(text)
    compilation = Compilation([tmp_path])
    assert compilation.diagnostics == ()
    (result,) = compilation.tests
    return result.passed, "\n".join(result.messages)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('test "t" { assert 1 == 2, "no" }', "t: no"),
        ('let $x = 3\ntest "t" { assert $x == 4 }', "t: $x == 4"),
        ('test "t" { let $y = 3; assert $y == 4, "got ${y}" }', "t: got 3"),
        ('test "t" { assert 1 }', "takes a boolean"),
        ('test "t" { assert self.cpu.count == 1 }', "self"),
        ('test "e" { }', "holds no machine and asserts nothing"),
        ('env prod { }\ntest "t" { env = prod; assert $env == none }', "t: $env == none"),
    ],
)
def test_fails(tmp_path: Path, text: str, said: str) -> None:
    passed, messages = outcome(tmp_path, text)
    assert not passed
    assert said in messages


@pytest.mark.parametrize(
    "text",
    [
        'let $x = 3\ntest "t" { assert $x == 3 }',
        'test "t" { vm a { cpu.count = 1; memory.size = 1GiB } }',
        'test "t" { fails = 2114; assert 1 == 2 }',
        # What the program declares besides machines is there: networks and pools as hosts are.
        'network lan { bridge.name = "virbr7" }\nprofile p { interface e { source = network(lan) } }\n'
        'test "t" { vm a extends p { cpu.count = 1; memory.size = 1GiB } }',
        'pool images { type = dir; target = "/images" }\nvolume v { pool = images; capacity = 1GiB }\n'
        'test "t" { vm a { cpu.count = 1; memory.size = 1GiB; disk vda { source = volume(v) } } }',
    ],
)
def test_passes(tmp_path: Path, text: str) -> None:
    assert outcome(tmp_path, text) == (True, "")
