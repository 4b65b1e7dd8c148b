"""The files of a host, deployed with its guests below a root, found when they drift, and brought back with the guests."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs("libvirt", "schemas")

PROGRAM = """
host here {{ uri = "{uri}"; os = debian; numa 0 {{ cpus = 0-7; memory = 8GiB }}; reserve.cpus = 0,1; {host} }}
vm one extends std.base {{ place = host(here); type = qemu; cpu {{ count = 1; mode = maximum }}; memory.size = {size} }}
"""
SYSCTL = "etc/sysctl.d/90-vmspec.conf"
MODPROBE = "etc/modprobe.d/vmspec.conf"


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_files_go_forth_and_back_with_the_guests(tmp_path: Path) -> None:
    from tests.real.site import site

    root = tmp_path / "files"
    (root / "etc/sysctl.d").mkdir(parents=True)
    (root / SYSCTL).write_text("theirs = 1\n")
    before = tree(root)
    with site(tmp_path) as here:

        def write(size: str, host: str) -> None:
            here.write(PROGRAM.format(uri=here.uri, size=size, host=host))

        at = ("--root", str(root))
        write("64MiB", "sysctl { vm.swappiness = 1 }; modprobe { kvm { halt_poll_ns = 0 } }")
        here.vmc("plan", *at, code=3)
        here.vmc("deploy", *at, code=0)
        here.vmc("plan", *at, code=0)
        write("64MiB", "sysctl { vm.swappiness = 3 }; modprobe { kvm { halt_poll_ns = 7 } }")
        plan = here.vmc("plan", *at, "--format", "json", code=3)
        changes = [change for step in plan.json["hosts"][0]["files"]["steps"] for change in step["changes"]]
        assert [(each["path"], each["before"], each["after"], each["class"], each["line"], each["layer"]) for each in changes] == [
            ("modprobe.kvm.halt_poll_ns", "0", "7", "host-reboot", 2, "host here"),
            ("sysctl.vm.swappiness", "1", "3", "live", 2, "host here"),
        ]
        write("64MiB", "sysctl { vm.swappiness = 1 }; modprobe { kvm { halt_poll_ns = 0 } }")
        first, xml = tree(root), here.one("inactive", "one")
        assert MODPROBE in first
        (root / MODPROBE).write_text("options kvm halt_poll_ns=1\n")
        found = here.vmc("verify", *at, "--format", "json", code=3)
        assert [(each["kind"], each["name"]) for each in found.json["findings"]] == [("file", f"/{MODPROBE}")]
        (root / MODPROBE).write_bytes(first[MODPROBE])
        write("128MiB", "sysctl { vm.swappiness = 2; kernel.nmi_watchdog = 0 }")
        here.vmc("deploy", *at, code=0)
        assert MODPROBE not in tree(root)
        assert b"vm.swappiness = 2" in tree(root)[SYSCTL]
        would = here.vmc("rollback", *at, "--dry-run", paths=False, code=0)
        assert f"+ /{MODPROBE}" in would.out
        here.vmc("rollback", *at, paths=False, code=0)
        assert (tree(root), here.one("inactive", "one")) == (first, xml)
        write("64MiB", "sysctl { vm.swappiness = 1 }; modprobe { kvm { halt_poll_ns = 0 } }")
        here.vmc("plan", *at, code=0)
        here.vmc("rollback", *at, paths=False, code=0)
        assert tree(root) == before
        assert here.one("list") == []


def test_a_rollback_says_what_becomes_of_files(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(PROGRAM.format(uri=here.uri, size="64MiB", host="sysctl { vm.swappiness = 1 }"))
        here.vmc("deploy", "--root", str(tmp_path), code=0)
        asked = here.vmc("rollback", paths=False, code=2)
        assert f"--root {tmp_path}" in asked.err
        assert here.one("list") == ["one"]
        back = here.vmc("rollback", "--keep-files", paths=False, code=0)
        assert "stay as they are" in back.out
        assert (tmp_path / SYSCTL).exists()


def test_killed_between_guests_and_files(tmp_path: Path) -> None:
    """At each point of the files; the next run ends it, and a rollback after that goes back to before both. What others had lies there
    again, or is kept, at every moment."""
    from tests.real.site import site

    root = tmp_path / "files"
    (root / MODPROBE).parent.mkdir(parents=True)
    (root / MODPROBE).write_text("theirs\n")
    at = ("--root", str(root))
    with site(tmp_path) as here:
        one, two = "sysctl { vm.swappiness = 1 }; modprobe { kvm { halt_poll_ns = 0 } }", "sysctl { vm.swappiness = 2 }"
        here.write(PROGRAM.format(uri=here.uri, size="64MiB", host=one))
        here.vmc("deploy", *at, code=0)
        before = tree(root)
        log = tmp_path / "points"
        here.write(PROGRAM.format(uri=here.uri, size="64MiB", host=two))
        here.vmc("deploy", *at, code=0, fault=f"log:{log}")
        after = tree(root)
        assert after[MODPROBE] == b"theirs\n"
        here.vmc("rollback", *at, paths=False, code=0)
        names = [line.partition(" ")[2] for line in log.read_text().splitlines()]
        points = list(dict.fromkeys(names[names.index("after journal files") :]))
        assert len(points) >= 8, names
        for point in points:
            here.vmc("deploy", *at, fault=point, code=-int(signal.SIGKILL))
            here.vmc("deploy", *at, code=0)
            assert tree(root) == after, point
            here.vmc("plan", *at, code=0)
            here.vmc("rollback", *at, paths=False, code=0)
            assert tree(root) == before, point
