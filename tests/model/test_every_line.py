"""Every line of a domain in both directions: a machine that has this one feature is written, read, and has it again."""

from __future__ import annotations

import pytest

from tests.model.lines import sample
from vmspec.base.source import Source
from vmspec.emit.domain import domain_xml
from vmspec.importing.domain import read_domain
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, schema
from vmspec.model.domain import Domain

Chain = tuple[tuple[type[Block], Field], ...]
"""From Domain: each block and the line of it that holds the next."""

NOT_ALONE = {
    "Cpu.max": "alone it is what libvirt calls the number of vCPUs, which reads as `count`",
    "Page.size": "alone it is what `memory.hugepages` says",
    "Encryption.secret": "one passphrase reads as `passphrases`, which can have several",
}
"""Features that do not come back by themselves, with reasons."""


def chains() -> dict[type[Block], Chain]:
    """One way to every class that a domain can hold."""
    found: dict[type[Block], Chain] = {Domain: ()}
    waiting: list[type[Block]] = [Domain]
    while waiting:
        block = waiting.pop(0)
        for field in schema(block):
            for inner in field.types:
                if inner not in found:
                    found[inner] = (*found[block], (block, field))
                    waiting.append(inner)
    return found


CHAINS = chains()
PLACED = [
    (block, field)
    for block in CHAINS
    for field in schema(block)
    if isinstance(field.line, (Attr, OpenMap)) and field.line.place is not None and f"{block.__name__}.{field.python}" not in NOT_ALONE
]


def machine(block: type[Block], features: dict[str, object]) -> Domain:
    """A domain with nothing but one block, and what is around it."""
    made = _block(block, CHAINS[block][-1][1] if CHAINS[block] else None, features)
    for outer, field in reversed(CHAINS[block]):
        held: object = (made,) if isinstance(field.line, Many) else made
        above = CHAINS[outer][-1][1] if CHAINS[outer] else None
        made = _block(outer, above, {field.python: held})
    assert isinstance(made, Domain)
    return made


def _block(block: type[Block], holder: Field | None, features: dict[str, object]) -> Block:
    label = {"label": "0" if holder.line.numbered else "one"} if holder is not None and isinstance(holder.line, Many) else {}
    return block(**label, **features)


def held(domain: Block, chain: Chain) -> Block | None:
    """The block at the end of a chain."""
    for _, field in chain:
        value = getattr(domain, field.python)
        value = value[0] if isinstance(value, tuple) and value else value
        if not isinstance(value, Block):
            return None
        domain = value
    return domain


@pytest.mark.parametrize("block", CHAINS, ids=lambda block: block.__name__)
def test_a_line_is_written_and_read(block: type[Block]) -> None:
    wrong = []
    for owner, field in PLACED:
        if owner is not block:
            continue
        for value in sample(field):
            text = domain_xml(machine(block, {field.python: value}))
            read = held(read_domain(text.encode(), Source("a.xml", text)).domain, CHAINS[block])
            if type(read) is not block or getattr(read, field.python) != value:
                wrong.append(f"{block.__name__}.{field.python} = {value!r}\n{text}")
    assert not wrong, wrong[0]


def test_every_line_was_tried() -> None:
    untried = [f"{block.__name__}.{field.python}" for block, field in PLACED if not sample(field)]
    assert untried == []


def test_blocks_of_choices_and_labels_are_held() -> None:
    """The lines that hold blocks are tried through the blocks themselves: each class is reached by one."""
    holding = {field.python for block in CHAINS for field in schema(block) if isinstance(field.line, Choice)}
    assert {"source", "address", "backend"} <= holding
