"""A subject: a package of rules about one block, one module a topic.

A topic is imported when the first block comes by that has one of its features, so a small build pays for few rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module

from vmspec.check.rule import Rule


class Subject:
    """A package of rules. Its table of topics says for each module the features of which one must be set, all that its rules need.

    `block` is the feature of the VM whose blocks the rules get; "" for the VM, host or fleet itself. `table` is the table's name.
    """

    def __init__(self, package: str, block: str = "", table: str = "TOPICS") -> None:
        self.package = package
        self.block = block
        self.table = table

    @cached_property
    def topics(self) -> Mapping[str, frozenset[str]]:
        """By module; an empty set calls for it always."""
        table: Mapping[str, str] = getattr(import_module(self.package), self.table)
        return {module: frozenset(features.split()) for module, features in table.items()}

    def for_features(self, features: frozenset[str]) -> tuple[Rule, ...]:
        """The rules that may have something to say where these features are set."""
        called = (rule for topic, needs in self.topics.items() if not needs or needs & features for rule in self.rules(topic))
        return tuple(rule for rule in called if not rule.needs or rule.needs & features)

    def all(self) -> tuple[Rule, ...]:
        return tuple(rule for topic in self.topics for rule in self.rules(topic))

    def rules(self, topic: str) -> tuple[Rule, ...]:
        """The rules of a module, as they stand in it."""
        return tuple(value for value in vars(import_module(f"{self.package}.{topic}")).values() if isinstance(value, Rule))
