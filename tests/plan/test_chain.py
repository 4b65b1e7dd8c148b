"""Which images stay under a program's VM, by what is known of their layers."""

from __future__ import annotations

import pytest

from vmspec.plan.chain import (
    NOT_LOOKED,
    BackingChain,
    ImageFate,
    ImageKey,
    ImageLayers,
    Origins,
    keeping_images,
    names_other_images,
    place_of,
)
from vmspec.plan.state import read

OVER, BASE, OTHER = (("path", f"/x/{name}") for name in ("over", "base", "other"))
DISK = (
    "<disk type='file' device='{device}'><driver name='qemu' type='{format}'/><source file='{path}'/>{more}"
    "<target dev='vda' bus='virtio'/></disk>"
)


def xml(path: str, format: str = "raw", more: str = "", device: str = "disk") -> bytes:
    disk = DISK.format(path=path, format=format, more=more, device=device)
    return f"<domain type='kvm'><name>a</name><devices>{disk}</devices></domain>".encode()


def layers(*below: ImageKey, whole: bool = True, **real: ImageKey) -> ImageLayers:
    return ImageLayers({OVER: BackingChain(below, whole)}, {("path", f"/{name}"): place for name, place in real.items()})


RUNS, DEPLOYED = {"vda": OVER}, {"vda": BASE}
CASES: dict[str, tuple[ImageLayers, Origins, ImageFate | None]] = {
    "it lies right on the program's": (layers(BASE), Origins(), ImageFate.OVERLAY),
    "several layers up": (layers(OTHER, BASE), Origins(), ImageFate.OVERLAY),
    "nobody looked": (NOT_LOOKED, Origins(), None),
    "another image altogether": (layers(OTHER), Origins(), None),
    "an image of its own": (layers(), Origins(), None),
    "it ends where nobody can see": (layers(OTHER, whole=False), Origins(), ImageFate.UNKNOWN),
    "there, but we put it there": (layers(whole=False), Origins(deployed={"vda": OVER}), None),
    "the running guest was moved": (layers(), Origins(DEPLOYED, RUNS, DEPLOYED), ImageFate.MOVED),
    "the running guest has what we deployed": (layers(), Origins({"vda": OVER}, RUNS, {"vda": OVER}), None),
    "the program names another one now": (layers(), Origins({"vda": OTHER}, RUNS, {"vda": OTHER}), None),
}


@pytest.mark.parametrize("name", CASES)
def test_what_stays(name: str) -> None:
    known, origins, fate = CASES[name]
    wanted, there = read(xml("/x/base")), read(xml("/x/over", "qcow2"))
    domain, kept = keeping_images(wanted, there, known, origins, frozenset())
    assert [each.fate for each in kept] == ([] if fate is None else [fate])
    assert place_of(domain.disk[0].source) == (BASE if fate is None else OVER)
    assert getattr(domain.disk[0].source, "format", None) == ("raw" if fate is None else "qcow2")
    assert keeping_images(wanted, there, known, origins, frozenset({"vda"}))[0] == wanted


def test_names_of_one_image() -> None:
    """A link, or a volume, is the file that it stands for."""
    wanted, there = read(xml("/link")), read(xml("/x/over", "qcow2"))
    assert keeping_images(wanted, there, layers(BASE, link=BASE), Origins(), frozenset())[1][0].fate is ImageFate.OVERLAY
    assert keeping_images(wanted, read(xml("/x/base")), layers(link=BASE), Origins(), frozenset())[1] == []


def test_a_medium_is_no_layer() -> None:
    wanted, there = read(xml("/x/base", device="cdrom")), read(xml("/x/over", device="cdrom"))
    assert keeping_images(wanted, there, layers(BASE), Origins(), frozenset())[1] == []
    assert not names_other_images(xml("/x/base", device="cdrom"), xml("/x/over", device="cdrom"))


def test_what_libvirt_knows_of_one_and_the_same_image_stays() -> None:
    there = read(xml("/x/base", more="<backingStore/>"))
    domain, kept = keeping_images(read(xml("/x/base")), there, NOT_LOOKED, Origins(), frozenset())
    assert kept == []
    assert domain.disk[0].backing_store == there.disk[0].backing_store


def test_whether_a_look_is_worth_it() -> None:
    assert names_other_images(xml("/x/base"), xml("/x/over"))
    assert not names_other_images(xml("/x/base"), xml("/x/base", "qcow2", "<backingStore/>"))
    assert not names_other_images(b"<domain/>", xml("/x/base"))
    assert names_other_images(b"<!DOCTYPE a>" + xml("/x/base"), xml("/x/over"))
