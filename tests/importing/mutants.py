"""Domain XML of the project, and of libvirt's corpus where that is there, with a few things changed as no editor would."""

from __future__ import annotations

import copy
import random
from functools import cache
from pathlib import Path

from lxml import etree

from tests.amount import ALL
from tests.importing.families import EXTRAS, WATCHDOG, domain
from tests.real.cache import cache_dir
from vmspec.driver.compilation import Compilation
from vmspec.model.kinds import ObjectKind

ROOT = Path(__file__).parents[2]
VALUES = (
    *("", " ", "-1", "0", "007", "0x1f", "1e9", "4.5", "18446744073709551616", "9" * 40, "yes", "on", "none", "a b", "a,b", "1-3,^2", "/"),
    *("../x", "#", '"', "'", "\\", "${x}", "$x", "{{", "\n", "\t", "\u0085", "\u2028", "\u202e", "é", "\U0001f680", "52:54:00:00:00:01"),
    *("ff:ff:ff:ff:ff:ff", "::1", "10.0.0.300", "00000000-0000-0000-0000-000000000000", "q" * 300, "vm", "true", "]]>", "%s", "KiB", "hvm"),
)
"""What nobody expects in any place."""
TAILS = (b"\x00", b"\xff\xfe", b"<", b"&", b"&#0;", b"&#x1b;", b"]]>", b"<!DOCTYPE domain>", b"<?pi x?>", b"<!-- - -->", b"<![CDATA[x]]>")
"""What hardly belongs into a text."""


@cache
def texts() -> tuple[bytes, ...]:
    """Cases, what the examples make, what others write; where all is tried, libvirt's corpus too, if somebody has fetched it."""
    found = [path.read_bytes() for path in sorted(Path(__file__).with_name("cases").glob("*.xml"))]
    found += [domain(f"made-{disks}", disks, disks=disks, extra=EXTRAS + WATCHDOG).encode() for disks in (1, 3)]
    for folder in ("storage", "windows", "nfv", "architectures"):
        found += [each.data for each in Compilation([ROOT / "examples" / folder]).artifacts() if each.kind is ObjectKind.VM]
    fetched = (cache_dir("corpus") / "libvirt-src" / "tests" / "qemuxml2argvdata").glob("*.xml") if ALL else ()
    return (*found, *(path.read_bytes() for path in sorted(fetched)))


def mutated(chance: random.Random, known: tuple[bytes, ...]) -> bytes:
    data = chance.choice(known)
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        data = _bytes_changed(chance, data) if chance.random() < 0.15 else _tree_changed(chance, data, known)
    return data


def _bytes_changed(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    match chance.randrange(6):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + data[at + chance.randrange(1, 40) :]
        case 2:
            return data[:at] + chance.choice(TAILS) + data[at:]
        case 3:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case 4:
            return data.decode("utf-8", "replace").encode(chance.choice(("utf-16", "latin-1", "utf-8-sig", "utf-32")), "replace")
        case _:
            return b"<?xml version='1.0' encoding='" + chance.choice((b"utf-8", b"latin-1", b"utf-16", b"x")) + b"'?>" + data


def _tree_changed(chance: random.Random, data: bytes, known: tuple[bytes, ...]) -> bytes:
    root = _parsed(data)
    if root is None:
        return data
    elements = [each for each in root.iter() if isinstance(each.tag, str)]
    element = chance.choice(elements)
    parent = element.getparent()
    match chance.randrange(9):
        case 0 if parent is not None:
            parent.remove(element)
        case 1 if parent is not None:
            parent.insert(chance.randrange(len(parent) + 1), copy.deepcopy(element))
        case 2 if element.attrib:
            element.set(chance.choice(list(element.attrib)), _value(chance, elements))
        case 3 if element.attrib:
            del element.attrib[chance.choice(list(element.attrib))]
        case 4:
            element.set(chance.choice(_names(elements)), _value(chance, elements))
        case 5:
            element.text = _value(chance, elements)
        case 6:
            element.tag = chance.choice(elements).tag
        case 7:
            element.insert(chance.randrange(len(element) + 1), copy.deepcopy(chance.choice(elements[1:] or elements)))
        case _:
            other = _parsed(chance.choice(known))
            if other is not None:
                element.append(chance.choice(list(other.iter("*"))))
    return etree.tostring(root)


def _parsed(data: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None


def _names(elements: list[etree._Element]) -> list[str]:
    return [str(name) for each in elements for name in each.attrib] or ["x"]


def _value(chance: random.Random, elements: list[etree._Element]) -> str:
    """One of those that nobody expects, or of those that stand elsewhere in the text."""
    here = [str(value) for each in elements for value in (*each.attrib.values(), each.text or "")]
    return chance.choice((chance.choice(VALUES), chance.choice(here)))
