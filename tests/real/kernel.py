"""Debian's cloud kernel and a busybox initramfs around it; fetched once, into the user's cache."""

from __future__ import annotations

import lzma
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.real.cache import cache_dir

_INIT = Path(__file__).with_name("init.sh")
_BUSYBOX = Path("/bin/busybox")

GUEST_MODULES = (
    "virtio_pci", "virtio_blk", "virtio_net", "virtio_scsi", "sd_mod", "sr_mod", "ata_piix", "virtio-rng", "virtio_console",
    "virtio_balloon", "virtio_mem", "virtio_input", "virtiofs", "vmw_vsock_virtio_transport", "qemu_fw_cfg",
)  # fmt: skip
HOST_MODULES = ("bridge", "br_netfilter", "kvm", "kvm-amd", "kvm-intel", "vfio", "vfio-pci", "vhost_net", "virtio_pci", "virtio_net")


@dataclass(frozen=True)
class Kernel:
    """An unpacked kernel package."""

    image: Path
    modules: Path
    """lib/modules/RELEASE"""

    @property
    def release(self) -> str:
        return self.modules.name


def fetch_kernel(series: str = "") -> Kernel:
    """The cached kernel, else Debian's current one from apt, or the newest of a series (6.12); where there is none the test skips."""
    home = cache_dir(f"kernel-{series}" if series else "kernel")
    if not (home / "done").exists():
        deb = _download(home, _of_series(series) if series else None)
        subprocess.run(["dpkg-deb", "-x", deb, home], check=True)
        deb.unlink()
        (home / "done").touch()
    image = max((home / "boot").glob("vmlinuz-*"))
    below = next(root for root in (home / "lib" / "modules", home / "usr" / "lib" / "modules") if root.exists())
    return Kernel(image, below / image.name.removeprefix("vmlinuz-"))


def _of_series(series: str) -> str:
    """Unsigned, for it has the same image and needs no other package."""
    shown = subprocess.run(["apt-cache", "pkgnames", f"linux-image-{series}."], capture_output=True, text=True, check=False).stdout
    named = [name for name in shown.split() if name.endswith("-cloud-amd64-unsigned")]
    if not named:
        pytest.skip(f"needs kernel: apt offers no linux-image-{series}.*-cloud-amd64-unsigned; a source of backports has it")
    return max(named, key=lambda name: [int(number) for number in re.findall("[0-9]+", name)])


def _download(home: Path, package: str | None = None) -> Path:
    package = package or _cloud_package()
    if package is None:
        subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
        package = _cloud_package()
    if package is None:
        pytest.skip("needs kernel: apt offers no linux-image-cloud-amd64; apt-get update")
    result = subprocess.run(["apt-get", "download", package], cwd=home, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        pytest.skip(f"needs kernel: apt-get download {package}: {result.stderr.strip()}")
    return next(home.glob(f"{package}_*.deb"))


def _cloud_package() -> str | None:
    """The package the metapackage stands for: linux-image-cloud-amd64 of Debian, linux-image-kvm of Ubuntu."""
    for meta in ("linux-image-cloud-amd64", "linux-image-kvm"):
        shown = subprocess.run(["apt-cache", "depends", meta], capture_output=True, text=True, check=False).stdout
        if found := re.search(r"Depends: (linux-image-\d\S+)", shown):
            return found[1]
    return None


# -- modules -----------------------------------------------------------------------------------------------------------------


@cache
def _module_paths(kernel: Kernel) -> Mapping[str, Path]:
    """The module files by name; `-` and `_` are one in module names (kernel, kernel/module/main.c)."""
    return {path.name.partition(".ko")[0].replace("-", "_"): path for path in kernel.modules.rglob("*.ko*")}


@cache
def _module_content(path: Path) -> bytes:
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def _dependencies(kernel: Kernel, name: str) -> tuple[str, ...]:
    """What a module needs directly, from its .modinfo section (`depends=a,b`)."""
    found = re.search(rb"\0depends=([^\0]*)\0", _module_content(_module_paths(kernel)[name]))
    return tuple(each.replace("-", "_") for each in found[1].decode().split(",") if each) if found else ()


def in_load_order(kernel: Kernel, names: Iterable[str]) -> list[str]:
    """The modules and all they need, each after what it needs; what is built in or absent is left out."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order or name not in _module_paths(kernel):
            return
        for needed in _dependencies(kernel, name):
            visit(needed)
        order.append(name)

    for name in names:
        visit(name.replace("-", "_"))
    return order


# -- initramfs ---------------------------------------------------------------------------------------------------------------


def initramfs(kernel: Kernel, modules: Iterable[str], load: Iterable[str], files: Mapping[str, bytes]) -> bytes:
    """An initramfs whose /init loads `load`, runs /apply.sh where `files` has one, prints the report and powers off."""
    order = in_load_order(kernel, modules)
    folder = f"lib/modules/{kernel.release}"
    content = {
        "init": _INIT.read_bytes(),
        "bin/busybox": _BUSYBOX.read_bytes(),
        "etc/load": "".join(f"{name}\n" for name in in_load_order(kernel, load) if name in order).encode(),
        f"{folder}/modules.dep": _modules_dep(kernel, order).encode(),
        **{f"{folder}/{name}.ko": _module_content(_module_paths(kernel)[name]) for name in order},
        **{path.lstrip("/"): data for path, data in files.items()},
    }
    return _cpio(content)


def _modules_dep(kernel: Kernel, order: list[str]) -> str:
    """modules.dep(5) for busybox' modprobe: every line names all that must be loaded, nearest first."""
    return "".join(f"{name}.ko:{''.join(f' {each}.ko' for each in reversed(in_load_order(kernel, [name])[:-1]))}\n" for name in order)


def _cpio(files: Mapping[str, bytes]) -> bytes:
    """A cpio archive in the newc format (kernel, Documentation/driver-api/early-userspace/buffer-format.rst)."""
    parents = {str(parent) for name in files for parent in Path(name).parents if str(parent) != "."}
    folders = sorted(parents | {"dev", "proc", "sys", "tmp", "run", "sbin"})
    entries = [(name, 0o040755, b"", 0) for name in folders]
    entries += [("dev/console", 0o020600, b"", 1), ("dev/ttyS0", 0o020600, b"", 64), ("dev/null", 0o020666, b"", 3)]
    entries += [(name, 0o100755, data, 0) for name, data in files.items()]
    entries.append(("TRAILER!!!", 0, b"", 0))
    majors = {"dev/console": 5, "dev/ttyS0": 4, "dev/null": 1}
    archive = bytearray()
    for inode, (name, mode, data, minor) in enumerate(entries, 1):
        fields = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, majors.get(name, 0), minor, len(name.encode()) + 1, 0)
        archive += b"070701" + "".join(f"{value:08x}" for value in fields).encode() + name.encode() + b"\0"
        archive += b"\0" * (-len(archive) % 4) + data
        archive += b"\0" * (-len(archive) % 4)
    return bytes(archive)
