"""Repeated structure of many VMs as profiles: which of them belong together, what each family has in common, and what is left to each VM.

A family is worth its profile if the whole gets shorter: the measure is the number of statements that are written. VMs that differ only
in what is their own (UUID, MAC, the name of an image) are one from the beginning; of the rest, the two families whose union saves the most
are united, until no union saves anything. So two templates with a common base stay two families as soon as their difference, written out in
each VM of the one, is longer than a second profile; sizes of the same template do not, since a value is less than a device.

What a family has in common is what most of its members say; another value stays with its VM and wins, since a VM's body is stronger than
a profile, and what few lack is taken away there by `unset`. Where values differ by the VM's name alone, the profile says `${self.name}`.
Blocks of one kind keep their order: a profile's come first, so it takes no more of them than its members begin with.

Everything here is pure and depends on the order of the VMs alone. Whether the meaning is kept is for the caller to see, who can compile.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias, TypeVar

from vmspec.importing.statements import UNSET, SourceStatement, unset
from vmspec.model.show import quote
from vmspec.resolve.program import OBJECT_KINDS
from vmspec.syntax.lexer import WORDS

ENOUGH = 0.75
"""The share of a family that must have a feature or block for its profile to have it; the others take it away."""
LEAST_SAVED = 3
"""Statements that a profile must save."""
VALUE = 3
"""So many values that differ count as much as one feature or device that only one of two has: a VM's size is no matter of its kind."""
MOST_GROUPS = 1200
"""Distinct VMs that are compared each with each."""
SELF = "${self.name}"
RESERVED = frozenset(("std", *OBJECT_KINDS, *WORDS))
"""What a profile had better not be called."""

T = TypeVar("T")

SettingKey: TypeAlias = tuple[str, str]
"""The path of a statement, and its value."""


class FactoredVm(NamedTuple):
    """A VM. `named`: its label is its name, so that `self.name` says the label."""

    label: str
    body: tuple[SourceStatement, ...]
    named: bool = True


class VmFamily(NamedTuple):
    profile: str
    body: tuple[SourceStatement, ...]
    members: Mapping[str, tuple[SourceStatement, ...]]
    """What is left to each VM, by label."""


def factor(guests: Sequence[FactoredVm]) -> tuple[VmFamily, ...]:
    """The families that are worth a profile; a VM that is in none stays as it is."""
    templated = [_templated(guest) for guest in guests]
    taken = {guest.label for guest in guests} | RESERVED
    found = []
    for numbers in _families(templated):
        family = _family([guests[n].label for n in numbers], [templated[n] for n in numbers], taken)
        if family is not None:
            found.append(family)
            taken.add(family.profile)
    return tuple(found)


def size(body: Iterable[SourceStatement]) -> int:
    """Statements in a body, all levels."""
    return sum(1 + size(each.inner) for each in body)


# -------------------------------------------------------------------------------------------------- templates


class WrittenValue(NamedTuple):
    """A value as it is written, and the same with the VM's name left open; equal where it does not hold the name."""

    text: str
    template: str


class FactorNode(NamedTuple):
    """A statement whose values know their templates."""

    of: SourceStatement
    value: WrittenValue | None
    inner: tuple[FactorNode, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.of.key


def _templated(guest: FactoredVm) -> tuple[FactorNode, ...]:
    word = quote(guest.label)[1:-1]
    found = re.compile(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])") if guest.named and len(word) > 1 else None
    return tuple(_node(each, found) for each in guest.body)


def _node(statement: SourceStatement, name: re.Pattern[str] | None) -> FactorNode:
    value = None if statement.text is None else WrittenValue(statement.text, _template(statement.text, name))
    return FactorNode(statement, value, tuple(_node(each, name) for each in statement.inner))


_STRING = re.compile(r'"""[\s\S]*"""|"(?:[^"\\]|\\.)*"')


def _template(text: str, name: re.Pattern[str] | None) -> str:
    if name is None or '"' not in text or name.search(text) is None:
        return text
    return _STRING.sub(lambda string: name.sub(lambda _: SELF, string[0]), text)


# -------------------------------------------------------------------------------------------------- families


class VmGroup(NamedTuple):
    """VMs whose shared settings are alike; the settings and their paths, as bits, are those of its greatest part."""

    members: tuple[int, ...]
    settings: int
    paths: int
    weight: int
    """How many VMs the greatest part has."""


