"""Reads what a host has in files of others that set what ours set (plan/elsewhere.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vmspec.base.provenance import Path
from vmspec.deploy.binding import HostError
from vmspec.deploy.rootfs import Root
from vmspec.emit.host import cmdline, modprobe, sysctl, tmpfiles
from vmspec.emit.host.boot import BootOwner, boot_owner
from vmspec.emit.host.file import HostFile
from vmspec.lower.fleet import HostObject
from vmspec.plan.change import SourcePlace
from vmspec.plan.elsewhere import FOLDERS, OURS, SINGLE, OwnSettings, elsewhere
from vmspec.plan.files import Elsewhere, FileSetting

LARGEST = 256 << 10
"""Bytes of a file of settings; what is larger is none."""
READ_BY = {
    BootOwner.GRUB: ("/etc/default/grub",),
    BootOwner.TUNED: ("/etc/default/grub", "/etc/kernel/cmdline"),
    BootOwner.GRUBBY: (),  # it replaces arguments of the same name, wherever they stand
    BootOwner.SYSTEMD_BOOT: ("/etc/kernel/cmdline", "/usr/lib/kernel/cmdline"),
    BootOwner.RPM_OSTREE: ("/boot/loader/entries/",),
    BootOwner.BOOTC: ("/boot/loader/entries/",),
    BootOwner.OTHER: (),
}


PlaceFinder = Callable[[HostObject, Sequence[Path]], SourcePlace]


def set_elsewhere(host: HostObject, root: Root, where: PlaceFinder) -> tuple[Elsewhere, ...]:
    """In the order of the files."""
    owner = boot_owner(host)
    own = OwnSettings(
        _of(sysctl.emit(host), host, where),
        _of(modprobe.emit(host), host, where),
        _of(tmpfiles.emit(host), host, where),
        _of(cmdline.emit(host), host, where),
        READ_BY[owner],
        None if host.spec.tuned is None else str(host.spec.tuned),
    )
    folders = [folder for each in FOLDERS.values() for folder in each]
    names = {folder: root.names(folder) for folder in folders}
    paths = [*SINGLE, *(f"{folder}/{name}" for folder in folders for name in names[folder])]
    texts = {path: text for path in dict.fromkeys(paths) if path not in OURS and (text := _text(root, path)) is not None}
    return tuple(elsewhere(own, texts, [name for folder in FOLDERS["wants"] for name in names[folder]]))


def _of(file: HostFile | None, host: HostObject, where: PlaceFinder) -> list[FileSetting]:
    return [] if file is None else [FileSetting(entry.name, entry.value, where(host, entry.paths)) for entry in file.entries]


def _text(root: Root, path: str) -> str | None:
    try:
        data = root.read(path)
    except HostError:  # a link or a folder
        return None
    return None if data is None or len(data) > LARGEST else data.decode("utf-8", "replace")
