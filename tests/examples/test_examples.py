"""The examples compile, all together and each alone; their tests pass; every setting that an issue or guide asks for is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.diagnostic import Severity
from vmspec.driver.compilation import BuildOptions, Compilation

EXAMPLES = Path(__file__).parents[2] / "examples"
FLEETS = tuple(sorted(p.parent.name for p in EXAMPLES.glob("*/vmspec.toml")))


DAYS = {
    "nfv",
    "trading",
    "private-cloud",
    "homelab",
    "gpu-workstation",
    "windows",
    "database",
    "storage",
    "ci-runners",
    "architectures",
    "migration",
}
"""What engineers come with on their first day."""


def told(compilation: Compilation) -> list[str]:
    """Every error and warning. An example that has a warning teaches to pass over warnings."""
    return [f"{d.code} {d.message}" for d in compilation.diagnostics if d.severity in (Severity.ERROR, Severity.WARNING)]


@pytest.mark.parametrize("env", [None, "prod"])
def test_all_compile_together(env: str | None) -> None:
    compilation = Compilation([EXAMPLES], BuildOptions(env=env, locked=True))
    assert told(compilation) == []
    assert len(compilation.fleet.vms) >= 80


@pytest.mark.parametrize("fleet", FLEETS)
def test_each_compiles_alone(fleet: str) -> None:
    compilation = Compilation([EXAMPLES / fleet], BuildOptions(locked=True))
    assert told(compilation) == []
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


def test_every_job_of_a_first_day_is_there() -> None:
    assert set(FLEETS) >= DAYS


def test_identities_are_the_project_s() -> None:
    ids = [(EXAMPLES / fleet / "vmspec.toml").read_text(encoding="utf-8") for fleet in FLEETS]
    assert len(set(ids)) == len(FLEETS)
