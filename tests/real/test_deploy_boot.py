"""The guests of examples/boot, deployed and started by vmc as they stand, tell from inside what their specification says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.kernel import Kernel
    from tests.real.report import Report
    from tests.real.site import Site

pytestmark = pytest.mark.needs("libvirt", "schemas", "kernel")

EXAMPLE = Path(__file__).parents[2] / "examples" / "boot"
MIB = 1 << 20
CAPTURED = """
env captured {{
  vm "boot-smp" {{ serial serial0 {{ source = file("{folder}/boot-smp.log") }} }}
  vm "boot-numa" {{ serial serial0 {{ source = file("{folder}/boot-numa.log") }} }}
  vm "boot-disk" {{
    serial serial0 {{ source = file("{folder}/boot-disk.log") }}
    disk vda {{ source = file("{folder}/disk.raw", format = raw) }}
  }}
}}
"""
"""Where the guests say it; nothing else about them is changed."""


def test_deployed_guests_see_what_was_specified(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site

    with (tmp_path / "disk.raw").open("wb") as file:
        file.truncate(64 * MIB)
    with site(tmp_path) as here:
        initrd = _reporter(kernel, tmp_path)
        shutil.rmtree(here.program)
        shutil.copytree(EXAMPLE, here.program)
        here.write(CAPTURED.format(folder=tmp_path), "captured.vmspec")
        words = ("--env", "captured", "--param", f"kernel={kernel.image}", "--param", f"initrd={initrd}")
        here.vmc("deploy", *words, "--start", code=0)
        reports = {name: _report(here, tmp_path / f"{name}.log") for name in ("boot-smp", "boot-numa", "boot-disk")}
        macs = here.one("inactive", "boot-disk").partition("<mac address='")[2][:17]
    assert {name: report.cpus for name, report in reports.items()} == {"boot-smp": 4, "boot-numa": 4, "boot-disk": 2}
    assert {name: report.ram // MIB for name, report in reports.items()} == {"boot-smp": 512, "boot-numa": 768, "boot-disk": 512}
    cells = reports["boot-numa"].nodes
    assert {n: (node.cpus, node.memory // MIB, node.distances) for n, node in cells.items()} == {
        0: ("0-1", 512, (10, 20)),
        1: ("2-3", 256, (20, 10)),
    }
    assert reports["boot-disk"].disks["vda"].size == 64 * MIB
    assert list(reports["boot-disk"].nics.values()) == [macs]


def _reporter(kernel: Kernel, folder: Path) -> Path:
    """An initramfs whose init reports and stays."""
    from tests.real.kernel import GUEST_MODULES, initramfs

    file = folder / "reporter.img"
    file.write_bytes(initramfs(kernel, GUEST_MODULES, GUEST_MODULES, {"etc/settle": b"1"}))
    return file


def _report(here: Site, console: Path) -> Report:
    from tests.real.guest import wait_for_report
    from tests.real.report import parse

    wait_for_report(console, lambda: console.stem in here.pids())
    return parse(console.read_text("utf-8", "replace"))
