"""Changing immutable blocks: the few verbs that the predictions are written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from vmspec.model.block import Block
from vmspec.model.domain import Domain

B = TypeVar("B", bound=Block)


def filled(block: B, **features: Any) -> B:
    """With what is not said yet."""
    missing = {name: value for name, value in features.items() if getattr(block, name) is None and value is not None}
    return block.but(**missing) if missing else block


def without(block: B, *names: str) -> B:
    """Without these features."""
    if not any(name in vars(block) for name in names):
        return block
    return type(block)(**{name: value for name, value in vars(block).items() if name not in names})


def made(block: B | None, kind: type[B], **features: Any) -> B:
    """The block with these features; a new one where there is none."""
    return (block or kind()).but(**features)


def labelled(kind: type[B], label: str, **features: Any) -> B:
    """A new block of those that stand several times."""
    return kind(**{"label": label, **features})


def on_each(vm: Domain, kind: str, change: Callable[[Any], Any]) -> Domain:
    """Every device of a kind changed."""
    before = getattr(vm, kind)
    after = tuple(change(device) for device in before)
    return vm if all(a is b for a, b in zip(before, after, strict=True)) else vm.but(**{kind: after})
