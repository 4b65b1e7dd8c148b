"""JSON of strangers: depth is bounded, whatever the text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmspec.base.json_text import DEEPEST, TooDeepError, loads


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 65 + "]" * 65, "[1," * 65 + "2" + "]" * 65])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(TooDeepError):
        loads(text)


@pytest.mark.parametrize("text", ["[" * DEEPEST + "]" * DEEPEST, json.dumps(["[" * 1000, {"{" * 1000: '\\"['}])])
def test_depth_counts_no_brackets_in_strings(text: str) -> None:
    assert loads(text) == json.loads(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30
)


@given(json_values)
def test_it_reads_what_python_reads(value: object) -> None:
    assert loads(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('{"a": {"b": 1, "b": 1}}', 'it says "b" twice'),
        ("[NaN]", "NaN is no number"),
        ('{"a": -Infinity}', "-Infinity is no number"),
        ("9" * 5000, "a number of 5000 digits"),
    ],
)
def test_what_python_reads_and_json_is_not(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        loads(text)


def test_fractions_are_texts() -> None:
    assert loads("[1.50, 1e400, -1]") == ["1.50", "1e400", -1]
