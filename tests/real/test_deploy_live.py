"""Every way into a running guest: set, changed and taken away again, and seen in what libvirt says of the guest as it runs."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.kernel import Kernel
    from tests.real.site import Site

pytestmark = pytest.mark.needs("libvirt", "schemas", "kernel", "cgroups", "netns")

PROGRAM = """
vm guest extends std.base {{
  type = qemu
  cpu {{ mode = maximum; max = 4; topology {{ sockets = 1; cores = 4; threads = 1 }} }}
  memory.size = 512MiB
  iothread 1 {{ }}
  boot {{ kernel = "{kernel}"; initrd = "{initrd}"; cmdline = "console=ttyS0 quiet" }}
  disk vda {{ source = file("{folder}/vda.raw", format = raw); iothread = 1 }}
  interface eth0 {{ source = user() }}
{rest}
}}
"""
ONE = """
  cpu { count = 1; shares = 512; period = 100ms; quota = 50ms; global-quota = 80ms; global-period = 100ms }
  vcpu 0 { pin = 0 }
  emulator { pin = 0; quota = 50ms; period = 100ms }
  iothread 1 { pin = 0 }
  iothread-limit { period = 100ms; quota = 60ms }
  memory { current = 400MiB; soft-limit = 800MiB; balloon { stats-period = 5s } }
  disk vda { iotune { read-iops-sec = 1000; write-bytes-sec = 10MiB/s } }
  disk cd { device = cdrom; target = sda; bus = sata; source = file("FOLDER/one.iso", format = raw) }
  interface eth0 { link = up }
  interface eth1 { source = bridge("br0") }
  title = "one"
  description = "first"
"""
# Longer quotas of threads than the whole had before; a hard limit, and a limit of swap above it; bursts with their lengths.
TWO = """
  cpu { count = 3; shares = 2048; period = 50ms; quota = 45ms; global-quota = 190ms; global-period = 100ms }
  vcpu 0 { pin = 1 }
  vcpu 1 { pin = 0-1 }
  emulator { pin = 1; quota = 20ms; period = 50ms }
  iothread 1 { pin = 1 }
  iothread-limit { period = 50ms; quota = 20ms }
  memory { current = 300MiB; soft-limit = 700MiB; hard-limit = 1000MiB; swap-hard-limit = 1100MiB; balloon { stats-period = 2s } }
  disk vda { iotune { read-iops-sec = 500; read-iops-sec-max = 900; read-iops-sec-max-length = 3s } }
  disk cd { device = cdrom; target = sda; bus = sata; source = file("FOLDER/two.iso", format = raw) }
  interface eth0 { link = down }
  interface eth1 { source = bridge("br1") }
  title = "two"
  description = "second"
"""
NOTHING = """
  cpu.count = 3
  disk cd { device = cdrom; target = sda; bus = sata }
  interface eth1 { source = bridge("br1") }
"""
SEEN = {
    ONE: (
        "<shares>512<", "<period>100000<", "<quota>50000<", "<global_quota>80000<", "<emulator_quota>50000<", "<iothread_quota>60000<",
        "<vcpupin vcpu='0' cpuset='0'/>", "<emulatorpin cpuset='0'/>", "<iothreadpin iothread='1' cpuset='0'/>",
        "<soft_limit unit='KiB'>819200<", "<stats period='5'/>", "<read_iops_sec>1000<", "<write_bytes_sec>10485760<", "/one.iso'",
        "<link state='up'/>", "<source bridge='br0'/>", "<title>one<", "<description>first<",
    ),
    TWO: (
        "<shares>2048<", "<period>50000<", "<quota>45000<", "<global_quota>190000<", "<emulator_quota>20000<", "<iothread_quota>20000<",
        "<vcpupin vcpu='0' cpuset='1'/>", "<emulatorpin cpuset='1'/>", "<iothreadpin iothread='1' cpuset='1'/>",
        "<soft_limit unit='KiB'>716800<", "<hard_limit unit='KiB'>1024000<", "<swap_hard_limit unit='KiB'>1126400<", "<stats period='2'/>",
        "<read_iops_sec>500<", "<read_iops_sec_max>900<", "<read_iops_sec_max_length>3<", "/two.iso'", "<link state='down'/>",
        "<source bridge='br1'/>", "<title>two<", "<description>second<", "current='3'>4<",
    ),
    NOTHING: (
        "<quota>-1<", "<global_quota>-1<", "<emulator_quota>-1<", "<iothread_quota>-1<", "<vcpupin vcpu='0' cpuset='0-",
        "<emulatorpin cpuset='0-",
        "<source bridge='br1'/>",
    ),
}  # fmt: skip
"""In the live XML."""
GONE = ("_limit ", "<stats ", "<iotune>", ".iso'", "<link state='down'", "<title>", "<description>")
"""From the live XML, once nothing is said any more."""
KEPT = {"cpu.shares"}
"""A weight is the host's own where the guest has none: it stays until the next start."""


