"""Programs of the project with a few tokens changed go through the whole compiler: never an exception, never a finding of ours (9xxx)."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pytest

from tests.amount import amount
from vmspec import codes
from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.driver.compilation import Compilation
from vmspec.model.kinds import ObjectKind

ROOT = Path(__file__).parents[1]
TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|[A-Za-z_$][\w.-]*|\d[\w.%/-]*|\s+|.', re.DOTALL)
FENCED = re.compile(r"```vmspec[^\n]*\n(.*?)```", re.DOTALL)
MARKED = re.compile(r"^\s*\^+ (error|warning)\[.*$", re.MULTILINE)
PROGRAMS = amount(40, 1000)
"""For each of the seeds."""


@cache
def programs() -> tuple[tuple[str, ...], ...]:
    """Every program of the repository as tokens: examples, standard library, documents, cases, pages of the codes."""
    texts = [p.read_text(encoding="utf-8") for folder in ("examples", "stdlib") for p in sorted((ROOT / folder).rglob("*.vmspec"))]
    for markdown in sorted([*ROOT.glob("tests/**/cases/*.md"), *ROOT.glob("docs/*.md")]):
        texts += [MARKED.sub("", found) for found in FENCED.findall(markdown.read_text(encoding="utf-8"))]
    texts += [section for code in codes.load_all().values() for name in ("Example", "Instead") if (section := code.section(name))]
    return tuple(tuple(TOKEN.findall(text)) for text in texts)


def mutated(chance: random.Random) -> str:
    tokens = list(chance.choice(programs()))
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        if not tokens:
            break
        at = chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0:
                del tokens[at]
            case 1:
                tokens[at] = chance.choice(chance.choice(programs()) or ("",))
            case 2:
                other = chance.randrange(len(tokens))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case _:
                tokens[at:at] = tokens[at : at + chance.randrange(1, 12)]
    return "".join(tokens)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_breaks(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    path = tmp_path / "main.vmspec"
    for _ in range(PROGRAMS):
        text = mutated(chance)
        path.write_text(text, encoding="utf-8")
        compilation = Compilation([path])
        found = compilation.diagnostics
        for each in found:
            assert whole(each), f"{each}\n{text}"
        if has_errors(found):
            continue
        for artifact in compilation.artifacts():
            assert artifact.marks() or artifact.kind is not ObjectKind.VM, text


def whole(found: Diagnostic) -> bool:
    """A sentence on one line, at a span that lies in its source."""
    at = found.primary
    inside = at is None or 0 <= at.start <= at.end <= len(at.source.text)
    return inside and "\n" not in found.message and found.code.number < 9000
