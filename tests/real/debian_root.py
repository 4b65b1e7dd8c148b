"""A root of Debian packages with the tools that read a host's files; made once, into the user's cache, and changed by no test.

A test's commands run by chroot in an overlay of it, in namespaces of mounts, processes and the network: nothing of them stays.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.libvirts import MIRROR
from tests.real.cache import cache_dir

PACKAGES = {
    "bookworm": (
        *("systemd", "systemd-sysv", "udev", "kmod", "procps", "dbus", "iproute2", "bridge-utils", "vlan", "busybox-static", "zstd"),
        *("grub-pc-bin", "grub2-common", "initramfs-tools", "dracut-core", "linux-image-cloud-amd64", "tuned", "ifupdown"),
        *("ifenslave", "network-manager", "nix-bin", "python3-yaml", "irqbalance"),
    ),
    "trixie": ("systemd", "systemd-sysv", "udev", "kmod", "procps", "tuned"),
}
"""By suite. dracut-core stands beside initramfs-tools, which dracut itself would replace."""
_INSIDE = """
set -e
mount -t tmpfs tmpfs "$1"; mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --bind /dev "$1/root/dev"; mount -t proc proc "$1/root/proc"
mount -t sysfs -o ro sysfs "$1/root/sys"; mount -t tmpfs tmpfs "$1/root/run"
ip link set lo up
cp -a "$3/." "$1/root/"
exec chroot "$1/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 /bin/sh -c "$4"
"""


@dataclass(frozen=True)
class DebianRoot:
    path: Path

    def run(self, script: str, files: Mapping[str, str | bytes] | None = None, check: bool = True) -> str:
        """What a shell in it prints, errors too, with `files` put there first; one that begins with `#!` may be run."""
        with tempfile.TemporaryDirectory() as folder:
            given, at = Path(folder, "given"), Path(folder, "at")
            given.mkdir()
            at.mkdir()
            for name, data in (files or {}).items():
                target = given / name.lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data if isinstance(data, bytes) else data.encode())
                target.chmod(0o755 if target.read_bytes().startswith(b"#!") else 0o644)
            words = ["unshare", "--mount", "--pid", "--net", "--uts", "--fork", "--kill-child", "sh", "-c", _INSIDE]
            words += ["sh", str(at), str(self.path), str(given), script]
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=600)
        assert not check or done.returncode == 0, done.stdout
        return done.stdout


def debian_root(suite: str = "bookworm") -> DebianRoot:
    root = cache_dir("roots") / f"{suite}-tools"
    if not root.exists():
        partial = root.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(partial), MIRROR], check=True, stdout=subprocess.DEVNULL)
        (partial / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (partial / "usr/sbin/policy-rc.d").chmod(0o755)
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES[suite]]):
            inside = ["chroot", str(partial), "env", "DEBIAN_FRONTEND=noninteractive", *command]
            subprocess.run(inside, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(partial / "var/cache/apt", ignore_errors=True)
        partial.rename(root)
    return DebianRoot(root)
