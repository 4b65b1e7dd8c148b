"""What a guest has on its host alone: backup jobs, checkpoints, overlays in pools, TPM state; on libvirtds of their own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.test_deploy_moves import NOW, pair

if TYPE_CHECKING:
    from tests.real.daemon import Daemon
    from tests.real.kernel import Kernel

pytestmark = pytest.mark.needs("libvirt", "libvirtd", "schemas", "kernel")

PULL = """<domainbackup mode='pull'><server transport='unix' socket='{0}'/>
<disks><disk name='vda' backup='yes' type='file'>{1}</disk></disks></domainbackup>"""


def made(here: Daemon, name: str, *below: str) -> Path:
    """An image that the daemon's guests can write."""
    folder = here.home / "images"
    folder.mkdir(exist_ok=True)
    os.chown(folder, 65534, 65534)
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *below, str(folder / name), *([] if below else ["8M"])], check=True)
    os.chown(folder / name, 65534, 65534)
    return folder / name


def test_a_backup_is_not_cut_off_and_is_no_drift(tmp_path: Path, kernel: Kernel) -> None:
    with pair(kernel, tmp_path) as two:
        disk = f'disk vda {{ source = file("{made(two.m1, "box.qcow2")}", format = qcow2) }}'
        two.write("m1", disk)
        two.vmc("deploy", "m1", "--start", code=0)
        job = PULL.format(two.m1.home / "nbd", f"<scratch file='{two.m1.home}/images/scratch.qcow2'/>")
        (tmp_path / "job.xml").write_text(job)
        command = ["virsh", "-q", "-c", two.m1.uri, "backup-begin", "box", str(tmp_path / "job.xml")]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        two.vmc("plan", "m1", code=0)
        two.vmc("verify", "m1", code=0)
        two.write("m1", disk + '; title = "two"')
        two.vmc("deploy", "m1", code=0)
        two.write("m1", disk + '; title = "two"; events { on-crash = restart }')
        assert "backup of vda is under way" in two.vmc("deploy", "m1", *NOW, code=5).out
        two.write("m2", disk, f'storage san {{ kind = dir; path = "{two.m1.home}/images"; shared = true }}')
        assert "backup of vda is under way" in two.vmc("deploy", "--all", *NOW, code=5).out
        assert two.where() == (["m1"], ["m1"])
        assert "Unbounded" in two.m1.virsh("domjobinfo", "box") or "Backup" in two.m1.virsh("domjobinfo", "box")
        (tmp_path / "fleet.vmspec").write_text((tmp_path / "fleet.vmspec").read_text().replace("vm box", "vm other"))
        assert "backup of vda is under way" in two.vmc("deploy", "m1", "--prune-running", "--force-off", code=5).out
        two.m1.virsh("domjobabort", "box")
        two.write("m1", disk + '; title = "two"; events { on-crash = restart }')
        two.vmc("deploy", "m1", *NOW, code=0)
        two.vmc("plan", "m1", code=0)


def test_checkpoints_stay(tmp_path: Path, kernel: Kernel) -> None:
    with pair(kernel, tmp_path) as two:
        disk = f'disk vda {{ source = file("{made(two.m1, "box.qcow2")}", format = qcow2) }}'
        two.write("m1", disk)
        two.vmc("deploy", "m1", "--start", code=0)
        two.m1.virsh("checkpoint-create-as", "box", "monday")
        two.vmc("plan", "m1", code=0)
        two.write("m1", disk + '; title = "two"; events { on-crash = restart }')
        two.vmc("deploy", "m1", *NOW, code=0)
        assert two.m1.virsh("checkpoint-list", "box", "--name").split() == ["monday"]
        two.write("m2", disk, f'storage san {{ kind = dir; path = "{two.m1.home}/images"; shared = true }}')
        assert "its checkpoint monday" in two.vmc("deploy", "--all", *NOW, code=5).out
        two.m1.virsh("destroy", "box")
        (tmp_path / "fleet.vmspec").write_text((tmp_path / "fleet.vmspec").read_text().replace("vm box", "vm other").replace("m2)", "m1)"))
        refused = two.vmc("deploy", "m1", "--prune", code=5)
        assert "it has the checkpoints monday" in refused.out
        assert "box has checkpoints" in two.vmc("deploy", "m1", "--rename", "box=other", code=5).out
        assert two.m1.virsh("checkpoint-list", "box", "--name").split() == ["monday"]


def test_a_chain_that_only_the_host_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a stopped guest on another machine, through the pool that has its images."""
    from tests.real.daemon import daemon
    from vmspec.deploy import chains, headers
    from vmspec.deploy.host import connected
    from vmspec.plan.chain import BackingChain

    monkeypatch.setattr(chains, "is_here", lambda host: False)
    with daemon() as here:
        base = made(here, "base.qcow2")
        middle = made(here, "middle.qcow2", "-b", "base.qcow2", "-F", "qcow2")
        top = made(here, "top.qcow2", "-b", str(middle), "-F", "qcow2")
        with connected(here.uri, change=False) as host:
            assert chains.Looker(host).chain(("path", str(top)), "qcow2") == BackingChain((), False), "no pool has it"
        here.virsh("pool-create-as", "lab", "dir", "--target", str(base.parent))
        with connected(here.uri, change=False) as host:
            looker = chains.Looker(host)
            assert looker.chain(("path", str(top)), "qcow2") == BackingChain((("path", str(middle)), ("path", str(base))), True)
            assert looker.real(("volume", "lab", "top.qcow2")) == ("path", str(top))
            data = chains._downloaded(host, looker.volume(("path", str(top))))
            assert data == top.read_bytes()[: headers.SIZE]


def test_tpm_state_holds_a_guest(tmp_path: Path, kernel: Kernel) -> None:
    """It lies with the host that the guest leaves, and libvirt would give the guest an empty one."""
    with pair(kernel, tmp_path) as two:
        tpm = 'tpm { model = tpm-crb; backend = emulator; version = "2.0" }'
        two.write("m1", tpm)
        two.vmc("deploy", "m1", "--start", code=0)
        states = list(two.m1.home.rglob("tpm2-00.permall"))
        assert len(states) == 1
        two.write("m2", tpm)
        refused = two.vmc("deploy", "--all", *NOW, code=5)
        assert "it cannot move from m1, which alone has its TPM state" in refused.out
        assert two.where() == (["m1"], ["m1"])
        assert states[0].exists()
        two.vmc("deploy", "--all", *NOW, code=5)
