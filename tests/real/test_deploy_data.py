"""What a guest has written is found again after any deploy: images go by the data in them, and not by the disks that name them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.kernel import Kernel
    from tests.real.site import Site

pytestmark = pytest.mark.needs("libvirt", "schemas")

GUEST = "vm {name} extends std.base {{ type = qemu; cpu {{ count = 1; mode = maximum }}; memory.size = 64MiB\n{disks} }}\n"
DISK = 'disk {target} {{ {more} source = file("{path}", format = qcow2) }}'
SNAPSHOT = "<domainsnapshot><name>{0}</name><disks>{1}</disks></domainsnapshot>"
OVERLAY = "<disk name='{0}' snapshot='external'><source file='{1}'/></disk>"
DISK_ONLY, NO_METADATA = 16, 4
NOW = ("--allow-restart", "--force-off", "--shutdown-timeout", "0")


def image(path: Path) -> Path:
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(path), "8M"], check=True)
    return path


def guest(name: str = "box", more: str = "", **disks: Path) -> str:
    return GUEST.format(name=name, disks="\n".join(DISK.format(target=target, path=path, more=more) for target, path in disks.items()))


def covered(here: Site, flags: int = DISK_ONLY, name: str = "box", **overlays: Path) -> None:
    disks = "".join(OVERLAY.format(target, path) for target, path in overlays.items())
    here.one("snapshot", name, SNAPSHOT.format("-".join(path.stem for path in overlays.values()), disks), flags)


def images(here: Site, name: str = "box") -> dict[str, str]:
    """By target, of the definition."""
    disks = here.one("inactive", name).split("<disk ")[1:]
    return {each.partition("<target dev='")[2].partition("'")[0]: each.partition("file='")[2].partition("'")[0] for each in disks}


def test_an_overlay_goes_with_its_image_to_another_disk(tmp_path: Path) -> None:
    from tests.real.site import site

    a, b = image(tmp_path / "a.qcow2"), image(tmp_path / "b.qcow2")
    over_a, over_b = tmp_path / "a.ov", tmp_path / "b.ov"
    with site(tmp_path) as here:
        here.write(guest(vda=a, vdb=b))
        here.vmc("deploy", code=0)
        covered(here, vda=over_a, vdb=over_b)
        here.write(guest(more="bus = sata;", vda=a, vdb=b))
        shown = here.vmc("plan", code=3)
        assert "source" not in shown.out.partition("overlay:")[0]
        here.vmc("deploy", code=0)
        assert images(here) == {"sda": str(over_a), "sdb": str(over_b)}
        here.write(guest(vda=b, vdc=a))
        here.vmc("deploy", code=0)
        assert images(here) == {"vda": str(over_b), "vdc": str(over_a)}
        here.vmc("plan", code=0)
        here.vmc("rollback", paths=False, code=0)
        assert images(here) == {"sda": str(over_a), "sdb": str(over_b)}
        here.vmc("deploy", "--discard-overlay", "box:vdc", code=0)
        assert images(here) == {"vda": str(over_b), "vdc": str(a)}


def test_a_copy_stays_when_its_guest_has_ended(tmp_path: Path) -> None:
    from tests.real.site import site

    a, copy = image(tmp_path / "a.qcow2"), tmp_path / "copy.qcow2"
    with site(tmp_path) as here:
        here.write(guest(vda=a))
        here.vmc("deploy", "--start", code=0)
        here.one("copy", "box", "vda", f"<disk type='file'><driver type='qcow2'/><source file='{copy}'/></disk>", 0)
        here.one("end-job", "box", "vda")
        here.clear()
        shown = here.vmc("plan", code=0)
        assert f"moved: disk.vda.source: {copy} was put in the place of {a} by hand" in shown.out
        here.write(guest(vdb=a))
        here.vmc("deploy", "--start", code=0)
        assert images(here) == {"vdb": str(copy)}
        here.vmc("rollback", paths=False, code=0)
        assert images(here) == {"vda": str(copy)}


def test_what_is_under_an_overlay_is_not_pruned_nor_made_anew(tmp_path: Path) -> None:
    from tests.real.site import site

    a, over = image(tmp_path / "a.qcow2"), tmp_path / "a.ov"
    other = guest("other", vda=image(tmp_path / "b.qcow2"))
    with site(tmp_path) as here:
        here.write(guest(vda=a) + other)
        here.vmc("deploy", "--start", code=0)
        covered(here, DISK_ONLY | NO_METADATA, vda=over)
        here.clear()
        here.write(other)
        refused = here.vmc("deploy", "--prune", code=5)
        assert f"it is on {over}, and not on {a} (vda), by hand" in refused.out
        assert images(here) == {"vda": str(over)}
        here.write(guest(more="cache = writeback;", vda=a) + other)
        here.vmc("deploy", code=0)
        here.one("undefine", "box")
        refused = here.vmc("deploy", code=5)
        assert f"it was on {over}, and not on {a}" in refused.out
        here.vmc("deploy", "--discard-overlay", "box:vda", code=0)
        assert images(here) == {"vda": str(a)}


def test_images_go_from_one_guest_to_another_in_an_order_that_is_safe(tmp_path: Path) -> None:
    """Or not at all: a swap is refused before anything is done, and whoever takes waits until the other has left."""
    from tests.real.site import site

    a, b, c = (image(tmp_path / f"{name}.qcow2") for name in "abc")
    with site(tmp_path) as here:
        here.write(guest("g1", vda=a) + guest("g2", vda=b))
        here.vmc("deploy", "--start", code=0)
        pids = here.pids()
        here.write(guest("g1", vda=b) + guest("g2", vda=a))
        refused = here.vmc("deploy", *NOW, code=5)
        assert "g1 → g2 → g1" in refused.out
        assert (here.pids(), images(here, "g1"), images(here, "g2")) == (pids, {"vda": str(a)}, {"vda": str(b)})
        here.write(guest("g1", vda=c) + guest("g2", vda=a))
        waits = here.vmc("deploy", *NOW, code=5)
        assert f"{a} (image) is that of g1 until it has been restarted" in waits.out
        assert (images(here, "g1"), images(here, "g2")) == ({"vda": str(c)}, {"vda": str(b)})
        here.vmc("deploy", *NOW, code=0)
        assert images(here, "g2") == {"vda": str(a)}


def test_without_a_journal_nothing_that_lies_on_another_image_is_pruned(tmp_path: Path) -> None:
    """It may be an overlay over what the program named, or a linked clone that it named."""
    from tests.real.site import site

    base, clone = image(tmp_path / "base.qcow2"), tmp_path / "clone.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(base), "-F", "qcow2", str(clone)], check=True)
    other = guest("other", vda=image(tmp_path / "b.qcow2"))
    with site(tmp_path) as here:
        here.write(guest(vda=clone) + guest("plain", vda=image(tmp_path / "plain.qcow2")) + other)
        here.vmc("deploy", code=0)
        shutil.rmtree(tmp_path / "state")
        here.write(other)
        refused = here.vmc("deploy", "--prune", code=5)
        assert f"{clone} lies on another image (vda), and no journal of ours tells" in refused.out
        assert here.one("list") == ["box", "other"]
        here.vmc("deploy", "--prune", "--discard-overlay", "box:vda", code=0)
        assert here.one("list") == ["other"]


def test_names_go_on_and_another_name_of_a_file_is_that_file(tmp_path: Path) -> None:
    from tests.real.site import site

    a, b = image(tmp_path / "a.qcow2"), image(tmp_path / "b.qcow2")
    (tmp_path / "also-a.qcow2").hardlink_to(a)
    renames = ("--rename", "c1=c2", "--rename", "c2=c3")
    with site(tmp_path) as here:
        here.write(guest("c1", vda=a) + guest("c2", vda=b))
        here.vmc("deploy", code=0)
        here.write(guest("c2", vda=a) + guest("c3", vda=b) + guest("c1", vda=tmp_path / "also-a.qcow2"))
        refused = here.vmc("deploy", *renames, code=5)
        assert "it and c2 would both write" in refused.out, refused
        here.write(guest("c2", vda=a) + guest("c3", vda=b) + guest("c1", vda=image(tmp_path / "c.qcow2")))
        for _ in range(2):
            here.vmc("deploy", *renames, code=0)
            assert [images(here, name)["vda"] for name in ("c2", "c3")] == [str(a), str(b)]
        here.vmc("plan", code=0)
        here.vmc("rollback", paths=False, code=0)
        assert here.one("list") == ["c1", "c2"]
        assert images(here, "c1") == {"vda": str(a)}


def test_what_does_not_start_runs_again_as_it_was(tmp_path: Path) -> None:
    from tests.real.site import site

    a = image(tmp_path / "a.qcow2")
    with site(tmp_path) as here:
        here.write(guest(vda=a))
        here.vmc("deploy", "--start", code=0)
        broken = tmp_path / "broken.qcow2"
        broken.write_bytes(b"no image")
        here.write(guest(vda=a, vdb=broken))
        failed = here.vmc("deploy", *NOW, code=5)
        assert "it runs again, with its previous definition" in failed.out
        assert images(here) == {"vda": str(a)}
        assert list(here.pids()) == ["box"]
        assert "disk.vdb" in here.vmc("verify", code=3).out


@pytest.mark.needs("libvirtd", "kernel")
def test_an_overlay_goes_with_its_guest_to_another_host(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.test_deploy_moves import pair

    with pair(kernel, tmp_path) as two:
        folder = two.m1.home / "images"
        folder.mkdir()
        a, over = image(folder / "a.qcow2"), folder / "a.ov"
        storage = f'storage san {{ kind = dir; path = "{folder}"; shared = true }}'
        two.write("m1", DISK.format(target="vda", path=a, more=""), storage)
        two.vmc("deploy", "m1", code=0)
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(a), "-F", "qcow2", str(over)], check=True)
        there = tmp_path / "there.xml"
        there.write_text(two.m1.virsh("dumpxml", "--inactive", "box").replace(str(a), str(over)))
        two.m1.virsh("define", str(there))
        moved = DISK.format(target="sda", path=a, more="bus = sata;")
        two.write("m2", moved, storage)
        shown = two.vmc("plan", "--all", code=3)
        assert "disk.sda.bus: virtio → sata" in shown.out
        assert f"{over} lies on {a}" in shown.out
        two.vmc("deploy", "--all", code=0)
        assert two.where() == (["m2"], [])
        assert str(over) in two.m2.virsh("dumpxml", "--inactive", "box")
        # Neither side can undo that alone.
        for host in ("m2", "m1"):
            assert "a deploy moved it" in two.vmc("rollback", host, code=5).out
        assert two.where() == (["m2"], [])
        two.m2.kill()
        two.write("m1", moved, storage)
        refused = two.vmc("deploy", "m1", *NOW, "--gone", "m2", code=5)
        assert f"when it was last deployed to m2 it was on {over}" in refused.out
        assert two.m1.virsh("list", "--all", "--name").split() == []
