"""What we emit is all there is: libvirt's define adds, changes and drops nothing but what is named here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from tests.lower.guests import NO_LOCK, shapes, vm
from vmspec.emit.domain import domain_xml
from vmspec.lower.fleet import Fleet, Vm
from vmspec.lower.passes import expand

if TYPE_CHECKING:
    from tests.real.embedded import Hypervisor


def added_and_lost(ours: etree._Element, theirs: etree._Element) -> list[str]:
    """Children by content, whatever their order; below `devices` one by one."""
    found: list[str] = []
    if _own(ours) != _own(theirs):
        found.append(f"{_own(ours)} became {_own(theirs)}")
    left, right = _children(ours), _children(theirs)
    if ours.tag in ("domain", "devices"):
        both = [(a, b) for a in ours for b in theirs if a.tag == b.tag == "devices"]
        for a, b in both:
            found += added_and_lost(a, b)
            left.remove(_text(a))
            right.remove(_text(b))
    for text in list(left):
        if text in right:
            left.remove(text)
            right.remove(text)
    return found + [f"lost {text}" for text in left] + [f"added {text}" for text in right]


def _own(e: etree._Element) -> tuple[str, tuple[tuple[str, str], ...], str]:
    return str(e.tag), tuple(sorted((str(k), str(v)) for k, v in e.attrib.items())), (e.text or "").strip()


def _text(e: etree._Element) -> str:
    tag, attributes, text = _own(e)
    return f"<{tag} {' '.join(f'{k}={v}' for k, v in attributes)}>{text}{''.join(_children(e))}</{tag}>"


def _children(e: etree._Element) -> list[str]:
    return sorted(_text(child) for child in e)


PREDICTED = ("added <emulator >/usr/bin/qemu-system-x86_64</emulator>",)
"""libvirt's choice of QEMU, where no host says its system."""


@pytest.mark.parametrize("guest", shapes(), ids=lambda guest: str(guest.name))
def test_define_adds_nothing(guests: Hypervisor, guest: Vm) -> None:
    fleet, _, found = expand(Fleet(vms=(guest,)), NO_LOCK, "project")
    assert not found
    text = domain_xml(fleet.vms[0].spec)
    verdict = guests.define(text)
    assert verdict.ok, verdict.error
    differences = added_and_lost(etree.fromstring(text), etree.fromstring(guests.inactive(guest.name)))
    assert [d for d in differences if d not in PREDICTED] == []


def test_the_comparison_sees_what_libvirt_adds(guests: Hypervisor) -> None:
    """Without expansion it must find much."""
    plain = domain_xml(vm("plain", "pc-q35-7.2").spec.but(name="plain"))
    assert guests.define(plain).ok
    assert len(added_and_lost(etree.fromstring(plain), etree.fromstring(guests.inactive("plain")))) > 5
