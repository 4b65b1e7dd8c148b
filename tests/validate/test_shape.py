"""Of two domains of one shape every schema says the same."""

from __future__ import annotations

import re
from random import Random

import pytest

from tests.validate.test_schemas import domains
from vmspec.emit.artifact import Artifact, no_marks
from vmspec.validate.schemas import Schemas
from vmspec.validate.shape import shape_of

HEAD = "<domain>\n  <name>web</name>\n  <uuid>c78c98e6-d092-576a-b2d5-684202d59a59</uuid>\n"
BASE = HEAD + "    <source file='/a/b.raw'/>\n    <source file='/a/c.raw'/>\n    <mac address='52:54:00:25:e1:0f'/>\n    <vcpu>2</vcpu>\n"
SAME = {
    "another name": ("web", "db-1.example_com"),
    "another UUID": ("c78c98e6", "00000000"),
    "another path": ("/a/b.raw", "/dev/vg0/x+y"),
    "another MAC": ("25:e1:0f", "00:00:01"),
}
OTHER = {
    "a number": (">2<", ">3<"),
    "two paths that are one": ("/a/c.raw", "/a/b.raw"),
    "a relative path": ("/a/b.raw", "a/b.raw"),
    "a path with a space": ("/a/b.raw", "/a/b raw"),
    "a multicast MAC": ("52:54", "53:54"),
    "a UUID that is none": ("c78c98e6-", "c78c98e6"),
    "a name with a slash": (">web<", ">w/b<"),
    "a name in another script": (">web<", ">wéb<"),
    "an element more": ("    <vcpu>", "    <acpi/>\n    <vcpu>"),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_what_is_left_out(change: tuple[str, str]) -> None:
    assert shape_of(BASE.replace(*change).encode()) == shape_of(BASE.encode())


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER)
def test_what_counts(change: tuple[str, str]) -> None:
    assert BASE.replace(*change) != BASE
    assert shape_of(BASE.replace(*change).encode()) != shape_of(BASE.encode())


@pytest.mark.needs("schemas")
def test_other_leaves_get_the_verdict_of_the_shape() -> None:
    """Each example with a character of its values changed, broken ones among them, against schemas that have judged nothing yet."""
    random, compared, loaded = Random(1), 0, Schemas.load(())[0]
    for each in domains():
        witnesses = Schemas(loaded.grammars)
        witnesses.accept(each)
        for _ in range(20):
            changed = _changed(each.data, random)
            if shape_of(changed) == shape_of(each.data):
                compared += 1
                fresh, other = Schemas(loaded.grammars), Artifact(each.path, changed, each.span, no_marks, imported=each.imported)
                assert witnesses.accept(other) == fresh.accept(other), changed.decode()
    assert compared > 100


def _changed(data: bytes, random: Random) -> bytes:
    """A name, UUID, path or MAC address with one character replaced wherever the value stands."""
    values = sorted(set(re.findall(rb"<name>([^<]+)|<uuid>([^<]+)|mac address='([^']+)|(?:file|dev|dir|path)='(/[^']+)", data)))
    old = next(part for part in random.choice(values) if part)
    at = random.randrange(len(old))
    return data.replace(old, old[:at] + random.choice((b"a", b"0", b"/", b"-", b".", b":", b"_", b" ")) + old[at + 1 :])
