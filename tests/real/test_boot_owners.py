"""Kernel arguments are handed over, changed, and exactly taken back, by the tools of each boot loader themselves."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.real.cache import cache_dir
from tests.real.debian_root import DebianRoot, debian_root
from vmspec.emit.host.boot import ARGUMENT_COMMANDS, BootOwner

FIRST = "console=tty0 console=ttyS0,115200n8 intel_iommu=on iommu=pt isolcpus=managed_irq,domain,2-7 kvm.nx=1 nosmt"
SECOND = "iommu=pt isolcpus=managed_irq,domain,2-9"
GRUBBY = "https://src.fedoraproject.org/rpms/grubby/raw/f38/f/grubby-bls"
LABELS = ("start", "first", "again", "second", "end")


def steps(owner: BootOwner, show: str, retry: bool = True) -> str:
    """Hands FIRST over, once more as after a kill, then SECOND in its place, and takes that back; shows what there is after each."""
    commands = ARGUMENT_COMMANDS[owner]
    done = [
        [],
        [commands.give(FIRST)],
        [commands.give(FIRST)] if retry else [],
        [commands.take(FIRST), commands.give(SECOND)],
        [commands.take(SECOND)],
    ]
    script = ["mkdir -p /var/lib/vmspec"]
    for label, each in zip(LABELS, done, strict=True):
        script += [f"sh -c {shlex.quote(command)} >/tmp/said 2>&1 || {{ cat /tmp/said; exit 1; }}" for command in each]
        script += [f"echo '== {label}'", show]
    return "\n".join([*script, "echo '== left'; ls /var/lib/vmspec"])


def shown(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("== "):
            label = line.removeprefix("== ")
            found[label] = []
        else:
            found[label].append(line)
    return found


@pytest.fixture(scope="module")
def root() -> DebianRoot:
    return debian_root()


SYSTEMD = "mkdir -p /efi/$(cat /etc/machine-id) /efi/loader/entries\n"
MACHINE = "1" * 32


@pytest.mark.newer
@pytest.mark.needs("debootstrap")
@pytest.mark.parametrize("before", ["root=/dev/vda2 ro quiet iommu=pt", ""])
def test_systemd_boot(root: DebianRoot, before: str) -> None:
    """kernel-install makes the entries anew from /etc/kernel/cmdline; where that was not there it is gone again in the end."""
    show = "cat /etc/kernel/cmdline 2>/dev/null; sed -n 's/^options *//p' /efi/loader/entries/*.conf 2>/dev/null"
    files = {"etc/kernel/cmdline": before + "\n"} if before else {"usr/lib/kernel/cmdline": "root=/dev/vda2 ro quiet iommu=pt\n"}
    files["etc/machine-id"] = MACHINE + "\n"
    found = shown(root.run(SYSTEMD + steps(BootOwner.SYSTEMD_BOOT, show), files))
    base = "root=/dev/vda2 ro quiet iommu=pt"
    added = " ".join(word for word in FIRST.split() if word != "iommu=pt")
    assert found["first"][0] == found["again"][0] == f"{base} {added}"
    assert found["first"][1].startswith(found["first"][0] + " systemd.machine_id=")
    assert found["second"][0] == f"{base} isolcpus=managed_irq,domain,2-9"
    assert found["end"] == ([base] if before else []) + [f"{base} systemd.machine_id={MACHINE}"]
    assert found["left"] == []


ENTRY = """title Fedora {0}
version 6.{0}
linux /vmlinuz-6.{0}
initrd /initramfs-6.{0}.img
options root=/dev/vda2 ro nosmt=force isolcpus=1 xiommu=1 iommu=off quiet
id f{0}
grub_class kernel
"""


def _grubby() -> str:
    """The shell program of Fedora's package, which is in no Debian."""
    path = cache_dir("grubby") / "grubby-bls"
    if not path.exists():
        done = subprocess.run(["curl", "-fsSL", "--max-time", "60", GRUBBY], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"needs grubby: {GRUBBY} cannot be fetched")
        path.write_text(done.stdout)
    return path.read_text()


@pytest.mark.newer
@pytest.mark.needs("debootstrap")
def test_grubby_of_fedora(root: DebianRoot) -> None:
    """It replaces arguments of the same name in every entry and in /etc/kernel/cmdline; those come back."""
    files = {f"boot/loader/entries/f{number}.conf": ENTRY.format(number) for number in (1, 2)} | {"usr/sbin/grubby": _grubby()}
    before = "mkdir -p /boot/grub2; ln -s grub-editenv /usr/bin/grub2-editenv; grub-editenv /boot/grub2/grubenv create\n"
    show = "sed -n 's/^options //p' /boot/loader/entries/*.conf; cat /etc/kernel/cmdline 2>/dev/null"
    found = shown(root.run(before + steps(BootOwner.GRUBBY, show), files))
    first = f"root=/dev/vda2 ro xiommu=1 quiet {FIRST}"
    assert found["first"] == found["again"] == [first] * 3
    assert sorted(found["second"][2].split()) == sorted(f"root=/dev/vda2 ro xiommu=1 quiet nosmt=force {SECOND}".split())
    assert [sorted(line.split()) for line in found["end"]] == [sorted(found["start"][0].split())] * 3
    assert found["left"] == []


STANDINS: Mapping[BootOwner, str] = {
    # rpm-ostree(1): each option says one argument; --append-if-missing and --delete-if-present do nothing where that is so already
    BootOwner.RPM_OSTREE: """#!/bin/sh
[ "$1" = kargs ] || exit 64
shift
[ $# != 0 ] || { cat state; exit; }
for option in "$@"; do
  word=${option#*=}
  case "$option" in
    --append-if-missing=*) case " $(cat state) " in *" $word "*) ;; *) echo "$(cat state) $word" > state ;; esac ;;
    --delete-if-present=*) left=; for each in $(cat state); do [ "$each" = "$word" ] || left="$left $each"; done; echo $left > state ;;
    *) exit 64 ;;
  esac
done
""",
    # As tuned calls it: the options of a source are replaced as a whole, and go where none are given
    BootOwner.BOOTC: """#!/bin/sh
[ "$1 $2 $3 $4" = "loader-entries set-options-for-source --source vmspec" ] || exit 64
[ -e theirs ] || cp state theirs
case "$5" in
  --options) [ $# = 6 ] && echo "$(cat theirs) $6" > state ;;
  '') cp theirs state ;;
  *) exit 64 ;;
esac
""",
}


@pytest.mark.parametrize("owner", STANDINS, ids=lambda owner: owner.value)
def test_ostree_and_bootc_by_a_stand_in(owner: BootOwner, tmp_path: Path) -> None:
    """Neither is packaged for Debian: a stand-in has the semantics that their pages name. What was there of ours before stays."""
    program = tmp_path / {BootOwner.RPM_OSTREE: "rpm-ostree", BootOwner.BOOTC: "bootc"}[owner]
    program.write_text(STANDINS[owner])
    program.chmod(0o755)
    base = "root=UUID=1 ro iommu=pt"
    (tmp_path / "state").write_text(base + "\n")
    script = steps(owner, "cat state").replace("/var/lib/vmspec", str(tmp_path / "own")).replace("/tmp/said", str(tmp_path / "said"))
    done = subprocess.run(
        ["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = shown(done.stdout)
    assert set(FIRST.split()) <= set(found["first"][0].split())
    assert found["first"] == found["again"]
    assert set(found["second"][0].split()) == {*base.split(), *SECOND.split()}
    assert found["end"] == [base]
    assert found["left"] == []
