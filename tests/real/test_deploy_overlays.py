"""What others put on top of our images stays: external snapshots, copies, jobs. The guests boot, and write what must not be lost."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.real.kernel import Kernel
    from tests.real.site import Site

pytestmark = pytest.mark.needs("libvirt", "schemas", "kernel")

GUEST = """
vm box extends std.base {{
  type = qemu
  cpu {{ count = 1; mode = maximum }}
  memory.size = 128MiB
  boot {{ kernel = "{kernel}"; initrd = "{initrd}"; cmdline = "console=ttyS0 quiet" }}
  title = "{title}"
  {more}
  disk vda {{ source = file("{image}", format = {format}) }}
}}
"""
DISK_ONLY = 16
NO_METADATA = 4
SNAPSHOT = (
    "<domainsnapshot><name>{0}</name><disks><disk name='vda' snapshot='external'><source file='{1}'/></disk></disks></domainsnapshot>"
)


class Told:
    """A program about one guest with one disk, and how it changes."""

    def __init__(self, kernel: Kernel, folder: Path, format: str = "raw") -> None:
        from tests.real.site import sleeper

        self.given = {"kernel": kernel.image, "initrd": sleeper(kernel, folder), "format": format}
        self.image = folder / f"base.{format}"
        image(self.image, format)

    def text(self, title: str = "one", more: str = "", path: Path | None = None) -> str:
        return GUEST.format(**self.given, title=title, more=more, image=path or self.image)


def image(path: Path, format: str, below: Path | None = None) -> Path:
    backing = [] if below is None else ["-b", str(below), "-F", "raw"]
    size = [] if below is not None else ["8M"]
    subprocess.run(["qemu-img", "create", "-q", "-f", format, *backing, str(path), *size], check=True)
    return path


def source(here: Site, which: str = "inactive") -> str:
    return str(here.one(which, "box").partition("<source file='")[2].partition("'")[0])


def notes(plan: Any) -> dict[str, str]:
    (vm,) = plan.json["hosts"][0]["vms"]
    return {note["kind"]: note["message"] for note in vm["notes"]}


@pytest.mark.parametrize("format", ["raw", "qcow2"])
@pytest.mark.parametrize("metadata", [True, False])
def test_an_overlay_stays_whether_the_guest_runs_or_not(tmp_path: Path, kernel: Kernel, format: str, metadata: bool) -> None:
    from tests.real.site import site

    told = Told(kernel, tmp_path, format)
    flags = DISK_ONLY if metadata else DISK_ONLY | NO_METADATA
    with site(tmp_path) as here:
        here.write(told.text())
        here.vmc("deploy", code=0)
        here.one("snapshot", "box", SNAPSHOT.format("off", tmp_path / "off.qcow2"), flags if metadata else DISK_ONLY)
        assert source(here) == f"{tmp_path}/off.qcow2"
        steady = here.vmc("plan", "--format", "json", code=0)
        assert f"{tmp_path}/off.qcow2 lies on {told.image}" in notes(steady)["overlay"]
        here.write(told.text("two"))
        shown = here.vmc("plan", code=3)
        assert "disk.vda.source.path" not in shown.out
        assert "overlay" in shown.out
        here.vmc("deploy", code=0)
        assert source(here) == f"{tmp_path}/off.qcow2"
        here.one("start", "box")
        here.vmc("plan", code=0)
        here.one("snapshot", "box", SNAPSHOT.format("on", tmp_path / "on.qcow2"), flags)
        here.write(told.text("three", "events { on-crash = restart }"))
        done = here.vmc("deploy", code=0)
        assert "disk.vda" not in done.out.partition("host: ")[2]
        assert source(here) == source(here, "live") == f"{tmp_path}/on.qcow2"
        here.vmc("plan", code=0)
        here.vmc("verify", code=0)
        # What is said to be off is found too, from its snapshots and from the headers of the images.
        here.clear()
        here.write(told.text("four"))
        here.vmc("deploy", code=0)
        assert source(here) == f"{tmp_path}/on.qcow2"
        here.vmc("rollback", paths=False, code=0)
        assert source(here) == f"{tmp_path}/on.qcow2"


def test_a_rollback_leaves_the_overlay(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site

    told = Told(kernel, tmp_path)
    with site(tmp_path) as here:
        here.write(told.text())
        here.vmc("deploy", code=0)
        here.write(told.text("two"))
        here.vmc("deploy", "--start", code=0)
        here.one("snapshot", "box", SNAPSHOT.format("on", tmp_path / "on.qcow2"), DISK_ONLY)
        here.vmc("rollback", paths=False, code=0)
        assert "<title>one<" in here.one("inactive", "box")
        assert source(here) == f"{tmp_path}/on.qcow2"


def test_the_ways_back_to_the_base(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site

    told = Told(kernel, tmp_path)
    with site(tmp_path) as here:
        here.write(told.text())
        here.vmc("deploy", "--start", code=0)
        here.one("snapshot", "box", SNAPSHOT.format("s1", tmp_path / "s1.qcow2"), DISK_ONLY)
        here.one("commit", "box", "vda")
        assert source(here) == str(told.image)
        assert notes(here.vmc("plan", "--format", "json", code=0)).keys() <= {"snapshot"}
        here.one("snapshot", "box", SNAPSHOT.format("s2", tmp_path / "s2.qcow2"), DISK_ONLY)
        shown = here.vmc("plan", "--discard-overlay", "box:vda", code=3)
        assert "disk.vda.source" in shown.out
        assert "[changed by hand]" in shown.out
        here.vmc("deploy", "--discard-overlay", "box:vda", code=0)
        assert source(here) == str(told.image)


def test_another_image_is_still_a_change(tmp_path: Path, kernel: Kernel) -> None:
    """One that the program names, that is; what somebody has put in its place by hand stays until it is said to go."""
    from tests.real.site import site

    told = Told(kernel, tmp_path, "qcow2")
    other, overlay = image(tmp_path / "other.qcow2", "qcow2"), image(tmp_path / "over.qcow2", "qcow2", image(tmp_path / "x.raw", "raw"))
    with site(tmp_path) as here:
        here.write(told.text())
        here.vmc("deploy", code=0)
        for path in (other, overlay, told.image):
            here.write(told.text(path=path))
            here.vmc("deploy", code=0)
            assert source(here) == str(path)
        here.one("define", here.one("inactive", "box").replace(str(told.image), str(other)))
        assert f"{other} was put in the place of {told.image} by hand" in notes(here.vmc("plan", "--format", "json", code=0))["moved"]
        here.vmc("verify", code=3)
        here.vmc("deploy", "--discard-overlay", "box:vda", code=0)
        assert source(here) == str(told.image)


def test_what_cannot_be_looked_into_is_kept_and_said(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site

    told = Told(kernel, tmp_path)
    with site(tmp_path) as here:
        here.write(told.text())
        here.vmc("deploy", code=0)
        xml = here.one("inactive", "box").replace(str(told.image), "/nowhere/to/be/seen.qcow2").replace("type='raw'", "type='qcow2'")
        here.one("define", xml)
        here.write(told.text("two"))
        shown = here.vmc("plan", code=3)
        assert "nobody can tell whether /nowhere/to/be/seen.qcow2 lies on" in shown.out
        here.vmc("deploy", code=0)
        assert source(here) == "/nowhere/to/be/seen.qcow2"
        assert "image" in here.vmc("verify", code=3).out
        here.write(told.text("three"))
        here.vmc("deploy", code=0)
        assert source(here) == "/nowhere/to/be/seen.qcow2", "nor is it taken for ours the next time"
        here.vmc("deploy", "--discard-overlay", "box:vda", code=0)
        assert source(here) == str(told.image)


COPY = "<disk type='file'><driver type='qcow2'/><source file='{}'/></disk>"


def test_a_copy_under_way_is_no_drift_and_no_restart_ends_it(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site

    told = Told(kernel, tmp_path)
    with site(tmp_path) as here:
        here.write(told.text())
        here.vmc("deploy", "--start", code=0)
        pid = here.pids()["box"]
        here.one("copy", "box", "vda", COPY.format(tmp_path / "copy.qcow2"), 0)
        assert here.vmc("plan", code=0).out.count("pending") == 0
        here.vmc("verify", code=0)
        here.write(told.text("two", "events { on-crash = restart }"))
        shown = here.vmc("plan", "--allow-restart", code=3)
        assert "not restarted" in shown.out
        done = here.vmc("deploy", "--allow-restart", "--shutdown-timeout", "0", "--force-off", code=5)
        assert "blockcopy of vda" in done.out
        assert here.pids()["box"] == pid
        assert here.one("job", "box", "vda")
        here.vmc("plan", code=0)
        # The guest moves to the copy, and no deploy takes it back to what it has left.
        here.one("end-job", "box", "vda")
        shown = here.vmc("plan", "--format", "json", code=0)
        assert f"was moved to {tmp_path}/copy.qcow2" in notes(shown)["moved"]
        here.write(told.text("three", "events { on-crash = restart }"))
        here.vmc("deploy", code=0)
        assert source(here) == source(here, "live") == f"{tmp_path}/copy.qcow2"
        here.vmc("deploy", "--allow-restart", "--shutdown-timeout", "0", "--force-off", code=0)
        assert here.pids()["box"] != pid
        assert source(here, "live") == f"{tmp_path}/copy.qcow2"
