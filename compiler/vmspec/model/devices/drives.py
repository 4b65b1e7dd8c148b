"""What follows for a disk from its device, its label and the name of its image, where nothing else is said."""

from __future__ import annotations

import re

PREFIXES = {"virtio": "vd", "scsi": "sd", "sata": "sd", "usb": "sd", "sd": "sd", "ide": "hd", "fdc": "fd", "xen": "xvd"}
"""Of target names, by bus; `sata` and `scsi` share theirs, as in libvirt (src/util/virutil.c, virDiskNameToIndex)."""
SUFFIXES = {
    ".qcow2": "qcow2",
    ".qcow": "qcow",
    ".qed": "qed",
    ".vmdk": "vmdk",
    ".vdi": "vdi",
    ".vpc": "vpc",
    ".vhd": "vpc",
}
RAW = (".raw", ".iso", ".bin", ".dd")
"""Ends of names of images that are raw."""
FOREIGN = (".vhdx", ".ova", ".ovf", ".hdd", ".ploop", ".wim", ".gz", ".xz", ".bz2", ".zst", ".zip", ".tar")
"""Of images and archives whose format libvirt does not have (virStorageFileFormat, src/conf/storage_source_conf.h 9.0.0), or QEMU not."""
UNFORMATTED = ("vhostuser", "ctl")
"""Sources that have no format."""


def drive_bus(device: str, machine: str | None) -> str:
    """The bus of a drive by what it is and by the alias of the machine: one whose medium changes is on the chipset's own."""
    if device == "floppy":
        return "fdc"
    if device != "cdrom":
        return "virtio"
    return {"q35": "sata", "pc": "ide"}.get(machine or "", "scsi")


def image_format(name: str) -> str:
    """The format that the end of an image's name tells, raw where it says nothing."""
    return next((fmt for end, fmt in SUFFIXES.items() if name.lower().endswith(end)), "raw")


def says_format(name: str) -> bool:
    """Whether the end of an image's name tells its format."""
    return name.lower().endswith((*SUFFIXES, *RAW))


def foreign(name: str) -> str:
    """The end of the name of an image that libvirt cannot read; "" of any other."""
    return next((end for end in FOREIGN if name.lower().endswith(end)), "")


def is_target(label: str, bus: str) -> bool:
    return re.fullmatch(re.escape(PREFIXES.get(bus, "sd")) + r"[a-z]{1,3}", label) is not None
