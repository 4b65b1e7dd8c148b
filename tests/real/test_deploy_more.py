"""What deploy does with imported VMs, several hosts, secrets and hostile names, on the real QEMU driver."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.real.site import Ran

pytestmark = pytest.mark.needs("libvirt", "schemas")

BY_HAND = """<domain type='qemu'><name>legacy</name><uuid>0f4a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a01</uuid><memory>65536</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
<devices><interface type='user'><mac address='52:54:00:aa:bb:cc'/><model type='virtio'/></interface></devices></domain>"""

IMPORTED = """
vm legacy {
  resolve = false
  type = qemu
  machine = pc-q35-7.2
  arch = x86_64
  os-type = hvm
  name = legacy
  memory.size = 64MiB
  cpu.count = COUNT
  interface eth0 { source = user(); model = virtio }
}
"""
SMALL = "vm {name} extends std.base {{ type = qemu; cpu {{ count = 1; mode = maximum }}; memory.size = 64MiB; {more} }}\n"


def test_an_imported_vm_keeps_what_the_host_gave(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.one("define", BY_HAND)
        here.write(IMPORTED.replace("COUNT", "1"))
        first = here.vmc("plan")
        assert first.code == 0, f"what the source says nothing of is no difference\n{first}"
        here.write(IMPORTED.replace("COUNT", "2"))
        done = here.vmc("deploy", "--prune")
        assert done.code == 0, done
        xml = here.one("inactive", "legacy")
        for part in ("0f4a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a01", "52:54:00:aa:bb:cc", ">2</vcpu>"):
            assert part in xml
        here.vmc("plan", code=0)
        here.one("define", xml.replace("<on_crash>destroy", "<on_crash>preserve"))
        drift = here.vmc("verify", "--format", "json")
        assert [f["change"]["path"] for f in drift.json["findings"]] == ["events.on-crash"], "compared with the journal"
        here.write(SMALL.format(name="other", more=""))
        here.vmc("deploy", "--prune", code=0)
        assert here.one("list") == ["legacy", "other"], "never pruned"


def test_one_host_fails_and_the_others_are_whole(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        text = "".join(f'host h{n} {{ uri = "URI{n}" }}\n' + SMALL.format(name=f"vm{n}", more=f"place = host(h{n})") for n in range(3))
        uris = (here.uri, "qemu+unix:///session?socket=/nonexistent", "test:///default")
        for number, uri in enumerate(uris):
            text = text.replace(f"URI{number}", uri)
        here.write(text)
        words = [sys.executable, "-m", "vmspec.cli.main", "deploy", "--all", str(here.program), "--state-dir", str(tmp_path / "state")]
        done = subprocess.run([*words, "--parallel", "3"], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 5, done
        assert "h1: failed" in done.stdout
        assert here.one("list") == ["vm0"]
        limited = subprocess.run(
            [*words, "--parallel", "1", "--max-failures", "1"], capture_output=True, text=True, check=False, timeout=120
        )
        assert "h2 was not begun" in limited.stderr, limited


def test_secrets_stay_where_they_are(tmp_path: Path) -> None:
    """A password that is in the host's definition, and one of the source's own, are nowhere in what we say and write."""
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(SMALL.format(name="box", more='graphics { type = vnc; passwd = "hunter2x" }; title = "one"'))
        said = [here.vmc("plan", "--out", str(tmp_path / "saved.json")), here.vmc("plan", "--format", "json"), here.vmc("deploy")]
        assert said[-1].code == 0, said[-1]
        here.vmc("plan", code=0)
        here.write(SMALL.format(name="box", more='graphics { type = vnc; passwd = "hunter3x" }; title = "two"'))
        said += [here.vmc("plan", "--format", "markdown"), here.vmc("deploy", "--format", "json"), here.vmc("verify"), here.vmc("rollback")]
        assert b"hunter" not in everything(tmp_path, said)
        assert b"two" in everything(tmp_path, said)


def test_a_password_alone_is_a_change(tmp_path: Path) -> None:
    """Seen and made while the guest runs, and nowhere shown; what nobody keeps is not brought back as nothing."""
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(SMALL.format(name="box", more='graphics { type = vnc; passwd = "hunter1x" }'))
        said = [here.vmc("deploy", "--start", code=0)]
        for passwd in ("hunter2x", "hunter3x"):
            here.write(SMALL.format(name="box", more=f'graphics {{ type = vnc; passwd = "{passwd}" }}'))
            alone = here.vmc("deploy", "--format", "json", code=0)
            (vm,) = alone.json["hosts"][0]["plan"]["hosts"][0]["vms"]
            assert [(change["path"], change["class"]) for change in vm["changes"]] == [("graphics.graphics0.passwd", "live")]
            said += [alone, here.vmc("plan", code=0)]
        assert [here.one(what, "box") for what in ("password", "live-password")] == ["hunter3x", "hunter3x"]
        here.write(SMALL.format(name="box", more="graphics { type = vnc }"))
        said += [here.vmc("deploy", code=0), here.vmc("rollback", code=5)]
        assert "from the next start on: graphics.graphics0.passwd" in said[-2].out
        assert "had a password, which is kept nowhere" in said[-1].out
        assert b"hunter" not in everything(tmp_path, said)


def everything(folder: Path, said: Sequence[Ran]) -> bytes:
    """That was said and written, but for the sources."""
    written = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix not in (".vmspec", ".img")]
    return "".join(f"{each.out}{each.err}" for each in said).encode() + b"".join(written)


def test_hostile_names_lead_nowhere(tmp_path: Path) -> None:
    from tests.real.site import site
    from vmspec.model.place import NAMESPACES

    with site(tmp_path) as here:
        here.write(SMALL.format(name="box", more=""))
        here.vmc("deploy", code=0)
        project = here.one("inactive", "box").partition("project='")[2].partition("'")[0] or "7d6a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a11"
        ours = f"<metadata><v:vm xmlns:v='{NAMESPACES['vmspec']}' project='{project}'/></metadata>"
        name = "..\u202e&lt;script&gt;|x"
        here.one("define", BY_HAND.replace("legacy", name).replace("<memory>", f"{ours}<memory>"))
        before = {path for path in tmp_path.rglob("*") if "state" not in path.parts}
        plan = here.vmc("plan", "--prune", "--format", "markdown")
        assert plan.code == 3, plan
        assert "<script>" not in plan.out
        assert "\u202e" not in plan.out + here.vmc("plan", "--prune").out
        here.vmc("deploy", "--prune", code=0)
        assert here.one("list") == ["box"]
        assert {path for path in tmp_path.rglob("*") if "state" not in path.parts} == before
