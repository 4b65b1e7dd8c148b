"""The system that is booted: a kernel of a package, and a root of Debian packages around systemd; both are kept in the user's cache."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from vmspec.base.cache import cache_folder
from vmspec.base.record import record
from vmspec.deploy import codes
from vmspec.deploy.binding import HostError

PACKAGES = "systemd,systemd-sysv,udev,kmod,procps"
SUITES = {"11": "bullseye", "12": "bookworm", "13": "trixie"}
MIRROR = "http://deb.debian.org/debian"
LEFT_OUT = (
    "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/zoneinfo", "usr/share/i18n", "var/cache", "var/lib/apt", 
    "usr/share/info",            "usr/lib/x86_64-linux-gnu/gconv", "usr/share/perl", "usr/lib/x86_64-linux-gnu/perl-base", "var/lib/dpkg",
    "boot",
)  # fmt: skip
"""Of the root: what no boot needs."""
MODULES = ("kvm", "kvm_amd", "kvm_intel", "vfio", "vfio_pci", "vfio_iommu_type1", "bridge", "br_netfilter", "vhost_net", "tun", "8250")


@record(frozen=True, slots=True)
class Kernel:
    """An image, and the folder lib/modules/RELEASE where its modules are known."""

    image: Path
    modules: Path | None

    @property
    def release(self) -> str | None:
        return self.modules.name if self.modules is not None else None


def kernel_of(word: str | None, release: str | None, modules: str | None) -> Kernel:
    """`word`: the path of an image, or the name of a package; else the package of this release, or the distribution's current one."""
    if word is not None and Path(word).is_file():
        return Kernel(Path(word), Path(modules) if modules is not None else None)
    _needs("apt-get", "dpkg-deb")
    names = [word] if word is not None else [f"linux-image-{release}"] if release is not None else []
    found = next((name for name in names if _offers(name)), None)
    if found is None and word is not None:
        raise HostError(codes.REHEARSAL_FAILED, f"{word} is no file, and apt offers no such package")
    return _unpacked(found or _current())


def root_of(suite: str) -> Path:
    """The root as a cpio archive; made once."""
    home = cache_folder() / "roots"
    archive = home / f"{suite}.cpio"
    if archive.exists():
        return archive
    _needs("debootstrap")
    if os.geteuid() != 0:
        raise HostError(codes.REHEARSAL_FAILED, "the root of Debian packages is made by debootstrap, which has to run as root once")
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        root = Path(folder, "root")
        _run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(root), MIRROR])
        for name in LEFT_OUT:
            shutil.rmtree(root / name, ignore_errors=True)
        scratch = Path(folder, "cpio")
        with scratch.open("wb") as stream:
            stream.writelines(_archive(_tree(root)))
        scratch.rename(archive)
    return archive


def overlay(files: Mapping[str, bytes], kernel: Kernel, modules: Iterable[str], stream_modes: Mapping[str, int]) -> bytes:
    """A second archive: the host's files, and the modules that are asked for with what they need."""
    content = {path.lstrip("/"): data for path, data in files.items()}
    if kernel.modules is not None:
        below = f"usr/lib/modules/{kernel.release}"
        for path in _with_needed(kernel.modules, (*MODULES, *modules)):
            content[f"{below}/{path.relative_to(kernel.modules)}"] = path.read_bytes()
        for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
            if (kernel.modules / name).exists():
                content[f"{below}/{name}"] = (kernel.modules / name).read_bytes()
    parents = sorted({str(parent) for name in content for parent in Path(name).parents if str(parent) != "."})
    entries = [(name, 0o040755, b"", 0) for name in parents if name not in ("usr", "usr/lib", "etc")]
    entries += [(name, 0o100000 | stream_modes.get(name, 0o644), data, 0) for name, data in content.items()]
    return b"".join(_archive(entries))


# ------------------------------------------------------------------------------------------------------ packages


def _needs(*programs: str) -> None:
    absent = [name for name in programs if shutil.which(name) is None]
    if absent:
        raise HostError(codes.REHEARSAL_FAILED, f"a rehearsal needs {' and '.join(absent)}", f"apt-get install {' '.join(absent)}")


