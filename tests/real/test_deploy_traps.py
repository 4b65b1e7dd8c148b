"""What has gone wrong before, or nearly: two hosts on one libvirt, names that are somebody else's, restarts that the running XML hides."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.kernel import Kernel

pytestmark = pytest.mark.needs("libvirt", "schemas")

SMALL = "vm {name} extends std.base {{ type = qemu; cpu {{ count = 1; mode = maximum }}; memory.size = 64MiB; {more} }}\n"
IMPORTED = """
vm imp {
  resolve = false
  type = qemu; machine = pc-q35-7.2; arch = x86_64; os-type = hvm
  cpu.count = 1
  memory.size = 64MiB
  graphics vnc { type = vnc; passwd = "hunter2x" }
}
"""
FOREIGN = """<domain type='qemu'><name>{}</name><uuid>0f4a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a01</uuid><memory>65536</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os></domain>"""


def test_two_hosts_on_one_libvirt_prune_nothing_of_one_another(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        hosts = "".join(f'host h{n} {{ uri = "{here.uri}" }}\n' for n in (1, 2))
        vms = SMALL.format(name="a", more="place = host(h1)") + SMALL.format(name="b", more="place = host(h2)")
        here.write(hosts + vms + SMALL.format(name="gone", more="place = host(h2)"))
        here.vmc("deploy", "--all", "h1", code=0)
        assert here.one("list") == ["a", "b", "gone"]
        here.write(hosts + vms)
        done = here.vmc("deploy", "--all", "--prune", "h1", code=0)
        assert here.one("list") == ["a", "b"], done
        here.vmc("plan", "--all", "--prune", "h1", code=0)
        here.vmc("verify", "--all", "h1", code=0)


def test_a_rollback_undoes_what_was_made_and_not_what_has_its_name(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(IMPORTED)
        here.vmc("deploy", code=0)
        assert b"hunter" not in b"".join(file.read_bytes() for file in (tmp_path / "state").rglob("*.jsonl"))
        here.ask(["undefine", "imp"], ["define", FOREIGN.format("imp")])
        before = here.one("inactive", "imp")
        here.vmc("rollback", paths=False, code=0)
        assert here.one("inactive", "imp") == before


def test_a_rename_of_nothing_leaves_the_lock_alone(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(SMALL.format(name="box", more=""))
        here.vmc("deploy", code=0)
        lock = (here.program / "vmspec.lock").read_bytes()
        refused = here.vmc("deploy", "--rename", "nothere=box", code=5)
        assert "there is no nothere" in refused.out
        assert (here.program / "vmspec.lock").read_bytes() == lock
        here.vmc("plan", code=0)


def test_a_rollback_that_was_killed_at_once_is_begun_again(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(SMALL.format(name="box", more='title = "one"'))
        here.vmc("deploy", code=0)
        before = here.one("inactive", "box")
        here.write(SMALL.format(name="box", more='title = "two"'))
        here.vmc("deploy", code=0)
        here.one("define", FOREIGN.format("other"))
        here.write(SMALL.format(name="other", more=""))
        here.vmc("deploy", code=5)  # refuses, and so is nothing to go back from
        for point in ("after create journal", "before journal begin", "after journal begin"):
            here.vmc("rollback", paths=False, fault=point, code=-int(signal.SIGKILL))
        here.vmc("rollback", paths=False, code=0)
        assert here.one("inactive", "box") == before


GUEST = """
vm box extends std.base {{
  type = qemu
  cpu {{ count = 1; mode = {mode} }}
  memory.size = 128MiB
  boot {{ kernel = "{kernel}"; initrd = "{initrd}"; cmdline = "console=ttyS0 quiet" }}
  serial serial0 {{ source = {serial} }}
  title = "{title}"
}}
"""
DISK = "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{}'/><target dev='vdq' bus='virtio'/></disk>"


@pytest.mark.needs("kernel")
def test_a_restart_is_known_to_be_due_for_what_the_running_xml_hides(tmp_path: Path, kernel: Kernel) -> None:
    """libvirt writes another CPU and another console into it; and what is plugged in by hand stays drift, whatever is deployed."""
    from tests.real.site import site, sleeper

    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path), "title": "one"}
    other = f'file("{tmp_path}/console")'
    (tmp_path / "extra.raw").write_bytes(bytes(1 << 20))
    with site(tmp_path) as here:
        here.write(GUEST.format(**given, mode="maximum", serial="pty()"))
        here.vmc("deploy", "--start", code=0)
        pid = here.pids()["box"]
        here.one("attach", "box", DISK.format(tmp_path / "extra.raw"), "live")
        assert _kinds(here.vmc("verify", "--format", "json", code=3).out)["disk.vdq"] == "live"
        here.write(GUEST.format(**given, mode="host-model", serial=other))
        done = here.vmc("deploy", code=0)
        assert "from the next start on" in done.out
        plan = here.vmc("plan", "--format", "json", code=0)
        (vm,) = plan.json["hosts"][0]["vms"]
        assert {"cpu.mode", "serial.serial0.source"} <= {each["path"] for each in vm["pending"]}
        kinds = _kinds(here.vmc("verify", "--format", "json", code=3).out)
        assert kinds["disk.vdq"] == "live", "still nobody's of ours"
        assert kinds["cpu.mode"] == kinds["serial.serial0.source"] == "pending"
        here.write(GUEST.format(**given | {"title": "two"}, mode="host-model", serial=other))
        here.vmc("deploy", code=0)
        refused = here.vmc("deploy", "--allow-restart", "--shutdown-timeout", "0", code=5)
        assert "did not shut down" in refused.out
        assert _kinds(here.vmc("verify", "--format", "json", code=3).out)["cpu.mode"] == "pending"
        here.vmc("deploy", "--allow-restart", "--shutdown-timeout", "0", "--force-off", code=0)
        assert here.pids()["box"] != pid
        here.vmc("verify", code=0)
        (vm,) = here.vmc("plan", "--format", "json", code=0).json["hosts"][0]["vms"]
        assert vm["pending"] == []
        # Of a guest that runs on without its definition only that is said, and it is mended.
        here.one("undefine", "box")
        gone = here.vmc("verify", "--format", "json", code=3)
        assert [each["kind"] for each in gone.json["findings"]] == ["missing"]
        here.vmc("deploy", code=0)
        here.vmc("verify", code=0)


def _kinds(text: str) -> dict[str, str]:
    found = json.loads(text)["findings"]
    return {each["change"]["path"]: each["kind"] for each in found if each["change"] is not None}


def test_the_order_of_boot_devices_is_seen_in_a_fleet(tmp_path: Path) -> None:
    """What was harmless for the one is not remembered for the other."""
    from tests.real.site import site

    with site(tmp_path) as here:
        both = [SMALL.format(name=name, more="boot.devices = [hd, network]") for name in ("b1", "b2")]
        here.write("".join(both))
        here.vmc("deploy", code=0)
        here.write(both[0] + both[1].replace("[hd, network]", "[network, hd]"))
        here.vmc("plan", code=3)
        here.vmc("deploy", code=0)
        assert here.one("inactive", "b2").index("<boot dev='network'/>") < here.one("inactive", "b2").index("<boot dev='hd'/>")
        here.vmc("plan", code=0)


def test_an_imported_vm_keeps_the_password_that_its_source_does_not_say(tmp_path: Path) -> None:
    from tests.real.site import site

    silent = IMPORTED.replace('; passwd = "hunter2x"', "")
    with site(tmp_path) as here:
        here.write(IMPORTED)
        here.vmc("deploy", code=0)
        here.write(silent.replace("cpu.count = 1", 'cpu.count = 1\n  title = "two"'))
        here.vmc("deploy", code=0)
        assert here.one("password", "imp") == "hunter2x"
        here.write(IMPORTED.replace("hunter2x", "hunter3x"))
        assert "graphics.vnc.passwd" in here.vmc("plan", code=3).out
        here.vmc("deploy", code=0)
        assert here.one("password", "imp") == "hunter3x"


def test_a_rollback_is_of_its_own_project(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        toml = here.program / "vmspec.toml"
        ours = toml.read_text()
        here.write(SMALL.format(name="ours", more=""))
        here.vmc("deploy", code=0)
        toml.write_text(ours.replace("7d6a3f0e", "7d6a3f0f"))
        here.write(SMALL.format(name="theirs", more=""))
        here.vmc("deploy", code=0)
        toml.write_text(ours)
        here.write(SMALL.format(name="ours", more=""))
        here.vmc("rollback", code=0)
        assert here.one("list") == ["theirs"]


@pytest.mark.needs("kernel")
def test_a_guest_that_did_not_start_again_is_started_by_the_next_run(tmp_path: Path, kernel: Kernel) -> None:
    """And one that did not end, and is ended later by somebody else, is not."""
    from tests.real.site import site, sleeper

    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path), "mode": "maximum", "serial": "pty()"}
    cut = ("--allow-restart", "--shutdown-timeout", "0")
    initrd = tmp_path / "sleeper.img"
    with site(tmp_path) as here:
        here.write(GUEST.format(**given, title="one"))
        here.vmc("deploy", "--start", code=0)
        here.write(GUEST.format(**given, title="one").replace("quiet", "loglevel=3"))
        # What is not there at all is refused before the guest is ended; QEMU cannot read a folder.
        away = initrd.rename(tmp_path / "away.img")
        initrd.mkdir()
        here.vmc("deploy", *cut, "--force-off", code=5)
        assert here.pids() == {}
        initrd.rmdir()
        away.rename(initrd)
        here.vmc("deploy", code=0)
        assert "box" in here.pids()
        here.write(GUEST.format(**given, title="one").replace("quiet", "loglevel=4"))
        here.vmc("deploy", *cut, code=5)
        here.clear()
        here.one("state", "box")
        here.vmc("deploy", code=0)
        assert here.pids() == {}


@pytest.mark.needs("kernel")
def test_what_a_rollback_leaves_to_a_restart_is_no_drift(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site, sleeper

    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path), "mode": "maximum", "title": "one"}
    first, second = GUEST.format(**given, serial="pty()"), GUEST.format(**given, serial=f'file("{tmp_path}/console")')
    with site(tmp_path) as here:
        here.write(first)
        here.vmc("deploy", code=0)
        here.write(second.replace("quiet", "loglevel=3"))
        here.vmc("deploy", "--start", code=0)
        here.vmc("verify", code=0)
        here.vmc("rollback", paths=False, code=0)
        here.write(first)
        verified = here.vmc("verify", "--format", "json", code=0)
        assert {"boot.cmdline"} <= {each["change"]["path"] for each in verified.json["findings"]}
