"""The whole loop on the real QEMU driver: plan, deploy, an empty plan, a change of each class, verify, roll back, prune."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.real.kernel import Kernel
    from tests.real.site import Site

pytestmark = pytest.mark.needs("libvirt", "schemas")

EXAMPLES = Path(__file__).parents[2] / "examples"


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def changes(here: Site, name: str, *words: str) -> dict[str, dict[str, Any]]:
    plan = here.vmc("plan", "--format", "json", *words)
    assert plan.code == 3, plan
    (vm,) = (vm for vm in plan.json["hosts"][0]["vms"] if vm["name"] == name)
    return {change["path"]: change for change in vm["changes"]}


FOREIGN = ("architectures",)
"""Examples for machines whose QEMU is not installed here: libvirt's driver defines nothing for them."""


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name not in FOREIGN))
def test_an_example(tmp_path: Path, example: str) -> None:
    """Deployed, it is what is wanted; changed, the plan says what and where; rolled back and pruned, nothing is left."""
    from tests.real.site import site

    (tmp_path / "password").write_text("pass1234\n")
    secrets = ("--secret", f"screen=file:{tmp_path / 'password'}") if example == "storage" else ()
    with site(tmp_path) as here:
        shutil.rmtree(here.program)
        shutil.copytree(EXAMPLES / example, here.program)
        fresh = here.vmc("plan", *secrets)
        assert fresh.code == 3, fresh
        first = here.vmc("deploy", *secrets)
        assert first.code == 0, first
        again = here.vmc("plan", *secrets)
        assert again.code == 0, again
        # An empty host has neither the networks that an example names nor its secrets, and nothing was started.
        said = here.vmc("verify", "--format", "json", *secrets).json["findings"]
        findings = [each for each in said if each["kind"] not in ("secret", "kept", "power")]
        assert all("the host has no" in each["message"] for each in findings), findings
        there = here.one("list")
        before = here.ask(*(("inactive", name) for name in there))
        here.write(f'env changed {{ vm "{there[0]}" {{ title = "changed" }} }}\n', "changed.vmspec")
        found = changes(here, there[0], "--env", "changed", *secrets)
        assert [(path, each["class"], each["layer"]) for path, each in found.items()] == [("title", "cosmetic", "env changed")]
        assert (found["title"]["file"], found["title"]["line"]) == ("project/changed.vmspec", 1)
        second = here.vmc("deploy", "--env", "changed", *secrets)
        assert second.code == 0, second
        here.vmc("plan", "--env", "changed", *secrets, code=0)
        back = here.vmc("rollback", paths=False)
        assert back.code == 0, back
        assert here.ask(*(("inactive", name) for name in there)) == before
        here.vmc("plan", *secrets, code=0)
        for file in here.program.rglob("*.vmspec"):
            file.unlink()
        here.write("vm last extends std.base { cpu.count = 1; memory.size = 64MiB; type = qemu; cpu.mode = maximum }\n")
        kept = here.vmc("deploy")
        assert kept.code == 0, kept
        assert here.one("list") == sorted([*there, "last"]), "nothing goes without --prune"
        pruned = here.vmc("deploy", "--prune")
        assert pruned.code == 0, pruned
        assert here.one("list") == ["last"]


PROGRAM = """\
abstract profile small extends std.base {{
  type = qemu
  cpu.mode = {mode}
  boot {{ kernel = "{kernel}"; initrd = "{initrd}"; cmdline = "console=ttyS0 {cmdline}" }}
}}

vm web extends small {{
  cpu {{
    count = {count}
    max = 2
    cpuset = 0-1
  }}
  vcpu 0 {{ pin = {pin} }}
  memory {{
    size = {size}
    current = {current}
  }}
  disk vda {{
    source = file("{image}", format = raw)
    cache = {cache}
    iotune {{ read-iops-sec = {iops} }}
  }}
  interface eth0 {{
    source = user()
    link = {link}
    boot = {boot}
  }}
  description = "{what}"
}}
"""
FIRST = {"mode": "maximum", "cmdline": "quiet", "count": "1", "pin": "0", "size": "256MiB", "current": "192MiB"}
FIRST |= {"cache": "none", "iops": "1000", "link": "up", "what": "first", "boot": "1"}
CLASSES = {
    "vcpu.0.pin": ("pin", "1", "live"),
    "cpu.count": ("count", "2", "live"),
    "memory.current": ("current", "160MiB", "live"),
    "disk.vda.iotune.read-iops-sec": ("iops", "2000", "live"),
    "interface.eth0.link": ("link", "down", "live"),
    "interface.eth0.boot": ("boot", "2", "next-boot"),
    "boot.cmdline": ("cmdline", "loglevel=3", "next-boot"),
    "memory.size": ("size", "320MiB", "guest-abi"),
    "cpu.mode": ("mode", "host-model", "guest-abi"),
    "disk.vda.cache": ("cache", "writeback", "migration-breaking"),
    "description": ("what", "second", "cosmetic"),
}
"""Path → placeholder, new value, class."""


