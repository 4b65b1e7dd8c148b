"""The prediction against the real driver: what we emit comes back as predicted, and so does what libvirt's corpus defines."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from tests.corpus.suite import corpus
from tests.lower.guests import NO_LOCK, shapes
from tests.normal.trees import differing, tree
from vmspec.base.source import Source
from vmspec.driver.compilation import Compilation
from vmspec.emit.domain import domain_xml
from vmspec.importing.domain import read_domain
from vmspec.lower.fleet import Fleet
from vmspec.lower.passes import expand
from vmspec.model.domain import Domain
from vmspec.normal.predict import predict
from vmspec.normal.target import Target
from vmspec.plan.compare import differences

if TYPE_CHECKING:
    from tests.real.embedded import Hypervisor

EXAMPLES = Path(__file__).parents[2] / "examples"
# libvirt's QEMU driver defines nothing for an architecture whose QEMU is not installed.
FLEETS = tuple(sorted(path.parent.name for path in EXAMPLES.glob("*/vmspec.toml") if path.parent.name != "architectures"))


def read(text: str) -> Domain:
    return read_domain(text.encode(), Source("vm.xml", text)).domain


def wrong(predicted: Domain, actual: str) -> list[str]:
    """Both judges: as trees, and by meaning."""
    ours = etree.fromstring(domain_xml(predicted).encode())
    return [*differing(tree(ours), tree(etree.fromstring(actual))), *map(str, differences(predicted, read(actual)))]


def target(guests: Hypervisor) -> Target:
    """The embedded driver keeps its files below its own root."""
    lib = f"{guests.root}/lib/qemu"
    return replace(Target(), lib_dir=lib, nvram_dir=f"{lib}/nvram", channel_dir=f"{lib}/channel/target")


def define(guests: Hypervisor, spec: Domain) -> list[str]:
    text = domain_xml(spec)
    verdict = guests.define(text)
    assert verdict.ok, verdict.error
    return wrong(predict(read(text), target(guests)), guests.inactive(verdict.name))


@pytest.mark.parametrize("fleet", FLEETS)
def test_every_example_comes_back_as_predicted(guests: Hypervisor, fleet: str) -> None:
    """Nothing is added, changed or dropped that was not predicted."""
    vms = Compilation([EXAMPLES / fleet]).fleet.vms
    assert vms
    assert {str(vm.name): found for vm in vms if (found := define(guests, vm.spec))} == {}


def test_every_shape_comes_back_as_predicted(guests: Hypervisor) -> None:
    fleet, _, diagnostics = expand(Fleet(vms=tuple(shapes())), NO_LOCK, "project")
    assert not diagnostics and fleet.vms
    assert {str(vm.name): found for vm in fleet.vms if (found := define(guests, vm.spec))} == {}


EXCEPTIONS = {
    "genid-auto": "libvirt makes a random generation id",
    "pci-rom-disabled-invalid": "an empty file name, which libvirt's schema refuses and libvirt repeats",
}
_EMULATORS = re.compile(r"/usr/bin/(qemu-system-i386|qemu-kvm|kvm|qemu)(?=<)")


@pytest.mark.needs("corpus")
def test_the_corpus_comes_back_as_predicted(guests: Hypervisor) -> None:
    """Every input that this libvirt takes with the QEMU at hand; its emulator stands for others of x86."""
    whom, taken = target(guests), 0
    failed: dict[str, list[str]] = {}
    for path in corpus().inputs:
        text = _EMULATORS.sub("/usr/bin/qemu-system-x86_64", path.read_text())
        (verdict,) = guests.define_many([text], keep=True)
        if not verdict.ok:
            continue
        taken += 1
        found = wrong(predict(read(text), whom), guests.inactive(verdict.name))
        guests.remove(verdict.name)
        if found and path.stem not in EXCEPTIONS:
            failed[path.stem] = found[:3]
    assert failed == {}
    assert taken >= 600
