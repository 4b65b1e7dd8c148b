"""What a guest keeps besides its disks, the variables of its firmware and its TPM, is there after whatever is done to its definition."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.site import Site

pytestmark = pytest.mark.needs("libvirt", "schemas", "ovmf", "swtpm")

PROGRAM = """
vm {name} extends std.base {{
  type = qemu
  cpu {{ count = 1; mode = maximum }}
  memory.size = 128MiB
  firmware.type = efi
  tpm {{ model = tpm-crb; backend = emulator; version = "2.0" }}
  title = "{title}"
}}
"""
OTHER = "vm other extends std.base { type = qemu; cpu { count = 1; mode = maximum }; memory.size = 64MiB }\n"
CUT = ("--force-off", "--shutdown-timeout", "0")
MARK = b"written by the guest"


def variables(here: Site, name: str) -> Path:
    """The file that the running guest has its variables in."""
    found = re.search(r"<nvram[^>]*>([^<]+)</nvram>", here.one("live", name))
    assert found is not None
    return Path(found[1])


def marked(file: Path) -> bool:
    return MARK in file.read_bytes()


def tpm(here: Site) -> bytes:
    (state,) = here.root.glob("lib/swtpm/*/tpm2/tpm2-00.permall")
    return state.read_bytes()


def started_once(here: Site, name: str) -> bytes:
    """A guest that has variables and a TPM of its own, and is off again; the state of the TPM."""
    here.write(PROGRAM.format(name=name, title="one"))
    here.vmc("deploy", "--start", code=0)
    file = variables(here, name)
    here.clear()
    assert here.one("state", name)["running"] is False
    data = file.read_bytes()
    file.write_bytes(data[: -len(MARK)] + MARK)
    return tpm(here)


def test_they_outlive_a_change_a_prune_and_a_rollback(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        state = started_once(here, "box")
        here.write(PROGRAM.format(name="box", title="two"))
        here.vmc("deploy", code=0)
        here.write(OTHER)
        here.vmc("deploy", "--prune", code=0)
        assert here.one("list") == ["other"]
        here.vmc("rollback", paths=False, code=0)
        assert "<title>two<" in here.one("inactive", "box")
        assert tpm(here) == state
        here.write(PROGRAM.format(name="box", title="three"))
        here.vmc("deploy", "--start", code=0)
        assert marked(variables(here, "box"))
        here.vmc("plan", code=0)


@pytest.mark.parametrize("point", ["before rename box", "after rename box", "after define box"])
def test_they_go_with_a_name(tmp_path: Path, point: str) -> None:
    """libvirt would look for the variables under the new name; also where vmc is killed between the steps of the rename."""
    from tests.real.site import site

    with site(tmp_path) as here:
        state = started_once(here, "box")
        here.write(PROGRAM.format(name="crate", title="one"))
        here.vmc("deploy", "--rename", "box=crate", fault=point, code=-int(signal.SIGKILL))
        here.vmc("deploy", "--rename", "box=crate", "--start", code=0)
        assert marked(variables(here, "crate"))
        assert here.one("list") == ["crate"]
        plan = here.vmc("plan", code=0)
        assert "pending" not in plan.out
        here.clear()
        here.one("state", "crate")
        here.vmc("rollback", paths=False, code=0)
        assert here.one("list") == ["box"]
        here.one("start", "box")
        assert marked(variables(here, "box"))
        assert tpm(here)[:64] == state[:64]


def test_others_keep_their_metadata(tmp_path: Path) -> None:
    from tests.real.site import site

    note = "<note:note xmlns:note='http://example.org/note'>theirs</note:note>"
    with site(tmp_path) as here:
        here.write(OTHER)
        here.vmc("deploy", code=0)
        here.one("define", here.one("inactive", "other").replace("</metadata>", f"{note}</metadata>"))
        here.vmc("plan", code=0)
        here.write(OTHER.replace("64MiB", "96MiB"))
        here.vmc("deploy", code=0)
        assert ">theirs</note:note>" in here.one("inactive", "other")
        here.vmc("plan", code=0)


def test_another_emulator_is_drift(tmp_path: Path) -> None:
    """Which one it is was libvirt's choice at our last deploy."""
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(OTHER)
        here.vmc("deploy", code=0)
        clean = here.one("inactive", "other")
        elsewhere = tmp_path / "qemu-system-x86_64"
        elsewhere.symlink_to("/usr/bin/qemu-system-x86_64")
        here.one("define", clean.replace("/usr/bin/qemu-system-x86_64", str(elsewhere)))
        found = here.vmc("verify", "--format", "json", code=3)
        assert [each["change"]["path"] for each in found.json["findings"]] == ["emulator-path"]
        here.vmc("deploy", code=0)
        assert here.one("inactive", "other") == clean
        # Somebody else has put it there since, and deployed from another machine: what our journal knows is of another time.
        here.one("define", clean.replace("/usr/bin/qemu-system-x86_64", str(elsewhere)))
        ours = (tmp_path / "state").rename(tmp_path / "ours")
        here.write(OTHER.replace("64MiB", "96MiB"))
        here.vmc("deploy", code=0)
        (tmp_path / "state").rename(tmp_path / "theirs")
        ours.rename(tmp_path / "state")
        here.vmc("plan", code=0)
        assert str(elsewhere) in here.one("inactive", "other")