def test_every_way_into_a_running_guest(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import bridged, site, sleeper

    for name in ("vda.raw", "one.iso", "two.iso"):
        (tmp_path / name).write_bytes(bytes(1 << 20))
    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path), "folder": tmp_path}
    with site(tmp_path) as here, bridged(here, "br0", "br1"):

        def becomes(state: str, *words: str) -> None:
            here.write(PROGRAM.format(**given, rest=state.replace("FOLDER", str(tmp_path))))
            done = here.vmc("deploy", *words)
            assert done.code == 0, done

        becomes(ONE, "--start")
        pid = here.pids()["guest"]
        time.sleep(8)  # the guest's kernel must be up to take further CPUs
        for state in (ONE, TWO, NOTHING, TWO):
            becomes(state)
            live = here.one("live", "guest")
            assert [part for part in SEEN[state] if part not in live] == [], live
            assert state is not NOTHING or [part for part in GONE if part in live] == [], live
            _nothing_to_do(here, KEPT if state is NOTHING else set())
        assert re.search(r"<vcpu [^>]*current='3'>4</vcpu>", here.one("live", "guest"))
        assert here.pids()["guest"] == pid


def _nothing_to_do(here: Site, pending: set[str]) -> None:
    plan = here.vmc("plan", "--format", "json")
    assert plan.code == 0, plan.out
    (vm,) = plan.json["hosts"][0]["vms"]
    assert {each["path"] for each in vm["pending"]} == pending
    assert {each["path"] for each in vm["live"]} <= {"memory.current"}, "the guest takes its time over memory"
    here.vmc("verify", code=0)


def test_what_libvirt_refused_is_nobodys_change_by_hand(tmp_path: Path, kernel: Kernel) -> None:
    """The guest's card goes to no bridge that is not there; the next deploy tries it again."""
    from tests.real.site import bridged, site, sleeper

    given = {"kernel": kernel.image, "initrd": sleeper(kernel, tmp_path), "folder": tmp_path}
    (tmp_path / "vda.raw").write_bytes(bytes(1 << 20))
    with site(tmp_path) as here, bridged(here, "br0", "br2"):
        here.write(PROGRAM.format(**given, rest='  cpu.count = 1\n  interface eth1 { source = bridge("br0") }'))
        here.vmc("deploy", "--start", code=0)
        here.write(PROGRAM.format(**given, rest='  cpu.count = 1\n  interface eth1 { source = bridge("br9") }'))
        assert "refused while running: interface.eth1.source" in here.vmc("deploy", code=5).out
        for verb, code in (("plan", 3), ("verify", 3)):
            shown = here.vmc(verb, code=code)
            assert "by hand" not in shown.out, shown
        found = here.vmc("verify", "--format", "json", code=3).json["findings"]
        assert {each["kind"] for each in found} == {"pending", "missing"}
        assert "refused while running" in here.vmc("deploy", code=5).out, "it is tried again"
        # The bridge is there, and then somebody plugs the card into another one.
        here.write(PROGRAM.format(**given, rest='  cpu.count = 1\n  interface eth1 { source = bridge("br0") }'))
        here.vmc("deploy", code=0)
        plugged = here.one("live", "guest").rpartition("<interface ")[2].partition("</interface>")[0]
        here.one("update", "guest", f"<interface {plugged}</interface>".replace("bridge='br0'", "bridge='br2'"), "live")
        assert "[changed by hand]" in here.vmc("plan", code=3).out
