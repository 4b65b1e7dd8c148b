"""What libvirt prints of a guest that runs, imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.cli.main import main

pytestmark = pytest.mark.needs("libvirt", "schemas")


def test_of_a_guest_that_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is left is what libvirt itself calls the configuration, but for the address of the display, which may have been chosen."""
    from tests.real.site import site

    guest = """vm box extends std.base { type = qemu; cpu { count = 1; mode = maximum }; memory.size = 64MiB
      graphics vnc { type = vnc; listen = "127.0.0.1" }; interface eth0 { source = user() }; serial s0 { source = pty() }
      channel agent { source = unix(); target = virtio; name = "org.qemu.guest_agent.0" } }"""
    with site(tmp_path) as here:
        here.write(guest)
        here.vmc("deploy", "--start", code=0)
        texts = []
        for which in ("live", "inactive"):
            (tmp_path / "box.xml").write_text(here.one(which, "box"))
            assert main(["import", str(tmp_path / "box.xml")]) == 0
            texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
