"""Saved states, pins by hand, files that two would write, networks that are missing: on guests that boot, or are only defined."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.kernel import Kernel

pytestmark = pytest.mark.needs("libvirt", "schemas")

GUEST = """
vm box extends std.base {{
  type = qemu
  cpu {{ count = 1; mode = maximum }}
  memory.size = 128MiB
  boot {{ kernel = "{kernel}"; initrd = "{initrd}"; cmdline = "console=ttyS0 quiet" }}
  title = "{title}"
  events {{ on-crash = {crash} }}
  input tablet {{ type = tablet; bus = usb }}
  graphics vnc {{ type = vnc }}
  interface eth0 {{ source = user() }}
}}
"""


@pytest.mark.needs("kernel")
def test_a_saved_state(tmp_path: Path, kernel: Kernel) -> None:
    """Said before, used up after, and nobody is accused of it; names that libvirt gives anew are no drift."""
    from tests.real.site import site, sleeper

    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path)}
    with site(tmp_path) as here:
        here.write(GUEST.format(**given, title="one", crash="destroy"))
        here.vmc("deploy", "--start", code=0)
        here.one("save", "box")
        assert "saved state" in here.vmc("plan", code=0).out
        # Nothing has changed: what comes back is what was saved.
        here.one("start", "box")
        here.vmc("plan", code=0)
        here.vmc("verify", code=0)
        here.one("save", "box")
        here.write(GUEST.format(**given, title="two", crash="restart"))
        shown = here.vmc("plan", code=3)
        assert "virsh managedsave-remove box" in shown.out
        here.vmc("deploy", code=0)
        assert here.one("saved", "box"), "it is kept"
        here.vmc("deploy", "--start", code=0)
        assert "<on_crash>destroy<" in here.one("live", "box")
        assert "by hand" not in here.vmc("plan", code=3).out, "what can be changed while it runs is, by the next deploy"
        here.vmc("deploy", code=0)
        for verb in ("plan", "verify"):
            after = here.vmc(verb, code=0)
            assert "events.on-crash" in after.out, "what the restored guest has otherwise waits for a restart"
            assert "by hand" not in after.out
            assert "alias" not in after.out


@pytest.mark.needs("kernel")
def test_what_is_changed_by_hand_on_a_running_guest_is_said(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site, sleeper

    text = GUEST.format(kernel=kernel.image, initrd=sleeper(kernel, tmp_path), title="one", crash="destroy")
    with site(tmp_path) as here:
        here.write(text.replace("cpu { count = 1;", "vcpu 0 { pin = 0 }\n  cpu { count = 1; cpuset = 0-1;"))
        here.vmc("deploy", "--start", code=0)
        here.vmc("plan", code=0)
        here.one("pin", "box", 0, [False, True], "live")
        assert re.search(r"vcpu\.0\.pin: 1 → 0 \[changed by hand\]", here.vmc("plan", code=3).out)
        assert "live: vcpu.0.pin" in here.vmc("verify", code=3).out
        here.write(text.replace("cpu { count = 1;", "vcpu 0 { pin = 0-1 }\n  cpu { count = 1; cpuset = 0-1;").replace("one", "two"))
        here.vmc("deploy", code=0)
        here.vmc("plan", code=0)


SMALL = "vm {name} extends std.base {{ type = qemu; cpu {{ count = 1; mode = maximum }}; memory.size = 64MiB; {more} }}\n"
EFI = "machine = q35; features.acpi = true; firmware.type = efi"


def test_a_renamed_guest_keeps_its_variables_and_a_new_one_has_its_own(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(SMALL.format(name="nva", more=EFI))
        first = here.vmc("deploy")
        if "Unable to find" in first.out:
            pytest.skip("needs firmware for EFI")
        assert first.code == 0, first
        here.write(SMALL.format(name="nvb", more=EFI) + SMALL.format(name="nva", more=EFI))
        here.vmc("deploy", "--rename", "nva=nvb", code=0)
        files = [re.search(r"<nvram[^>]*>([^<]*)", here.one("inactive", name)) for name in ("nva", "nvb")]
        paths = [found[1] for found in files if found is not None]
        assert paths[1].endswith("/nva_VARS.fd")
        assert re.fullmatch(r".*/nva-[0-9a-f]{8}_VARS\.fd", paths[0])
        here.vmc("plan", code=0)


def test_variables_that_a_guest_left_behind_are_no_others(tmp_path: Path) -> None:
    """libvirt would give them to whoever gets the name next."""
    from tests.real.site import site

    other, small = SMALL.format(name="other", more=""), SMALL.format(name="nva", more=EFI)
    with site(tmp_path) as here:
        left = here.root / "lib" / "qemu" / "nvram" / "nva_VARS.fd"
        here.write(small + other)
        first = here.vmc("deploy")
        if "Unable to find" in first.out:
            pytest.skip("needs firmware for EFI")
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_bytes(b"old")
        here.write(other)
        assert f"its variables stay in {left}" in here.vmc("deploy", "--prune", code=0).out
        # The same guest, by its UUID, has them again, and the plan says so.
        here.write(small + other)
        assert f"{left}, which it had before, is there: it starts with that" in here.vmc("deploy", code=0).out
        here.write(SMALL.format(name="nvb", more=EFI) + other)
        here.vmc("deploy", "--rename", "nva=nvb", code=0)
        here.write(other)
        here.vmc("deploy", "--prune", code=0)
        here.write(small + other)
        assert f"{left} is there, left by another guest" in here.vmc("plan", code=3).out
        here.vmc("deploy", code=0)
        assert re.search(r"/nva-[0-9a-f]{8}_VARS\.fd", here.one("inactive", "nva"))
        assert left.read_bytes() == b"old"
        here.vmc("plan", code=0)


FOREIGN = """<domain type='qemu'><name>theirs</name><uuid>0f4a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a01</uuid><memory>65536</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices>{}</devices></domain>"""
DISK = "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{}'/><target dev='vda' bus='virtio'/></disk>"


def test_what_another_domain_writes_is_refused_before_anything_is_defined(tmp_path: Path) -> None:
    from tests.real.site import site

    image, log = tmp_path / "disk.raw", tmp_path / "log"
    serial = f"<serial type='file'><source path='{log}'/><target port='0'/></serial>"
    with site(tmp_path) as here:
        here.one("define", FOREIGN.format(DISK.format(image) + serial))
        disk, console = (f'disk vda {{ source = file("{image}", format = raw) }}', f'serial s0 {{ source = file("{log}") }}')
        here.write(SMALL.format(name="a", more=disk) + SMALL.format(name="b", more=console) + SMALL.format(name="c", more=""))
        shown = here.vmc("plan", code=3)
        assert f"it and theirs, which is not ours, would both write {image} (image)" in shown.out
        done = here.vmc("deploy", "--start", code=5)
        assert f"would both write {log} (serial)" in done.out
        assert here.one("list") == ["c", "theirs"]


def test_what_the_host_has_not_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    from tests.real.site import bridged, site

    box = SMALL.format(name="box", more='interface eth0 { source = bridge("nosuch") }')
    with site(tmp_path) as here, bridged(here, "br0"):
        here.write(box)
        for words in (("--start",), ()):
            refused = here.vmc("deploy", *words, code=5 if words else 0)
            assert "interface.eth0.source: the host has not the bridge nosuch" in refused.out, refused
            assert "fleet.vmspec:1" in refused.out
            assert here.one("list") == ([] if words else ["box"])


def test_a_bridge_that_is_missing_is_said_until_it_is_there(tmp_path: Path) -> None:
    from tests.real.site import bridged, site

    with site(tmp_path) as here, bridged(here, "br0"):
        here.write(SMALL.format(name="box", more='interface eth0 { source = bridge("nosuch") }'))
        assert "the host has not the bridge nosuch" in here.vmc("deploy", code=0).out
        for _ in range(2):
            assert "missing: interface.eth0.source: the host has not the bridge nosuch" in here.vmc("plan", code=0).out
            assert "missing: interface.eth0.source: the host has not the bridge nosuch" in here.vmc("verify", code=3).out
        here.write(SMALL.format(name="box", more='interface eth0 { source = bridge("br0") }'))
        here.vmc("deploy", code=0)
        here.vmc("plan", code=0)
        here.vmc("verify", code=0)


def test_files_that_the_host_has_not_are_refused_before_anything_is_started(tmp_path: Path) -> None:
    """Images, media, what is booted: what would start is refused with its line, and verify says it until the file is there."""
    from tests.real.site import site

    named = {name: tmp_path / name for name in ("a.raw", "cd.iso", "kernel", "initrd", "code.fd", "vars.fd")}
    devices = (
        f'disk vda {{ source = file("{named["a.raw"]}", format = raw) }}\n'
        f'  disk cd {{ device = cdrom; bus = sata; source = file("{named["cd.iso"]}", format = raw) }}\n'
        f'  boot {{ kernel = "{named["kernel"]}"; initrd = "{named["initrd"]}" }}'
    )
    flash = (
        f'firmware {{ loader = "{named["code.fd"]}"; loader-type = pflash; loader-readonly = true; '
        f'nvram {{ template = "{named["vars.fd"]}"; path = "{tmp_path}/own.fd" }} }}'
    )
    with site(tmp_path) as here:
        here.write(SMALL.format(name="one", more=devices) + SMALL.format(name="two", more=flash) + SMALL.format(name="three", more=""))
        refused = here.vmc("deploy", "--start", code=5)
        for name in named:
            assert f"the host has not the file {named[name]}: it does not start" in refused.out, name
        assert "disk.cd.source" in refused.out and "boot.kernel" in refused.out and "firmware.nvram.template" in refused.out
        assert "fleet.vmspec:2" in refused.out
        assert here.one("list") == ["three"]
        here.vmc("deploy", code=0)
        found = here.vmc("verify", "--format", "json", code=3).json["findings"]
        assert {(each["name"], each["kind"]) for each in found} == {("one", "missing"), ("two", "missing")} and len(found) == len(named)
        for path in named.values():
            path.write_bytes(bytes(1 << 20))
        here.vmc("verify", code=0)
        (tmp_path / "own.fd").write_bytes(bytes(1 << 20))
        named["vars.fd"].unlink()
        here.vmc("verify", code=0)


@pytest.mark.needs("libvirtd")
def test_files_of_a_host_that_is_elsewhere_are_looked_for_in_its_pools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.real.daemon import daemon
    from vmspec.deploy.chains import Looker
    from vmspec.deploy.host import connected

    with daemon() as there:
        folder = there.home / "data"
        (folder / "a.raw").write_bytes(bytes(512))
        there.virsh("pool-create-as", "images", "dir", "--target", str(folder))
        (folder / "later.raw").write_bytes(bytes(512))
        with connected(there.uri, change=False) as host:
            assert Looker(host).exists("/nonexistent") is False
            monkeypatch.setattr(Looker, "is_here", False)
            looker = Looker(host)
            assert [looker.exists(str(folder / name)) for name in ("a.raw", "later.raw", "none.raw")] == [True, True, False]
            assert looker.exists("/nonexistent") is None