def _families(guests: Sequence[tuple[FactorNode, ...]]) -> list[tuple[int, ...]]:
    """Numbers of VMs that belong together, in the order of their first members."""
    groups = _united(_alike([set(_settings(guest)) for guest in guests]))
    return sorted(tuple(sorted(group.members)) for group in groups if len(group.members) > 1)


def _settings(body: Sequence[FactorNode], path: str = "") -> Iterator[SettingKey]:
    for node in body:
        here = f"{path}/{node.of.name} {node.of.label}"
        yield here, "" if node.value is None else node.value.template
        yield from _settings(node.inner, here)


def _alike(guests: Sequence[set[SettingKey]]) -> list[VmGroup]:
    """VMs with the same settings, but for those that few have: at first those that one VM has; more while there are too many groups."""
    counts = Counter(setting for guest in guests for setting in guest)
    least = 2
    while True:
        shared = sorted(setting for setting, count in counts.items() if count >= least)
        bits = {setting: 1 << n for n, setting in enumerate(shared)}
        places = {path: 1 << n for n, path in enumerate(dict.fromkeys(path for path, _ in shared))}
        groups: dict[int, list[int]] = {}
        paths: dict[int, int] = {}
        for number, guest in enumerate(guests):
            own = [setting for setting in guest if setting in bits]
            key = sum(bits[setting] for setting in own)
            groups.setdefault(key, []).append(number)
            paths[key] = sum(places[path] for path, _ in own)
        if len(groups) <= MOST_GROUPS:
            return [VmGroup(tuple(members), key, paths[key], len(members)) for key, members in groups.items()]
        least *= 2


def _united(groups: list[VmGroup]) -> list[VmGroup]:
    """Unites the two that save the most by it, again and again; each remembers its best partner, so most unions cost one round."""
    alive: dict[int, VmGroup] = dict(enumerate(groups))
    best = {n: _partner(n, alive) for n in alive}
    while best:
        saved, first = max((found[0], -n) for n, found in best.items())
        if saved <= 0:
            break
        one, other = -first, best[-first][1]
        alive[one] = _union(alive[one], alive.pop(other))
        del best[other]
        for n, (_, partner) in list(best.items()):
            if n == one or partner in (one, other):
                best[n] = _partner(n, alive)
            else:
                best[n] = max(best[n], (_saved(alive[n], alive[one]), one), key=lambda each: (each[0], -each[1]))
    return list(alive.values())


def _partner(number: int, alive: Mapping[int, VmGroup]) -> tuple[int, int]:
    """What the best union with this one saves, and with which."""
    own = alive[number]
    found = ((_saved(own, other), n) for n, other in alive.items() if n != number)
    return max(found, key=lambda each: (each[0], -each[1]), default=(0, -1))


def _saved(one: VmGroup, other: VmGroup) -> int:
    """The smaller one's settings are written once less, and what differs once more in each of its VMs."""
    small, big = (one, other) if len(one.members) <= len(other.members) else (other, one)
    only, lacking = (small.paths & ~big.paths).bit_count(), (big.paths & ~small.paths).bit_count()
    values = ((small.settings ^ big.settings).bit_count() - only - lacking) // 2
    return VALUE * small.settings.bit_count() - len(small.members) * (VALUE * (only + lacking) + values)


def _union(one: VmGroup, other: VmGroup) -> VmGroup:
    big = one if one.weight >= other.weight else other
    return VmGroup((*one.members, *other.members), big.settings, big.paths, big.weight)


# --------------------------------------------------------------------------------------------------- one family


def _family(labels: Sequence[str], members: Sequence[tuple[FactorNode, ...]], taken: set[str]) -> VmFamily | None:
    profile = tuple(_common(members, depth=0))
    left = {label: tuple(_rest(member, profile)) for label, member in zip(labels, members, strict=True)}
    before = sum(size(node.of for node in member) for member in members)
    after = size(profile) + sum(map(size, left.values()))
    return VmFamily(_name(labels, taken), profile, left) if before - after >= LEAST_SAVED else None


