"""Newer libvirts with their QEMUs, each in a folder of its own: `python tests/libvirts.py` fetches those that are not there.

They are Debian 13's (libvirt 11.3, QEMU 10.0) and its backports' (libvirt 12, QEMU 11), unpacked by debootstrap below /opt or the folder
that VMSPEC_LIBVIRTS names. Nothing of the running system is changed. tests/real/newer.py runs their drivers. `--list` says which there
are. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MIRROR = "http://deb.debian.org/debian"
SUITE = "trixie"
PACKAGES = (
    *("libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients", "python3-libvirt", "ovmf", "qemu-utils", "swtpm-tools", "passt"),
    *("qemu-system-x86", "qemu-system-arm", "qemu-system-misc", "qemu-system-ppc", "qemu-system-riscv", "qemu-system-s390x"),
    *("qemu-efi-aarch64", "qemu-efi-riscv64"),
)
"""The firmware decides whether `firmware='efi'` is defined at all."""
SCHEMAS = "usr/share/libvirt/schemas"
DRIVER = "usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so"


@dataclass(frozen=True)
class Libvirt:
    name: str
    """As a test needs it: `needs("libvirt-12")`."""
    release: str
    """The suite whose packages go before those of Debian 13."""

    @property
    def root(self) -> Path:
        return Path(os.environ.get("VMSPEC_LIBVIRTS", "/opt")) / self.name

    @property
    def schemas(self) -> Path:
        return self.root / SCHEMAS


LIBVIRTS = {each.name: each for each in (Libvirt("libvirt-11", SUITE), Libvirt("libvirt-12", f"{SUITE}-backports"))}


def missing(name: str) -> str | None:
    """Why it cannot run, or None."""
    if os.geteuid() != 0:
        return "not root"
    absent = [command for command in ("chroot", "unshare", "mount") if shutil.which(command) is None]
    if absent:
        return f"no command {', '.join(absent)}"
    there = (LIBVIRTS[name].root / DRIVER).is_file()
    return None if there else f"no {LIBVIRTS[name].root}; python tests/libvirts.py fetches it"


def fetch(libvirt: Libvirt) -> bool:
    """Unpack one, where it is not there; False where that did not work."""
    if missing(libvirt.name) is None:
        return True
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        print(f"not fetching {libvirt.name}: needs root and debootstrap (apt-get install debootstrap)")
        return False
    partial = libvirt.root.with_name(f".{libvirt.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    steps = [["debootstrap", "--variant=minbase", SUITE, str(partial), MIRROR]]
    wanted = [] if libvirt.release == SUITE else ["-t", libvirt.release]
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted, *PACKAGES]
    steps += [_inside(partial, "apt-get", "update", "-qq"), _inside(partial, *install), _inside(partial, "apt-get", "clean")]
    for number, step in enumerate(steps):
        if number == 1 and wanted:
            (partial / "etc/apt/sources.list.d/release.list").write_text(f"deb {MIRROR} {libvirt.release} main\n", encoding="utf-8")
        done = subprocess.run(step, check=False, capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            print(f"could not fetch {libvirt.name}: {' '.join(step)}", *done.stderr.splitlines()[-5:], sep="\n  ")
            return False
    partial.rename(libvirt.root)
    return True


def _inside(root: Path, *command: str) -> list[str]:
    return ["chroot", str(root), "env", "DEBIAN_FRONTEND=noninteractive", *command]


def main(argv: list[str]) -> int:
    if argv == ["--list"]:
        for name in LIBVIRTS:
            print(f"{name}: {missing(name) or LIBVIRTS[name].root}")
        return 0
    fetched = [fetch(libvirt) for libvirt in LIBVIRTS.values()]
    return 0 if all(fetched) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
