"""Files of a host below a root: whole or not at all, exactly undone, and never through a link."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lower.guests import host
from vmspec.deploy import hostfiles
from vmspec.deploy.binding import HostError
from vmspec.deploy.rootfs import Root
from vmspec.model.host import Host
from vmspec.plan.change import SourcePlace
from vmspec.plan.files import FileAction, FileSetting, FilesPlan, KnownFile, WantedFile

SYSCTL = "/etc/sysctl.d/90-vmspec.conf"
GRUB = "/etc/default/grub.d/90-vmspec.cfg"
OWN = "/etc/tuned/vmspec/tuned.conf"
WANTED = [
    WantedFile(SYSCTL, b"vm.swappiness = 1\n", ("sysctl --system",), ("sysctl --system",)),
    WantedFile(GRUB, b"isolcpus=2-3\n", ("update-grub",), ("update-grub",), reboot=True),
    WantedFile(OWN, b"[main]\n"),
]


def planned(root: Root, wanted: list[WantedFile]) -> FilesPlan:
    return hostfiles.plan_for(wanted, root)


def put(folder: Path, wanted: list[WantedFile], run: bool = False) -> tuple[list[str], list[str]]:
    root = Root(str(folder))
    return hostfiles.carry_out(planned(root, wanted), root, run)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_written_changed_and_removed_exactly(tmp_path: Path) -> None:
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    (tmp_path / "etc/sysctl.d/99-theirs.conf").write_text("theirs\n")
    before = tree(tmp_path)
    commands, failed = put(tmp_path, WANTED)
    assert (commands, failed) == (["update-grub", "sysctl --system"], [])
    assert (tmp_path / SYSCTL[1:]).read_bytes() == b"vm.swappiness = 1\n"
    assert not planned(Root(str(tmp_path)), WANTED).due
    assert put(tmp_path, WANTED[:1])[0] == ["update-grub"]
    assert not (tmp_path / GRUB[1:]).exists()
    assert not (tmp_path / "etc/tuned/vmspec").exists()
    put(tmp_path, [])
    assert tree(tmp_path) == before
    assert not (tmp_path / "var/lib/vmspec").exists()


def test_a_file_of_others_comes_back(tmp_path: Path) -> None:
    theirs = tmp_path / SYSCTL[1:]
    theirs.parent.mkdir(parents=True)
    theirs.write_text("by hand\n")
    put(tmp_path, WANTED[:1])
    put(tmp_path, [WantedFile(SYSCTL, b"vm.swappiness = 2\n")])
    assert theirs.read_bytes() == b"vm.swappiness = 2\n"
    put(tmp_path, [])
    assert theirs.read_text() == "by hand\n"
    assert list(tree(tmp_path)) == [SYSCTL[1:]]


def test_a_file_of_others_keeps_its_mode_and_owner(tmp_path: Path) -> None:
    theirs, kept = tmp_path / SYSCTL[1:], tmp_path / "var/lib/vmspec/backup" / SYSCTL[1:]
    theirs.parent.mkdir(parents=True)
    theirs.write_text("a secret of theirs\n")
    theirs.chmod(0o600)
    owner = (1234, 1235) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(theirs, *owner)
    put(tmp_path, WANTED[:1])
    found = [kept.stat()]
    put(tmp_path, [])
    found.append(theirs.stat())
    assert [(each.st_mode & 0o777, each.st_uid, each.st_gid) for each in found] == [(0o600, *owner)] * 2


def test_a_file_of_others_comes_back_though_ours_is_gone(tmp_path: Path) -> None:
    theirs = tmp_path / SYSCTL[1:]
    theirs.parent.mkdir(parents=True)
    theirs.write_text("by hand\n")
    put(tmp_path, WANTED[:1])
    theirs.unlink()
    put(tmp_path, [])
    assert tree(tmp_path) == {SYSCTL[1:]: b"by hand\n"}


def test_drift_of_a_file_is_seen(tmp_path: Path) -> None:
    put(tmp_path, WANTED)
    (tmp_path / SYSCTL[1:]).write_text("vm.swappiness = 60\n")
    (step,) = planned(Root(str(tmp_path)), WANTED).steps
    assert (step.action, step.path, step.drift) == (FileAction.UPDATE, SYSCTL, True)


@pytest.mark.parametrize("link", ["etc", "etc/sysctl.d", "etc/sysctl.d/90-vmspec.conf", "var/lib/vmspec"])
def test_no_link_leads_out(tmp_path: Path, link: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    at = root / link
    at.parent.mkdir(parents=True)
    at.symlink_to(outside / "file" if link.endswith("conf") else outside)
    with pytest.raises(HostError, match=r"links|90-vmspec|vmspec"):
        put(root, WANTED[:1])
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("path", ["/etc/../../x", "/../x", "/etc/.."])
def test_no_path_leads_out(tmp_path: Path, path: str) -> None:
    with pytest.raises(HostError):
        Root(str(tmp_path)).write(path, b"x")


def test_commands_run_and_fail(tmp_path: Path) -> None:
    done = tmp_path / "done"
    good, bad = WantedFile("/etc/a", b"a", (f"touch {done}",)), WantedFile("/etc/b", b"b", ("exit 7",))
    (tmp_path / "root").mkdir()
    commands, failed = put(tmp_path / "root", [good, bad], run=True)
    assert commands == [f"touch {done}", "exit 7"]
    assert done.exists()
    assert failed == ["exit 7: exit code 7"]
    assert hostfiles.manifest(Root(str(tmp_path / "root"))).due == ("exit 7",), "what failed is still due"


def test_a_manifest_of_nobody_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var/lib/vmspec").mkdir(parents=True)
    (tmp_path / "var/lib/vmspec/hostfiles.json").write_text('{"files": 3}')
    with pytest.raises(HostError):
        hostfiles.manifest(Root(str(tmp_path)))


SCRIPT = """
import json, sys
from tests.deploy.test_hostfiles import WANTED, put
from pathlib import Path
put(Path(sys.argv[1]), WANTED[:int(sys.argv[2])])
"""


def run(folder: Path, count: int, fault: int | None) -> int:
    environment = {key: value for key, value in os.environ.items() if key != "VMC_FAULT"}
    if fault is not None:
        environment["VMC_FAULT"] = str(fault)
    return subprocess.run([sys.executable, "-c", SCRIPT, str(folder), str(count)], env=environment, check=False).returncode


@pytest.mark.parametrize(("first", "then"), [(0, 3), (3, 1)], ids=["written", "removed"])
def test_killed_at_every_step(tmp_path: Path, first: int, then: int) -> None:
    """Whatever is killed, the next run ends at the same tree, and an empty program then leaves nothing."""
    wanted = tmp_path / "wanted"
    wanted.mkdir()
    put(wanted, WANTED[:then])
    step = 0
    while True:
        step += 1
        root = tmp_path / str(step)
        (root / "etc/sysctl.d").mkdir(parents=True)
        (root / SYSCTL[1:]).write_text("by hand\n")
        put(root, WANTED[:first])
        code = run(root, then, step)
        assert code in (0, -signal.SIGKILL)
        assert (root / SYSCTL[1:]).read_bytes() in (b"by hand\n", WANTED[0].data), "never half a file"
        assert run(root, then, None) == 0
        assert all((root / name).read_bytes() == data for name, data in tree(wanted).items() if name.startswith("etc")), f"step {step}"
        put(root, [])
        assert tree(root) == {SYSCTL[1:]: b"by hand\n"}, f"step {step}"
        if code == 0:
            break
    assert step > 10


def test_the_manifest_says_what_is_ours(tmp_path: Path) -> None:
    put(tmp_path, WANTED[:1])
    held = json.loads((tmp_path / "var/lib/vmspec/hostfiles.json").read_text())
    assert [f["path"] for f in held["files"]] == [SYSCTL]
    assert hostfiles.manifest(Root(str(tmp_path))).known == (
        KnownFile(SYSCTL, held["files"][0]["sha256"], ("sysctl --system",), False, ("sysctl --system",)),
    )


def test_what_a_live_setting_was_before_comes_back(tmp_path: Path) -> None:
    """Below this root lie files in place of the kernel's; the commands name the kernel's own."""
    live = {"proc/sys/vm/swappiness": "60\n", "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n"}
    live |= {f"sys/devices/system/cpu/cpu{n}/cpufreq/scaling_governor": "schedutil\n" for n in range(2)}
    for name, value in live.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(value)
    switches = WantedFile(
        "/etc/tmpfiles.d/vmspec.conf",
        b"w\n",
        settings=(
            FileSetting("/sys/kernel/mm/transparent_hugepage/enabled", "never"),
            FileSetting("/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor", "performance"),
            FileSetting("/sys/kernel/mm/ksm/run", "2"),
        ),
    )
    first = WantedFile(SYSCTL, b"vm.swappiness = 1\n", settings=(FileSetting("sysctl.vm.swappiness", "1"),))
    put(tmp_path, [first, switches])
    (tmp_path / "proc/sys/vm/swappiness").write_text("1\n")
    put(tmp_path, [WantedFile(SYSCTL, b"vm.swappiness = 2\n", settings=(FileSetting("sysctl.vm.swappiness", "2"),)), switches])
    assert not planned(Root(str(tmp_path)), [switches, first]).restored
    commands, _ = put(tmp_path, [switches])
    assert commands == ["echo 60 | tee /proc/sys/vm/swappiness >/dev/null"]
    commands, _ = put(tmp_path, [])
    cpus = " ".join(f"/sys/devices/system/cpu/cpu{n}/cpufreq/scaling_governor" for n in range(2))
    assert sorted(commands) == [
        "echo madvise | tee /sys/kernel/mm/transparent_hugepage/enabled >/dev/null",
        f"echo schedutil | tee {cpus} >/dev/null",
    ]
    assert not (tmp_path / "var/lib/vmspec").exists()


def test_what_was_ours_before_it_was_written_down_is_not_taken_for_others(tmp_path: Path) -> None:
    (tmp_path / "proc/sys/vm").mkdir(parents=True)
    (tmp_path / "proc/sys/vm/swappiness").write_text("1\n")
    wanted = WantedFile(SYSCTL, b"vm.swappiness = 1\n", settings=(FileSetting("sysctl.vm.swappiness", "1"),))
    put(tmp_path, [wanted])
    manifest = tmp_path / hostfiles.MANIFEST[1:]
    held = json.loads(manifest.read_text())
    del held["was"]  # as an earlier version left it
    manifest.write_text(json.dumps(held))
    put(tmp_path, [WantedFile(SYSCTL, b"vm.swappiness = 2\n", settings=wanted.settings)])
    assert not planned(Root(str(tmp_path)), []).restored


def test_a_setting_of_another_file_that_wins_is_seen(tmp_path: Path) -> None:
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    (tmp_path / "etc/sysctl.d/99-local.conf").write_text("vm.swappiness = 60\n")
    (tmp_path / "etc/sysctl.d/98-link.conf").symlink_to("/etc/passwd")
    found = hostfiles.plan(host(Host(sysctl={"vm.swappiness": 1})), Root(str(tmp_path)), lambda host, paths: SourcePlace("a.vmspec", 3))
    (other,) = found.elsewhere
    assert (other.file, other.theirs, other.setting.where.line) == ("/etc/sysctl.d/99-local.conf", "60", 3)