def _run(command: list[str], folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split())[-300:]
        raise HostError(codes.REHEARSAL_FAILED, f"{' '.join(command[:3])} failed: {said}")
    return done.stdout


def _offers(package: str) -> bool:
    done = subprocess.run(["apt-cache", "show", "--no-all-versions", package], capture_output=True, check=False)
    return done.returncode == 0


def _depends(package: str) -> list[str]:
    return re.findall(r"Depends: (\S+)", _run(["apt-cache", "depends", package]))


def _current() -> str:
    """The package that the distribution's metapackage stands for."""
    for meta in ("linux-image-amd64", "linux-image-generic"):
        if _offers(meta):
            found = [name for name in _depends(meta) if re.match(r"linux-image-[0-9]", name)]
            if found:
                return found[0]
    raise HostError(codes.REHEARSAL_FAILED, "apt offers no kernel", "name an image: --kernel FILE")


def _unpacked(package: str) -> Kernel:
    """From 7.x on Debian's linux-image-V is empty, and depends on linux-binary-V with the image and linux-modules-V; Ubuntu has its
    modules in the latter too. A metapackage depends on the image of the day."""
    home = cache_folder() / "kernels" / package
    if not (home / "done").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        parts = [name for name in _depends(package) if re.match(r"linux-(binary|modules|image)-[0-9]", name)]
        for name in (package, *parts):
            _run(["apt-get", "download", "-qq", name], home)
        for deb in home.glob("*.deb"):
            _run(["dpkg-deb", "-x", str(deb), str(home)])
            deb.unlink()
        (home / "done").touch()
    modules = next(iter(sorted([*home.glob("lib/modules/*"), *home.glob("usr/lib/modules/*")])), None)
    images = [*home.glob("boot/vmlinuz-*"), *home.glob("usr/lib/modules/*/vmlinuz")]
    if not images:
        raise HostError(codes.REHEARSAL_FAILED, f"the package {package} has no kernel in it")
    return Kernel(images[0], modules)


def _with_needed(folder: Path, names: Iterable[str]) -> list[Path]:
    """The files of modules and of all that they need, by `depends=` of each (modinfo(8))."""
    import lzma

    files = {path.name.partition(".ko")[0].replace("-", "_"): path for path in sorted(folder.rglob("*.ko*"))}
    found: dict[str, Path] = {}
    waiting = [name.replace("-", "_") for name in names]
    while waiting:
        name = waiting.pop()
        if name in found or name not in files:
            continue
        found[name] = files[name]
        data = lzma.decompress(files[name].read_bytes()) if files[name].suffix == ".xz" else files[name].read_bytes()
        depends = re.search(rb"\0depends=([^\0]*)\0", data)
        waiting += [each.replace("-", "_") for each in depends[1].decode().split(",") if each] if depends else []
    return [found[name] for name in sorted(found)]


# ------------------------------------------------------------------------------------------------------- archive

Member = tuple[str, int, bytes, int]
"""Name, mode, content, and the number of a device."""


def _tree(root: Path) -> Iterator[Member]:
    for folder, names, files in os.walk(root):
        names.sort()
        at = os.path.relpath(folder, root)
        if at != ".":
            yield at, os.lstat(folder).st_mode, b"", 0
        for name in sorted([*files, *(each for each in names if Path(folder, each).is_symlink())]):
            path = Path(folder, name)
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                yield os.path.relpath(path, root), status.st_mode, os.fsencode(path.readlink()), 0
            elif stat.S_ISREG(status.st_mode):
                yield os.path.relpath(path, root), status.st_mode, path.read_bytes(), 0
    yield from (("dev/console", 0o020600, b"", (5 << 8) + 1), ("dev/null", 0o020666, b"", (1 << 8) + 3))


def _archive(members: Iterable[Member]) -> Iterator[bytes]:
    """newc (Linux Documentation/driver-api/early-userspace/buffer-format.rst); the kernel takes several archives one after the other."""
    for inode, (name, mode, data, device) in enumerate((*members, ("TRAILER!!!", 0, b"", 0)), 1):
        encoded = os.fsencode(name) + b"\0"
        numbers = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, device >> 8, device & 255, len(encoded), 0)
        head = b"070701" + "".join(f"{number:08x}" for number in numbers).encode() + encoded
        yield head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)
