"""The article of words that messages are made with."""

from __future__ import annotations

import pytest

from vmspec.base.article import with_article


@pytest.mark.parametrize(
    ("word", "said"), [("env", "an env"), ("vm", "a vm"), ("user", "a user"), ("ISA", "an ISA"), ("usb", "a usb"), ("e1000", "an e1000")]
)
def test_articles(word: str, said: str) -> None:
    assert with_article(word) == said
