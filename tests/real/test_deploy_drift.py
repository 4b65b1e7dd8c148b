"""What somebody changes by hand is found and called by its attribute; what is not ours is never touched."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.needs("libvirt", "schemas")

PROGRAM = """
vm box extends std.base {
  type = qemu
  cpu { count = 2; max = 4; cpuset = 0-1; mode = maximum; shares = 512 }
  vcpu 0 { pin = 0 }
  memory { size = 256MiB; current = 192MiB }
  iothread 1 { }
  title = "a box"
  description = "for drift"
  boot { devices = [hd]; menu = true }
  events { on-crash = destroy; on-reboot = restart }
  disk vda { source = file("FOLDER/box.raw", format = raw); cache = none; iothread = 1; iotune { read-iops-sec = 1000 } }
  disk cd { device = cdrom; target = sda; bus = sata; source = file("FOLDER/box.iso", format = raw) }
  interface eth0 { source = user(); link = up }
  watchdog { model = i6300esb; action = reset }
}
"""


def program(folder: Path) -> str:
    """With its images there, as a host has them."""
    for name in ("box.raw", "box.iso"):
        (folder / name).touch()
    return PROGRAM.replace("FOLDER", str(folder))


Edit = Callable[[str], str]


def swap(before: str, after: str) -> Edit:
    def edit(xml: str) -> str:
        found = re.sub(before, after, xml, count=1, flags=re.DOTALL)
        assert found != xml, f"{before} is not in\n{xml}"
        return found

    return edit


DISK = "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/var/tmp/x'/><target dev='vdb' bus='virtio'/></disk>"
DRIFTS: dict[str, tuple[Edit, str]] = {
    "fewer vCPUs": (swap(r"current='2'>4<", "current='1'>4<"), "cpu.count"),
    "more vCPUs at most": (swap(r"current='2'>4<", "current='2'>8<"), "cpu.max"),
    "another pin": (swap(r"(<vcpupin vcpu='0' cpuset=)'0'", r"\1'1'"), "vcpu.0.pin"),
    "a further pin": (swap(r"(<vcpupin vcpu='0')", r"<vcpupin vcpu='1' cpuset='1'/>\1"), "vcpu.1.pin"),
    "other shares": (swap(r"<shares>512", "<shares>2048"), "cpu.shares"),
    "less memory": (swap(r"(<memory [^>]*>)262144(.*<currentMemory [^>]*>)196608", r"\g<1>229376\g<2>196608"), "memory.size"),
    "another balloon": (swap(r"(<currentMemory [^>]*>)196608", r"\g<1>131072"), "memory.current"),
    "another title": (swap("a box", "the box"), "title"),
    "another description": (swap("for drift", "drifted"), "description"),
    "no boot menu": (swap(r"<bootmenu enable='yes'/>", "<bootmenu enable='no'/>"), "boot.menu"),
    "another end": (swap(r"<on_crash>destroy", "<on_crash>preserve"), "events.on-crash"),
    "another cache": (swap(r"cache='none'", "cache='writeback'"), "disk.vda.cache"),
    "another image": (swap(r"box\.raw", "other.raw"), "disk.vda.source"),
    "another limit": (swap(r"<read_iops_sec>1000", "<read_iops_sec>50"), "disk.vda.iotune.read-iops-sec"),
    "another medium": (swap(r"box\.iso", "evil.iso"), "disk.cd.source"),
    "a further disk": (swap(r"(<controller type='usb'|<controller )", DISK + r"\1"), "disk.vdb"),
    "a link that is down": (swap(r"<link state='up'/>", "<link state='down'/>"), "interface.eth0.link"),
    "another MAC": (swap(r"<mac address='52:54:00:[^']*'/>", "<mac address='52:54:00:01:02:03'/>"), "interface.eth0.mac"),
    "a card that is gone": (swap(r"<interface .*?</interface>", ""), "interface.eth0"),
    "another watchdog action": (swap(r"action='reset'", "action='poweroff'"), "watchdog.watchdog0.action"),
    "another CPU": (swap(r"<cpu mode='maximum'", "<cpu mode='host-passthrough'"), "cpu.mode"),
    "a stripped metadata": (swap(r"<metadata>.*?</metadata>", ""), "origin.project"),
}


def test_twenty_drifts_and_more(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(program(tmp_path))
        done = here.vmc("deploy")
        assert done.code == 0, done
        clean = here.one("inactive", "box")
        wrong: list[str] = []
        for name, (edit, path) in DRIFTS.items():
            here.one("define", edit(clean))
            found = here.vmc("verify", "--format", "json")
            changes = [each["change"] for each in found.json["findings"] if each["change"]]
            paths = [each["path"] for each in changes]
            # An image that somebody put there stays: it is named, and is no change that a deploy would make.
            paths += [each["message"].partition(":")[0] for each in found.json["findings"] if each["kind"] == "image"]
            if found.code != 3 or not any(each == path or each.startswith(f"{path}.") for each in paths):
                wrong.append(f"{name}: {path} is not among {paths}")
            silent = [each["path"] for each in changes if not each["drift"] and "metadata" not in name]
            wrong += [f"{name}: {each} is not said to be by hand" for each in silent]
        assert not wrong, "\n".join(wrong)
        healed = here.vmc("deploy")
        assert healed.code == 0, healed
        here.vmc("verify", code=0)
        assert here.one("inactive", "box") == clean


EDITS: dict[str, tuple[str, str, str]] = {
    "nothing": ("", "", ""),
    "more CPUs": ("count = 2", "count = 3", "cpu.count"),
    "more CPUs than it can have": ("count = 2; max = 4", "count = 5; max = 6", "cpu.count"),
    "more memory than it can have": ("size = 256MiB; current = 192MiB", "size = 512MiB; current = 500MiB", "memory.current"),
    "a limit that is gone": ("; iotune { read-iops-sec = 1000 }", "", "disk.vda.iotune.read-iops-sec"),
    "a drive that is gone": (PROGRAM[PROGRAM.index("disk cd") : PROGRAM.index("interface")], "", "disk.cd"),
    "a card that is gone": ("interface eth0 { source = user(); link = up }", "", "interface.eth0"),
    "a further card": ("watchdog", "interface eth1 { source = user() }\n  watchdog", "interface.eth1"),
    "another label": ("disk cd", "disk dvd", "disk.dvd.alias"),
    "what goes without saying": ("title =", "features.acpi = true\n  title =", ""),
    "power": ("title =", "power = running\n  title =", "power"),
    "autostart": ("title =", "autostart = true\n  title =", "autostart"),
}


def test_plan_verify_and_diff_say_the_same(tmp_path: Path) -> None:
    """Path, values, class and line of every change: `vmc diff` against the last commit is what the plan will be once that is deployed."""
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(program(tmp_path))
        here.vmc("deploy", code=0)
        for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
            git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words]
            subprocess.run(git, cwd=here.program, check=True)
        for name, (before, after, path) in EDITS.items():
            text = program(tmp_path)
            before = before.replace("FOLDER", str(tmp_path))
            assert before in text
            here.write(text.replace(before, after, 1) if before else text)
            (vm,) = here.vmc("plan", "--format", "json").json["hosts"][0]["vms"]
            found = here.vmc("verify", "--format", "json").json["findings"]
            command = [sys.executable, "-m", "vmspec.cli.main", "diff", ".", "--format", "json"]
            diff = json.loads(subprocess.run(command, cwd=here.program, check=True, capture_output=True, text=True).stdout)
            told = [said(change) for each in diff["objects"] for change in each["changes"]]
            planned = [said(change) for change in vm["changes"]]
            verified = [said(f["change"]) for f in found if f["change"]]
            state = {"power": vm["power"] is not None, "autostart": vm["autostart"] is not None}
            assert sorted(planned) == sorted(verified) == sorted(each for each in told if each[0] not in state), name
            assert {f["kind"] for f in found if not f["change"]} == {each[0] for each in told if each[0] in state}, name
            assert [word for word, differs in state.items() if differs] == [each[0] for each in told if each[0] in state], name
            assert not any(change["drift"] for change in vm["changes"]), name
            assert not path or any(each[0] == path for each in told), (name, told)


def said(change: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(change[key]) for key in ("path", "before", "after", "class", "line"))


def test_what_both_have_changed_is_said_of_both(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(program(tmp_path))
        here.vmc("deploy", code=0)
        clean = here.one("inactive", "box")
        here.one("define", swap(r"<shares>512", "<shares>2048")(swap(r"<on_crash>destroy", "<on_crash>preserve")(clean)))
        here.write(program(tmp_path).replace("shares = 512", "shares = 100").replace("a box", "the box"))
        lines = [line for line in here.vmc("plan", code=3).out.splitlines() if " → " in line]
        words = {line.split()[1].rstrip(":"): line.partition("[")[2].partition("]")[0] for line in lines}
        assert words == {
            "cpu.shares": "changed by hand, and in the program",
            "events.on-crash": "changed by hand",
            "title": "",
        }
        for line in here.vmc("verify", code=3).out.splitlines()[:-1]:
            path = line.split(": ")[3].split()[0]
            assert line.endswith(f"[{words[path]}]") is bool(words[path]), line


def test_what_an_imported_vm_says_no_longer_goes(tmp_path: Path) -> None:
    """It is in the plan, and the deploy that takes it away leaves nothing to do."""
    from tests.real.site import site

    disk = DISK.replace("/var/tmp", str(tmp_path))
    for name in ("x", "y"):
        (tmp_path / name).touch()
    with site(tmp_path) as here:
        here.one("define", FOREIGN.format(name="old", uuid="0f4a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a09", metadata="").replace(
            "</os>", f"</os><devices>{disk}{disk.replace('vdb', 'vdc').replace('/x', '/y')}</devices>"))  # fmt: skip
        xml = tmp_path / "old.xml"
        xml.write_text(here.one("inactive", "old"))
        command = [sys.executable, "-m", "vmspec.cli.main", "import", str(xml)]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        here.write(text)
        here.vmc("deploy", code=0)
        here.vmc("verify", code=0)
        start = text.index("disk vdc")
        here.write(text[:start] + text[text.index("}\n", start) + 2 :])
        (vm,) = here.vmc("plan", "--format", "json", code=3).json["hosts"][0]["vms"]
        assert [(change["path"], change["drift"]) for change in vm["changes"]] == [("disk.vdc", False)]
        here.vmc("deploy", code=0)
        here.vmc("verify", code=0)
        assert "vdc" not in here.one("inactive", "old")


def test_autostart_and_absence_are_drift(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(program(tmp_path).replace('title = "a box"', "autostart = true"))
        here.vmc("deploy", code=0)
        here.one("autostart", "box", False)
        found = here.vmc("verify", "--format", "json", "--prometheus", str(tmp_path / "vmspec.prom"))
        assert (found.code, [each["kind"] for each in found.json["findings"]]) == (3, ["autostart"])
        assert 'name="box",kind="autostart"} 1' in (tmp_path / "vmspec.prom").read_text()
        here.one("undefine", "box")
        found = here.vmc("verify", "--format", "json")
        assert (found.code, [each["kind"] for each in found.json["findings"]]) == (3, ["missing"])


FOREIGN = """<domain type='qemu'><name>{name}</name><uuid>{uuid}</uuid><metadata>{metadata}</metadata><memory>65536</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os></domain>"""
OTHER = "<v:vm xmlns:v='https://vmspec.dev/ns/domain/1' project='another'/>"


def test_a_copy_of_ours_is_not_ours(tmp_path: Path) -> None:
    """virt-clone copies the metadata too; and another project may say that it has our UUID."""
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(program(tmp_path))
        here.vmc("deploy", code=0)
        ours = here.one("inactive", "box")
        copy = re.sub(r"<uuid>[^<]*", "<uuid>0f4a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a07", ours.replace("<name>box", "<name>box-clone"))
        copy = re.sub(r"<mac [^>]*>", "<mac address='52:54:00:11:22:33'/>", copy)
        here.one("define", copy)
        before = here.one("inactive", "box-clone")
        assert "1 of others" in here.vmc("plan", code=0).out
        here.vmc("deploy", "--prune-running", "--force-off", code=0)
        assert here.one("inactive", "box-clone") == before
        theirs = re.sub(r"project=(['\"])[^'\"]*", r"project=\1another", ours)
        here.one("define", theirs)
        before = here.one("inactive", "box")
        refused = here.vmc("deploy", "--prune", "--start", "--allow-restart", code=5)
        assert "is of project another" in refused.out
        assert here.one("inactive", "box") == before


def test_foreign_domains_are_never_touched(tmp_path: Path) -> None:
    from tests.real.site import site
    from vmspec.model.place import NAMESPACES

    other = f"<v:vm xmlns:v='{NAMESPACES['vmspec']}' project='another'/>"
    with site(tmp_path) as here:
        acts: list[tuple[Any, ...]] = [
            ("define", FOREIGN.format(name="theirs", uuid="0f4a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a01", metadata="")),
            ("define", FOREIGN.format(name="box", uuid="0f4a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a02", metadata="")),
            ("define", FOREIGN.format(name="next", uuid="0f4a3f0e-2f7c-4b57-9d0f-6a4d1d8f0a03", metadata=other)),
        ]
        here.ask(*acts)
        names = ("theirs", "box", "next")
        before = here.ask(*(("inactive", name) for name in names))
        here.write(program(tmp_path))
        everything = ("--prune", "--prune-running", "--force-off", "--allow-restart", "--start", "--rename", "theirs=box")
        for words in ((), everything):
            done = here.vmc("deploy", *words)
            assert done.code == 5, done
            assert "not touched" in done.out or "cannot be renamed" in done.out, done
            assert here.ask(*(("inactive", name) for name in names)) == before
            assert here.one("list") == sorted(names)
