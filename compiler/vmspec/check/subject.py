"""A subject: the rules about one block, by name, with the features that each rule needs to have anything to say.

A rule's module is imported when the first block comes by that has one of those features, so a small build pays for few rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module

from vmspec.check.rule import Rule


class Subject:
    """A package of rules. Its table `RULES` says for each module the features (Python names such as `memory.max`) of which one must be set.

    `block` is the feature of the VM whose blocks the rules get; "" for the VM, host or fleet itself.
    """

    def __init__(self, package: str, block: str = "") -> None:
        self.package = package
        self.block = block

    @cached_property
    def _needs(self) -> tuple[tuple[str, frozenset[str]], ...]:
        table: Mapping[str, str] = import_module(self.package).RULES
        return tuple((module, frozenset(features.split())) for module, features in table.items())

    def for_features(self, features: frozenset[str]) -> tuple[Rule, ...]:
        """The rules that may have something to say where these features are set, in the order of the table."""
        return tuple(self._load(module) for module, needed in self._needs if not needed or needed & features)

    def all(self) -> tuple[Rule, ...]:
        return tuple(self._load(module) for module, _ in self._needs)

    def _load(self, module: str) -> Rule:
        found = getattr(import_module(f"{self.package}.{module}"), module)
        assert isinstance(found, Rule), module
        return found
