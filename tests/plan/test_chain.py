"""Which images stay under a program's VM, by what is known of their layers."""

from __future__ import annotations

import pytest

from vmspec.importing.host_domain import read_host_domain
from vmspec.model.domain import Domain
from vmspec.plan.chain import NOT_LOOKED, BackingChain, ImageKey, ImageLayers, images, names_other_images, place_of
from vmspec.plan.keeping import ImageFate, Origins, keeping_images

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


DEPLOYED = {"vda": BASE}
CASES: dict[str, tuple[ImageLayers, Origins, ImageFate | None]] = {
    "it lies right on the program's": (layers(BASE), Origins(), ImageFate.OVERLAY),
    "several layers up": (layers(OTHER, BASE), Origins(), ImageFate.OVERLAY),
    "nobody looked": (NOT_LOOKED, Origins(), None),
    "another image altogether": (layers(OTHER), Origins(), None),
    "an image of its own": (layers(), Origins(), None),
    "it ends where nobody can see": (layers(OTHER, whole=False), Origins(), ImageFate.UNKNOWN),
    "there, but we put it there": (layers(whole=False), Origins(deployed={"vda": OVER}), None),
    "the guest was moved, and may run or not": (layers(), Origins(DEPLOYED, DEPLOYED), ImageFate.MOVED),
    "it was kept by the last deploy": (layers(), Origins({}, DEPLOYED), ImageFate.MOVED),
    "put in its place, and nobody can look": (layers(whole=False), Origins(DEPLOYED, DEPLOYED), ImageFate.UNKNOWN),
    "the host has what we deployed": (layers(), Origins({"vda": OVER}, {"vda": OVER}), None),
    "the program names another one now": (layers(), Origins({"vda": OTHER}, {"vda": OTHER}), None),
}


@pytest.mark.parametrize("name", CASES)
def test_what_stays(name: str) -> None:
    known, origins, fate = CASES[name]
    wanted, there = read_host_domain(xml("/x/base")), read_host_domain(xml("/x/over", "qcow2"))
    domain, kept = keeping_images(wanted, there, known, origins, frozenset())
    assert [each.fate for each in kept] == ([] if fate is None else [fate])
    assert place_of(domain.disk[0].source) == (BASE if fate is None else OVER)
    assert getattr(domain.disk[0].source, "format", None) == ("raw" if fate is None else "qcow2")
    assert keeping_images(wanted, there, known, origins, frozenset({"vda"}))[0] == wanted


def disks(**images: str) -> bytes:
    """By target; `s…` is a SATA disk."""
    each = "".join(
        DISK.format(device="disk", format="qcow2", path=f"/x/{path}", more="").replace(
            "'vda' bus='virtio'", f"'{target}' bus='{bus(target)}'"
        )
        for target, path in images.items()
    )
    return f"<domain type='kvm'><name>a</name><devices>{each}</devices></domain>".encode()


def bus(target: str) -> str:
    return "sata" if target.startswith("s") else "virtio"


def on(**below: str) -> ImageLayers:
    """Each image on another one."""
    return ImageLayers({("path", f"/x/{top}"): BackingChain((("path", f"/x/{name}"),), True) for top, name in below.items()})


def at(**images: str) -> Origins:
    places: dict[str, ImageKey] = {target: ("path", f"/x/{name}") for target, name in images.items()}
    return Origins(places, places)


MOVES: dict[str, tuple[bytes, bytes, ImageLayers, Origins, dict[str, str]]] = {
    "another bus": (disks(vda="a_ov"), disks(sda="a"), on(a_ov="a"), Origins(), {"sda": "a_ov"}),
    "another target": (disks(vda="a_ov"), disks(vdb="a"), on(a_ov="a"), at(vda="a"), {"vdb": "a_ov"}),
    "another target of a copy": (disks(vda="copy"), disks(vdb="a"), on(copy="none"), at(vda="a"), {"vdb": "copy"}),
    "another target, and nobody can look": (
        disks(vda="far"), disks(sda="a"), ImageLayers({("path", "/x/far"): BackingChain()}), Origins(), {"sda": "far"},
    ),
    "swapped": (
        disks(vda="a_ov", vdb="b_ov"), disks(vda="b", vdb="a"), on(a_ov="a", b_ov="b"), at(vda="a", vdb="b"),
        {"vda": "b_ov", "vdb": "a_ov"},
    ),
    "swapped, one without an overlay": (
        disks(vda="a_ov", vdb="b"), disks(vda="b", vdb="a"), on(a_ov="a"), at(vda="a", vdb="b"), {"vda": "b", "vdb": "a_ov"},
    ),
    "swapped without overlays": (disks(vda="a", vdb="b"), disks(vda="b", vdb="a"), ImageLayers(), Origins(), {"vda": "b", "vdb": "a"}),
    "a new one takes its place": (disks(vda="a_ov"), disks(vda="new", vdb="a"), on(a_ov="a"), at(vda="a"), {"vda": "new", "vdb": "a_ov"}),
    "two overlays of one template": (
        disks(vda="one", vdb="two"), disks(vdb="t"), on(one="t", two="t"), Origins(), {"vdb": "two"},
    ),
    "the program names the overlay": (
        disks(vda="one", vdb="two"), disks(vda="two", vdb="t"), on(one="t", two="t"), Origins(), {"vda": "two", "vdb": "one"},
    ),
}  # fmt: skip
"""What the host has, what the program names, what is known of images and of the last deploy, and what each disk is to have."""


@pytest.mark.parametrize("name", MOVES)
def test_an_image_stays_with_its_data_whatever_the_disk_is_called(name: str) -> None:
    there, wanted, known, origins, then = MOVES[name]
    domains = read_host_domain(wanted), read_host_domain(there)
    domain, _ = keeping_images(*domains, known, origins, frozenset())
    assert images(domain) == {target: ("path", f"/x/{path}") for target, path in then.items()}
    ours, theirs = (set(images(each).values()) for each in domains)
    assert names_other_images(*domains) == (not ours <= theirs)


def test_names_of_one_image() -> None:
    """A link, or a volume, is the file that it stands for."""
    wanted, there = read_host_domain(xml("/link")), read_host_domain(xml("/x/over", "qcow2"))
    assert keeping_images(wanted, there, layers(BASE, link=BASE), Origins(), frozenset())[1][0].fate is ImageFate.OVERLAY
    assert keeping_images(wanted, read_host_domain(xml("/x/base")), layers(link=BASE), Origins(), frozenset())[1] == []


def test_a_medium_is_no_layer() -> None:
    wanted, there = read_host_domain(xml("/x/base", device="cdrom")), read_host_domain(xml("/x/over", device="cdrom"))
    assert keeping_images(wanted, there, layers(BASE), Origins(), frozenset())[1] == []
    assert not names_other_images(wanted, there)


def test_what_libvirt_knows_of_one_and_the_same_image_stays() -> None:
    there = read_host_domain(xml("/x/base", more="<backingStore/>"))
    domain, kept = keeping_images(read_host_domain(xml("/x/base")), there, NOT_LOOKED, Origins(), frozenset())
    assert kept == []
    assert domain.disk[0].backing_store == there.disk[0].backing_store


def test_whether_a_look_is_worth_it() -> None:
    base, over = read_host_domain(xml("/x/base")), read_host_domain(xml("/x/over"))
    assert names_other_images(base, over)
    assert not names_other_images(base, read_host_domain(xml("/x/base", "qcow2", "<backingStore/>")))
    assert not names_other_images(Domain(), base)
    assert not names_other_images(base, Domain())
