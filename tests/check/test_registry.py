"""The tables of rules are whole: nothing forgotten, nothing twice, every number in its block."""

from __future__ import annotations

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


FOLDERS = sorted({s.package for s in SUBJECTS})


@pytest.mark.parametrize("package", FOLDERS, ids=lambda p: p.removeprefix("vmspec.check."))
def test_the_tables_list_every_file(package: str) -> None:
    folder = ROOT.joinpath(*package.split(".")[2:])
    listed = [topic for s in SUBJECTS if s.package == package for topic in s.topics]
    assert sorted(listed) == sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__")


def test_every_folder_of_rules_is_a_subject() -> None:
    assert {f"vmspec.check.vm.{p.name}" for p in (ROOT / "vm").iterdir() if (p / "__init__.py").exists()} <= set(FOLDERS)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda s: f"{s.package.removeprefix('vmspec.check.')}-{s.table}")
def test_a_topic_is_called_by_what_its_rules_need(subject: Subject) -> None:
    for topic, features in subject.topics.items():
        needs = [rule.needs for rule in subject.rules(topic)]
        assert needs, f"{topic} has no rule"
        assert features == (frozenset().union(*needs) if all(needs) else frozenset()), topic


@pytest.mark.parametrize("subject", VM, ids=lambda s: f"{s.package.removeprefix('vmspec.check.vm.')}-{s.table}")
def test_needs_are_features(subject: Subject) -> None:
    fields = schema(Domain).fields if not subject.block else schema(_block(subject.block)).fields
    known = {f.python for f in fields}
    known |= {f"{f.python}.{inner.python}" for f in fields if isinstance(f.line, Sub) for inner in schema(f.types[0]).fields}
    for rule in subject.all():
        assert rule.needs <= known, (rule, rule.needs - known)


def _block(feature: str) -> type:
    return next(f.types[0] for f in schema(Domain).fields if f.python == feature)


OF_THE_VM = (4631,)
"""Rules on one VM that need its host, where it has one."""


@pytest.mark.parametrize("rule", all_rules(), ids=lambda r: str(r.code))
def test_page(rule: Rule) -> None:
    for section in SECTIONS:
        assert rule.code.section(section), section
    scope = rule.check.__module__.split(".")[2]
    low, high = {"vm": (4000, 4999), "foreign": (4000, 4999), "host": (5000, 5999), "fleet": (6000, 6999)}[scope]
    assert low <= rule.code.number <= high or rule.code.number in OF_THE_VM
    assert rule.code.name.endswith(rule.check.__name__.replace("_", "-"))