def _common(members: Sequence[Sequence[FactorNode]], depth: int) -> Iterator[SourceStatement]:
    """What most bodies say, in the order of the first that says it."""
    held: dict[str, list[list[FactorNode]]] = {}
    for member in members:
        for name, nodes in groupby(member, key=lambda node: node.of.name):
            held.setdefault(name, []).append(list(nodes))
    for each in _in_order(held, members):
        alike = held[each]
        # What says that nothing is added stays in sight, in the VM.
        if (depth == 0 and each == "resolve") or len(alike) < ENOUGH * len(members):
            continue
        if alike[0][0].of.label:
            yield from _sequence(alike, len(members), depth)
        else:
            found = _one([nodes[0] for nodes in alike], len(members), depth)
            if found is not None:
                yield found


def _in_order(held: Mapping[str, object], members: Sequence[Sequence[FactorNode]]) -> list[str]:
    """Names as the longest member has them, then the others."""
    longest = max(members, key=len)
    return list(dict.fromkeys([*(node.of.name for node in longest), *held]))


def _sequence(members: Sequence[Sequence[FactorNode]], count: int, depth: int) -> Iterator[SourceStatement]:
    """Labelled blocks of one kind, as far as most members begin with the same."""
    for number in range(max(map(len, members))):
        there = [nodes[number] for nodes in members if len(nodes) > number]
        key, often = _most(node.key for node in there)
        if key is None or often < ENOUGH * count:
            return
        found = _one([node for node in there if node.key == key], count, depth)
        if found is None:
            return
        yield found
        members = [nodes for nodes in members if len(nodes) > number and nodes[number].key == key]


def _one(nodes: Sequence[FactorNode], count: int, depth: int) -> SourceStatement | None:
    """The common part of a statement; None where there is none."""
    first = nodes[0]
    if first.value is not None:
        text = _value([node.value for node in nodes if node.value is not None], count)
        return None if text is None else first.of._replace(text=text)
    bodies = [node.inner for node in nodes]
    inner = tuple(_entries(bodies, count) if first.of.is_map else _common(bodies, depth + 1))
    if inner or first.of.label or sum(not body for body in bodies) * 2 > count:
        return first.of._replace(inner=inner)
    return None


def _value(values: Sequence[WrittenValue], count: int) -> str | None:
    """What more than half of the members say, word for word or but for their names."""
    text, often = Counter(value.text for value in values).most_common(1)[0]
    if often * 2 > count:
        return text
    template, often = Counter(value.template for value in values).most_common(1)[0]
    return template if often * 2 > count else None


def _entries(maps: Sequence[Sequence[FactorNode]], count: int) -> Iterator[SourceStatement]:
    """The entries that most maps begin with."""
    for number in range(max(map(len, maps))):
        there = [nodes[number] for nodes in maps if len(nodes) > number]
        entry, often = _most((node.key, node.of.text) for node in there)
        if entry is None or often < ENOUGH * count:
            return
        yield next(node.of for node in there if (node.key, node.of.text) == entry)
        maps = [nodes for nodes in maps if len(nodes) > number and (nodes[number].key, nodes[number].of.text) == entry]


def _most(found: Iterable[T]) -> tuple[T | None, int]:
    """What is there most often, the first of several, and how often."""
    return next(iter(Counter(found).most_common(1)), (None, 0))


def _rest(member: Sequence[FactorNode], profile: Sequence[SourceStatement]) -> Iterator[SourceStatement]:
    """What a member says beyond its profile."""
    given = {each.key: each for each in profile}
    for node in member:
        known = given.pop(node.key, None)
        if known is None:
            yield node.of
        elif node.value is not None:
            if known.text not in node.value:
                yield node.of
        else:
            inner = tuple(_rest(node.inner, known.inner))
            if inner:
                yield node.of._replace(inner=inner)
    yield from (unset(each) for each in given.values() if each.name != UNSET)


# ----------------------------------------------------------------------------------------------------- names


def _name(labels: Sequence[str], taken: set[str]) -> str:
    """What most members are called before their number; what all begin with; or just `common`."""
    stem, often = Counter(re.sub(r"[-_.\s]*\d+$", "", label) for label in labels).most_common(1)[0]
    if often * 2 < len(labels):
        first, last = min(labels), max(labels)
        stem = first[: next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))]
    word = re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-").lower()
    word = word if re.match(r"[a-z]", word) and len(word) > 1 else "common"
    name, copy = word, 2
    while name in taken:
        name, copy = f"{word}-{copy}", copy + 1
    return name
