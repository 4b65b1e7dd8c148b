"""Odd definitions against the real driver: libvirt accepts what the rules are held to accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.check.accepted import ACCEPTED
from tests.check.refused import REFUSED

if TYPE_CHECKING:
    from tests.real.embedded import Hypervisor


@pytest.mark.parametrize("name", ACCEPTED)
def test_libvirt_accepts_it(guests: Hypervisor, name: str) -> None:
    verdict = guests.define(ACCEPTED[name])
    assert verdict.ok, verdict.error
    guests.remove(verdict.name)


@pytest.mark.parametrize("name", REFUSED)
def test_libvirt_refuses_it(guests: Hypervisor, name: str) -> None:
    assert not next(iter(guests.define_many([REFUSED[name]]))).ok
