"""A seed on a real host: a guest that boots reads it; another one, a missing secret, a VM that goes; nobody else reads the file."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.kernel import Kernel
    from tests.real.site import Site

pytestmark = pytest.mark.needs("libvirt", "schemas", "kernel")

INIT = """\
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /seed
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
for name in $(/bin/busybox cat /etc/load); do /bin/busybox insmod /lib/modules/*/$name.ko; done
for turn in 1 2 3 4 5 6 7 8 9 10; do /bin/busybox mount -t iso9660 -o ro /dev/sr0 /seed && break; /bin/busybox sleep 1; done
{ for name in /seed/*; do echo "== $name"; /bin/busybox cat $name; done; echo "== end"; } >/dev/ttyS0
while true; do /bin/busybox sleep 1000; done
"""
MODULES = ("virtio_pci", "virtio_scsi", "sr_mod", "isofs")
SECRET = "$6$planted$4Zq0vXh1secret"
FLEET = """
param $hash: secret
vm web {{
  type = qemu
  memory.size = 256MiB
  cpu {{ count = 1; mode = maximum }}
  boot {{ kernel = "{kernel}"; initrd = "{initrd}"; cmdline = "console=ttyS0 quiet panic=-1" }}
  serial serial0 {{ source = file("{console}") }}
  seed {{
    path = "{seed}"
    cloud-config {{ hostname = {name}; users = [{{ name = admin; hashed_passwd = $hash }}] }}
  }}
}}
"""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Site]:
    from tests.real.site import site

    with site(tmp_path) as made:
        yield made


def test_life_of_a_seed(here: Site, tmp_path: Path, kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.real.kernel import initramfs

    initrd, console, seed = tmp_path / "initrd", tmp_path / "console.log", here.root / "seeds" / "web.iso"
    initrd.write_bytes(initramfs(kernel, MODULES, MODULES, {"init": INIT.encode()}))

    def write(name: str) -> None:
        here.write(FLEET.format(kernel=kernel.image, initrd=initrd, console=console, seed=seed, name=name))

    write("first")
    assert "$hash of its seed was not given" in here.vmc("deploy", code=5).out
    assert not seed.exists()
    monkeypatch.setenv("HASH", SECRET)
    given = ("--secret", "hash=env:HASH")
    done = here.vmc("deploy", "--start", *given, code=0)
    assert "seed written" in done.out
    assert stat.S_IMODE(seed.stat().st_mode) == 0o600

    said = until_said(console)
    assert f'"hashed_passwd": "{SECRET}"' in said
    assert '"local-hostname": "web"' in said

    again = here.vmc("deploy", "--start", *given, code=0)
    assert "web" not in again.out.replace("web: unchanged", ""), "a second deploy has nothing to do"
    kept = here.vmc("plan", code=0)
    assert "$hash was not given (--secret): the seed stays as it is there" in kept.out

    write("second")
    plan = here.vmc("plan", *given)
    assert "without effect on a guest that has started" in plan.out
    here.vmc("deploy", *given, code=0)
    assert b'"hostname": "second"' in seed.read_bytes()
    reseeded = here.vmc("deploy", *given, code=0)
    assert "seed written" not in reseeded.out

    here.write("")
    pruned = here.vmc("deploy", "--prune", "--prune-running", "--force-off", "--shutdown-timeout", "1", code=0)
    assert "seed removed" in pruned.out
    assert not seed.exists()
    planted = SECRET.encode()
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file != console and planted in file.read_bytes()]


def until_said(console: Path) -> str:
    for _ in range(600):
        text = console.read_text("utf-8", "replace") if console.exists() else ""
        if "== end" in text:
            return re.sub(r"\r\n?", "\n", text)
        time.sleep(0.5)
    raise AssertionError(text)
