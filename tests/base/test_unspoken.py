"""Words of others, and excerpts of sources, without passwords."""

import pytest

from vmspec.base import unspoken


def test_what_is_known_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unspoken, "_known", set())
    monkeypatch.setattr(unspoken, "_written", set())
    unspoken.remember(["ab&cd", "ab&cdef", "abc"])
    assert unspoken.unspoken("ab&cdef, ab&amp;cd and abc") == "(secret), (secret) and abc"
    assert unspoken.unspoken("<graphics passwd='x' port='1' passwd=\"y\"/>") == "<graphics passwd=(secret) port='1' passwd=(secret)/>"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('graphics { passwd = "horse"; port = 1 }', 'graphics { passwd = "*****"; port = 1 }'),
        ('passwd ?= "a\\"b" # c', 'passwd ?= "****" # c'),
        ("<graphics passwd='horse'/>", "<graphics passwd='*****'/>"),
        ("passwd = $pw", "passwd = $pw"),
        ('passwd-valid-to = "2030"', 'passwd-valid-to = "2030"'),
    ],
)
def test_an_excerpt_is_as_wide_as_its_line(line: str, shown: str) -> None:
    assert unspoken.covered(line) == shown
    assert len(shown) == len(line)


def test_a_hash_does_not_cover_passwords() -> None:
    text = b"<a passwd='x'/><b passwd=\"y'z\"/><c passwdValidTo='1'/>"
    assert unspoken.without_passwords(text) == b"<a passwd=''/><b passwd=''/><c passwdValidTo='1'/>"
