"""A value where a list is wanted is offered in brackets."""

from __future__ import annotations

import pytest

from vmspec.evaluate.types import SIMPLE
from vmspec.model.kind import Problem
from vmspec.model.value import Symbol, Value


@pytest.mark.parametrize(("value", "offer"), [(3, "[3]"), (Symbol("a"), "[a]"), ("a b", '["a b"]'), (True, None)])
def test_brackets(value: Value, offer: str | None) -> None:
    reader = SIMPLE["list"]
    assert reader is not None
    assert reader(value) == Problem("is not a list", offer)
