"""Which two XML texts say the same."""

from __future__ import annotations

import pytest

from vmspec.normal.xml_tree import xml_tree

SAME: dict[str, tuple[str, str]] = {
    "white space between elements": ("<a><b/><c/></a>", "<a>\n  <b/>\n  <c/>\n</a>"),
    "an empty element": ("<a></a>", "<a/>"),
    "quotes, and the order of attributes": ("<a x='1' y='2'/>", '<a y="2" x="1"/>'),
    "a prefix": ("<p:a xmlns:p='urn:x'/>", "<q:a xmlns:q='urn:x'/>"),
    "a comment": ("<a><b/><!-- why --></a>", "<a><b/></a>"),
    "the order of unlike siblings": ("<a><b/><c/><b x='1'/></a>", "<a><b/><b x='1'/><c/></a>"),
    "several elements": ("<a/> <b/>", "<b/><a/>"),
}
DIFFERENT: dict[str, tuple[str, str]] = {
    "the order of like siblings": ("<a><b/><b x='1'/></a>", "<a><b x='1'/><b/></a>"),
    "a value": ("<a x='1'/>", "<a x='2'/>"),
    "an attribute": ("<a x='1'/>", "<a/>"),
    "a namespace": ("<a xmlns='urn:x'/>", "<a/>"),
    "a text": ("<a>x</a>", "<a>y</a>"),
    "white space in a text": ("<a> x</a>", "<a>x</a>"),
    "depth": ("<a><b/></a>", "<a/><b/>"),
    "how many": ("<a/>", "<a/><a/>"),
}


@pytest.mark.parametrize("name", SAME)
def test_same(name: str) -> None:
    one, other = SAME[name]
    assert xml_tree(one) == xml_tree(other)


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name: str) -> None:
    one, other = DIFFERENT[name]
    assert xml_tree(one) != xml_tree(other)
