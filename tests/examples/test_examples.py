"""The examples compile, all together and each alone; their tests pass; every setting that an issue or guide asks for is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.diagnostic import Severity
from vmspec.compilation import Compilation, Options

EXAMPLES = Path(__file__).parents[2] / "examples"
FLEETS = tuple(sorted(p.parent.name for p in EXAMPLES.glob("*/vmspec.toml")))


def errors(compilation: Compilation) -> list[str]:
    return [f"{d.code} {d.message}" for d in compilation.diagnostics if d.severity is Severity.ERROR]


@pytest.mark.parametrize("env", [None, "prod"])
def test_all_compile_together(env: str | None) -> None:
    compilation = Compilation([EXAMPLES], Options(env=env))
    assert errors(compilation) == []
    assert len(compilation.fleet.vms) >= 20


@pytest.mark.parametrize("fleet", FLEETS)
def test_each_compiles_alone(fleet: str) -> None:
    compilation = Compilation([EXAMPLES / fleet])
    assert errors(compilation) == []
    assert compilation.fleet.vms


@pytest.mark.parametrize("fleet", FLEETS)
def test_its_tests_pass(fleet: str) -> None:
    failed = [(t.name, t.messages) for t in Compilation([EXAMPLES / fleet]).tests if not t.passed]
    assert failed == []


def test_fleets_with_tests_have_them_run() -> None:
    names = {t.name for t in Compilation([EXAMPLES]).tests}
    assert {"a feed handler is pinned one to one", "a web server is balloonable"} <= names


def test_every_fleet_says_what_it_is() -> None:
    for fleet in FLEETS:
        for file in (EXAMPLES / fleet).glob("*.vmspec"):
            assert file.read_text(encoding="utf-8").startswith("# "), file


def test_identities_are_the_project_s() -> None:
    ids = [(EXAMPLES / fleet / "vmspec.toml").read_text(encoding="utf-8") for fleet in FLEETS]
    assert len(set(ids)) == len(FLEETS)
