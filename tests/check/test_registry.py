"""The tables of rules are whole: nothing forgotten, nothing twice, every number in its block."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from vmspec.base.code import SECTIONS
from vmspec.check import registry
from vmspec.check.registry import FLEET, HOST, PLAIN, VM, all_rules
from vmspec.check.rule import Rule
from vmspec.check.subject import Subject
from vmspec.model.block import Sub, schema
from vmspec.model.domain import Domain

ROOT = Path(registry.__file__).parent
SUBJECTS = (*VM, PLAIN, HOST, FLEET)


def test_numbers_and_names_are_unique() -> None:
    rules = all_rules()
    assert len({r.code.number for r in rules}) == len(rules)
    assert len({r.code.name for r in rules}) == len(rules)
    assert len(rules) >= 150


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda s: s.package.removeprefix("vmspec.check."))
def test_table_lists_every_file(subject: Subject) -> None:
    folder = ROOT.joinpath(*subject.package.split(".")[2:])
    files = {p.stem for p in folder.glob("*.py")} - {"__init__"}
    assert set(import_module(subject.package).RULES) == files


def test_every_folder_of_rules_is_a_subject() -> None:
    packages = {s.package for s in SUBJECTS}
    assert {f"vmspec.check.vm.{p.name}" for p in (ROOT / "vm").iterdir() if (p / "__init__.py").exists()} <= packages


@pytest.mark.parametrize("subject", VM, ids=lambda s: s.package.removeprefix("vmspec.check.vm."))
def test_triggers_are_features(subject: Subject) -> None:
    fields = schema(Domain).fields if not subject.block else schema(_block(subject.block)).fields
    known = {f.python for f in fields}
    known |= {f"{f.python}.{inner.python}" for f in fields if isinstance(f.line, Sub) for inner in schema(f.types[0]).fields}
    for module, features in import_module(subject.package).RULES.items():
        assert set(features.split()) <= known, (module, set(features.split()) - known)


def _block(feature: str) -> type:
    return next(f.types[0] for f in schema(Domain).fields if f.python == feature)


OF_THE_VM = (4631,)
"""Rules on one VM that need its host, where it has one."""


@pytest.mark.parametrize("rule", all_rules(), ids=lambda r: str(r.code))
def test_page(rule: Rule) -> None:
    for section in SECTIONS:
        assert rule.code.section(section), section
    _, _, scope, *_ = parts = rule.check.__module__.split(".")
    low, high = {"vm": (4000, 4999), "foreign": (4000, 4999), "host": (5000, 5999), "fleet": (6000, 6999)}[scope]
    assert low <= rule.code.number <= high or rule.code.number in OF_THE_VM
    assert parts[-1] == rule.check.__name__
    assert rule.code.name.endswith(rule.check.__name__.replace("_", "-"))
