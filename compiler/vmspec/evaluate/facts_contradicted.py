"""Where the block of a host and its facts contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from vmspec.base.code import Code
from vmspec.base.diagnostic import Label
from vmspec.base.provenance import Path, show_path, span_of
from vmspec.base.source import Source, Span
from vmspec.evaluate.evaluated import SettledObject
from vmspec.evaluate.facts_told import os_of
from vmspec.evaluate.session import Session
from vmspec.model.facts import HostFacts
from vmspec.model.show import show
from vmspec.model.value import CpuSet, Size, Value

CONTRADICTED = Code(
    3000,
    "facts-contradicted",
    """
    What: The block of a host says something else than the facts of that host: CPUs or memory that a node does not have, another version,
        another core of a CPU, a device that is not there.
    Why: Pins, pages and rules follow from one of the two, and one of them is wrong. Take it out of the block, whose silence the facts fill;
        or, if the host has changed, write its facts anew (`vmc facts URI -o FILE`). A block may name fewer CPUs of a node and less memory
        than there are.
    """,
)
TOLERANCE = 8
"""A node has an eighth less at most than its modules have together: what firmware, kernel and a crash kernel keep is not in its facts."""


class Contradiction(NamedTuple):
    path: Path
    said: str
    fact: str
    """What the facts have in its place."""
    place: tuple[str, ...]
    """Keys and texts of the facts file, one after the other: the last is what the message points at."""


def report_contradictions(host: SettledObject, facts: HostFacts, source: Source, session: Session) -> None:
    for each in _contradictions(host, facts):
        span = span_of(host.values[each.path].trail) if each.path in host.values else None
        session.say(
            CONTRADICTED,
            f"{host.name} says {show_path(each.path)} = {each.said}, and its facts {each.fact}",
            span or host.blocks.get(each.path) or host.span,
            labels=(Label(_spot(source, each.place), "the facts"),),
            help=f"take it out, or write the facts anew: vmc facts URI -o {source.path}",
            subject=show_path(each.path),
        )


def _contradictions(host: SettledObject, facts: HostFacts) -> Iterator[Contradiction]:
    said = {path: value.value for path, value in host.values.items() if value.strength != "default"}
    for name, fact, place in (
        ("libvirt", facts.libvirt, "libvirt"),
        ("qemu", facts.qemu, "qemu"),
        ("kernel-version", facts.kernel, "release"),
    ):
        own = said.get((name,))
        if own is not None and fact is not None and not f"{fact}.".startswith(f"{own}.") and not fact.startswith(f"{own}-"):
            yield Contradiction((name,), f'"{own}"', f'have "{fact}"', (place,))
    vendor = facts.vendor if facts.vendor != "other" else None
    os = os_of(facts) if os_of(facts) != "other" else None
    for name, fact, place in (
        ("arch", facts.arch, "arch"),
        ("vendor", vendor, "vendor"),
        ("os", os, "os"),
        ("cpu-model", facts.cpu_model, "model"),
    ):
        own = said.get((name,))
        if own is not None and fact is not None and str(own) != fact:
            yield Contradiction((name,), str(own), f"have {fact}", (place,))
    yield from _nodes(said, facts, host)
    yield from _cores(said, facts)
    yield from _cards(said, facts)
    yield from _devices(said, facts)


Said = dict[Path, Value]


def _nodes(said: Said, facts: HostFacts, host: SettledObject) -> Iterator[Contradiction]:
    there = {str(node.id): node for node in facts.numa}
    for number in dict.fromkeys(path[1] for path in (*host.blocks, *said) if path[0] == "numa" and len(path) > 1) if there else ():
        node = there.get(number)
        if node is None:
            yield Contradiction(("numa", number), "{ … }", f"have no node {number}", ("numa",))
            continue
        place = ("numa", f'"id": {number}')
        cpus, memory, distances = (said.get(("numa", number, name)) for name in ("cpus", "memory", "distances"))
        if isinstance(cpus, CpuSet) and cpus - node.cpus:
            yield Contradiction(("numa", number, "cpus"), str(cpus), f"have {node.cpus or 'none'} on node {number}", place)
        if isinstance(memory, int) and node.memory is not None and memory - memory // TOLERANCE > node.memory:
            yield Contradiction(("numa", number, "memory"), show(memory), f"have {show(Size(node.memory))} on node {number}", place)
        if distances is not None and node.distances and distances != node.distances:
            yield Contradiction(("numa", number, "distances"), show(distances), f"have {show(node.distances)}", place)


def _cores(said: Said, facts: HostFacts) -> Iterator[Contradiction]:
    groups = said.get(("siblings",))
    for group in groups if isinstance(groups, tuple) and facts.siblings else ():
        core = next((each for each in facts.siblings if isinstance(group, CpuSet) and group & each), None)
        if isinstance(group, CpuSet) and len(group) > 1 and group != core:
            have = f"have {core} on that core" if core is not None else "do not have these CPUs"
            yield Contradiction(("siblings",), f'[… "{group}"]', have, ("siblings",))
            return


def _cards(said: Said, facts: HostFacts) -> Iterator[Contradiction]:
    for label in dict.fromkeys(path[1] for path in said if path[0] == "nic" and len(path) > 2):
        address, node, vfs = (said.get(("nic", label, name)) for name in ("address", "node", "vfs"))
        card = next((each for each in facts.nics if each.name == label or (address is not None and each.address == address)), None)
        if card is None:
            if address is not None and facts.nics:
                yield Contradiction(("nic", label, "address"), str(address), "have no card there", ("nics",))
            continue
        place = ("nics", f'"name": "{card.name}"')
        if address is not None and card.address is not None and address != card.address:
            yield Contradiction(("nic", label, "address"), str(address), f"have {card.name} at {card.address}", place)
        if node is not None and card.node is not None and node != card.node:
            yield Contradiction(("nic", label, "node"), str(node), f"have it on node {card.node}", place)
        if isinstance(vfs, int) and vfs > (card.vfs or 0) and card.address is not None:
            yield Contradiction(("nic", label, "vfs"), str(vfs), f"have {card.vfs or 'no'} virtual functions of it at most", place)


def _devices(said: Said, facts: HostFacts) -> Iterator[Contradiction]:
    there = {device.address: device for device in facts.devices}
    for path, address in said.items():
        if path[0] != "device" or path[2:] != ("address",) or not there:
            continue
        device = there.get(str(address))
        if device is None:
            yield Contradiction(path, str(address), "have no device there", ("devices",))
            continue
        for name, fact in (("id", device.id), ("node", device.node), ("iommu-group", device.iommu_group)):
            own = said.get(("device", path[1], name))
            if own is not None and fact is not None and str(own).lower() != str(fact).lower():
                yield Contradiction(("device", path[1], name), str(own), f"have {fact}", ("devices", f'"address": "{address}"'))


def _spot(source: Source, place: tuple[str, ...]) -> Span:
    """The last of the texts that is found, each looked for after the one before it; a plain word is a key."""
    at = 0, 1
    for text in place:
        pattern = re.escape(text).replace(r":\ ", r"\s*:\s*") if text.startswith('"') else f'"{re.escape(text)}"'
        found = re.compile(pattern + r"(?![0-9])").search(source.text, at[0])
        if found is None:
            break
        at = found.span()
    return Span(source, *at)