def settings(kernel: Kernel, folder: Path) -> dict[str, str]:
    from tests.real.site import sleeper

    image = folder / "vda.raw"
    image.write_bytes(bytes(1 << 20))
    return FIRST | {"kernel": str(kernel.image), "initrd": str(sleeper(kernel, folder)), "image": str(image)}


@pytest.mark.needs("kernel")
def test_a_change_of_each_class_has_its_class_and_line(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site

    given = settings(kernel, tmp_path)
    with site(tmp_path) as here:
        here.write(PROGRAM.format(**given))
        here.vmc("deploy", code=0)
        for path, (placeholder, value, wanted) in CLASSES.items():
            text = PROGRAM.format(**given | {placeholder: value})
            here.write(text)
            each = changes(here, "web")[path]
            before = PROGRAM.partition(f"{{{placeholder}}}")[0]
            assert (each["class"], each["line"]) == (wanted, before.count("\n") + 1), path
            assert each["layer"] == ("profile small" if placeholder in ("mode", "cmdline") else "vm web")
            assert each["drift"] is False


@pytest.mark.needs("kernel")
def test_a_running_guest_is_changed_as_promised(tmp_path: Path, kernel: Kernel) -> None:
    from tests.real.site import site

    given = settings(kernel, tmp_path)
    changed = given | {placeholder: value for placeholder, value, kind in CLASSES.values() if kind in ("live", "next-boot", "cosmetic")}
    with site(tmp_path) as here:
        here.write(PROGRAM.format(**given))
        first = here.vmc("deploy", "--start")
        assert first.code == 0, first
        pid = here.pids()["web"]
        here.vmc("plan", code=0)
        time.sleep(8)  # the guest's kernel must be up to take a further CPU and to give memory back
        here.write(PROGRAM.format(**changed))
        done = here.vmc("deploy", "--format", "json")
        assert done.code == 0, done.out
        (vm,) = done.json["hosts"][0]["vms"]
        assert set(vm["pending"]) == {"boot.cmdline", "interface.eth0.boot"}
        live = here.one("live", "web")
        for part in ("<vcpupin vcpu='0' cpuset='1'/>", "<read_iops_sec>2000<", "<link state='down'/>", "<description>second<"):
            assert part in live, part
        assert re.search(r"<vcpu [^>]*>2</vcpu>", live) or "current='2'" in live
        assert "quiet" in live, "next-boot: not while it runs"
        assert here.one("blockiotune", "web", "vda")["read_iops_sec"] == 2000
        assert "loglevel=3" in here.one("inactive", "web")
        assert wait_for(here, "<currentMemory unit='KiB'>163840<"), here.one("live", "web")
        after = here.vmc("plan")
        assert after.code == 0, after
        assert "pending restart" in after.out
        here.vmc("verify", code=0)
        assert here.pids()["web"] == pid
        # By hand on the running guest alone, where our own restart is pending: that is drift.
        here.one("pin", "web", 0, [True, False], "live")
        drift = here.vmc("verify", "--format", "json")
        assert drift.code == 3
        assert [(f["kind"], f["change"]["path"]) for f in drift.json["findings"] if f["kind"] == "live"] == [("live", "vcpu.0.pin")]
        refused = here.vmc("deploy", "--allow-restart", "--shutdown-timeout", "1")
        assert refused.code == 5, "the guest answers no power button, and nobody said --force-off"
        assert here.pids()["web"] == pid
        restarted = here.vmc("deploy", "--allow-restart", "--shutdown-timeout", "1", "--force-off")
        assert restarted.code == 0, restarted
        assert here.pids()["web"] != pid
        assert "loglevel=3" in here.one("live", "web")


def wait_for(here: Site, part: str) -> bool:
    for _ in range(20):
        if part in here.one("live", "web"):
            return True
        time.sleep(0.5)
    return False


SMALL = "vm {name} extends std.base {{ type = qemu; cpu {{ count = 1; mode = maximum }}; memory.size = {size} }}\n"


def test_a_saved_plan_is_what_is_deployed_or_nothing(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write(SMALL.format(name="one", size="64MiB"))
        saved = str(tmp_path / "plan.json")
        here.vmc("plan", "--out", saved, code=3)
        assert json.loads(Path(saved).read_text())["kind"] == "vmspec-plan"
        here.write(SMALL.format(name="one", size="128MiB"))
        stale = here.vmc("deploy", "--plan", saved)
        assert stale.code == 4, stale
        assert "one (what it is to be made of is another definition)" in stale.err
        assert here.one("list") == []
        here.write(SMALL.format(name="one", size="64MiB"))
        fresh = here.vmc("deploy", "--plan", saved)
        assert fresh.code == 0, fresh
        assert here.one("list") == ["one"]
        done = here.vmc("deploy", "--plan", saved)
        assert done.code == 4, "it has been done"
        assert "have changed: one (is on the host by now)" in done.err
        here.write(SMALL.format(name="one", size="96MiB"))
        here.vmc("plan", "--out", saved, code=3)
        here.write(SMALL.format(name="one", size="128MiB"))
        other = here.vmc("deploy", "--plan", saved, code=4)
        assert "have changed: one (memory.size" in other.err + other.out


def test_a_saved_plan_holds_no_parameter_that_became_a_password(tmp_path: Path) -> None:
    """It is given again, as a secret is; the others stand in it."""
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write('param $pw: string\nparam $size: size\nvm one extends std.base {\n  type = qemu; cpu { count = 1; mode = maximum }\n'
                   "  memory.size = $size\n  graphics { type = vnc; passwd = $pw }\n}\n")  # fmt: skip
        saved = tmp_path / "plan.json"
        both = ("--param", "pw=horse12", "--param", "size=64MiB")
        here.vmc("plan", "--out", str(saved), *both, code=3)
        assert "horse12" not in saved.read_text()
        assert json.loads(saved.read_text())["options"]["param"] == ["size=64MiB"]
        missing = here.vmc("deploy", "--plan", str(saved), code=2)
        assert "$pw became a password, and the saved plan does not hold it" in missing.err
        other = here.vmc("deploy", "--plan", str(saved), "--param", "pw=horse12", "--param", "size=65MiB", code=2)
        assert "--param is otherwise there" in other.err
        here.vmc("deploy", "--plan", str(saved), "--param", "pw=horse12", code=0)
        assert here.one("password", "one") == "horse12"


def test_a_dry_run_leaves_nothing_behind(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        shutil.rmtree(here.root)
        here.write(SMALL.format(name="one", size="64MiB"))
        before = sorted(tmp_path.rglob("*"))
        dry = here.vmc("deploy", "--dry-run", "--start", "--root", str(tmp_path / "files"))
        assert dry.code in (1, 3, 2), dry
        dry = here.vmc("deploy", "--dry-run", "--start")
        assert dry.code == 3, dry
        assert not here.root.exists()
        assert sorted(tmp_path.rglob("*")) == before
        here.root.mkdir()


def test_two_at_once(tmp_path: Path) -> None:
    """One is refused, or waits where it was told to; the host ends as the program says."""
    from tests.real.site import site

    with site(tmp_path) as here:
        here.write("".join(SMALL.format(name=f"vm{n}", size="64MiB") for n in range(20)))
        running = [here.popen("deploy", "--lock-timeout", wait) for wait in ("0", "0", "60")]
        codes = [(each.communicate(timeout=120), each.returncode)[1] for each in running]
        assert codes[2] == 0
        assert set(codes[:2]) <= {0, 4}
        here.vmc("plan", code=0)


def test_a_rename_is_said_and_keeps_the_identity(tmp_path: Path) -> None:
    from tests.real.site import site

    with site(tmp_path) as here:
        text = SMALL.replace("{size}", "64MiB").replace("}}\n", "; interface eth0 {{ source = user() }} }}\n")
        here.write(text.format(name="old"))
        here.vmc("deploy", code=0)
        before = here.one("inactive", "old")
        here.write(text.format(name="new"))
        silent = here.vmc("plan", "--prune")
        assert "to prune" in silent.out
        assert "to create" in silent.out
        said = here.vmc("deploy", "--rename", "old=new")
        assert said.code == 0, said
        assert here.one("list") == ["new"]
        after = here.one("inactive", "new")
        for part in (r"<uuid>[^<]*", r"<mac [^>]*"):
            assert re.findall(part, before) == re.findall(part, after)
        assert here.vmc("plan").code == 0, "the lock remembers"
        here.vmc("rollback", paths=False, code=0)
        assert here.one("inactive", "old") == before
