"""Disks: their bus, driver, place on the controller, and what follows from read-only."""

from __future__ import annotations

from typing import Any

from vmspec.model.devices.device import DriveAddress
from vmspec.model.devices.disk import Disk, Iotune
from vmspec.model.devices.kinds import HOST
from vmspec.model.devices.storage import BackingStore, FileSource, NvmeSource, VhostUserSource, VolumeSource
from vmspec.model.devices.storage_net import IscsiSource
from vmspec.model.domain import Domain
from vmspec.model.value import Symbol
from vmspec.normal.edit import filled, on_each, without
from vmspec.normal.target import Target

_BY_PREFIX = (("hd", "ide"), ("sd", "scsi"), ("vd", "virtio"), ("xvd", "xen"), ("ubd", "uml"))
_PORT = {"http": 80, "https": 443, "ftp": 21, "ftps": 990, "tftp": 69, "sheepdog": 7000, "nbd": 10809, "ssh": 22, "iscsi": 3260,
         "gluster": 24007, "vxhs": 9999}  # fmt: skip
NARROW_UNITS = 7
"""SCSI units of a controller that libvirt deals out by target (SCSI_NARROW_BUS_MAX_CONT_UNIT, src/conf/domain_conf.h 9.0.0)."""


def index_of(target: str) -> int:
    """`vda` → 0, `sdaa` → 26; -1 for what is no such name (virDiskNameToIndex, src/util/virutil.c 9.0.0)."""
    name = next((target[len(p) :] for p in ("fd", "hd", "vd", "sd", "xvd", "ubd") if target.startswith(p)), "")
    letters = name.rstrip("0123456789")
    if not letters or not all("a" <= c <= "z" for c in letters):
        return -1
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("a") + 1
    return index - 1


def ordered(vm: Domain, target: Target) -> Domain:
    """Disks of one bus stand together, by target (virDomainDiskInsert, src/conf/domain_conf.c 9.0.0); the bus is what was written."""
    disks: list[Disk] = []
    for disk in vm.disk:
        at = None
        for place in range(len(disks) - 1, -1, -1):
            other = disks[place]
            if other.bus != disk.bus:
                continue
            if index_of(other.target or "") > index_of(disk.target or "") and other.target and disk.target:
                at = place
            elif at is None:
                at = place + 1
        disks.insert(len(disks) if at is None else at, disk)
    return vm.but(disk=tuple(disks))


def drives(vm: Domain, target: Target) -> Domain:
    """Without a source, be it an empty element, a disk is an empty drive of type file (virDomainDiskDefParseSourceXML,
    src/conf/domain_conf.c 9.0.0)."""

    def drive(disk: Disk) -> Disk:
        if disk.source is None or any("<source" in part for part in disk.raw.values()):
            return disk
        return disk if set(vars(disk.source)) - {"format", "spelling"} else disk.but(source=FileSource(**vars(disk.source)))

    return on_each(vm, "disk", drive)


def parsed(vm: Domain, target: Target) -> Domain:
    """A disk of type file where nothing is said (virDomainDiskDefParseXML, src/conf/domain_conf.c 9.0.0)."""
    return on_each(vm, "disk", _parsed)


def _parsed(disk: Disk) -> Disk:
    disk = filled(disk, device=Symbol("disk"))
    if disk.source is None:
        disk = disk.but(source=FileSource())
    disk = disk.but(source=without(disk.source, "implicit", "index"))  # type: ignore[type-var]
    if disk.device not in ("cdrom", "floppy") or disk.tray == "closed":
        disk = without(disk, "tray")
    if disk.iotune is not None:
        disk = disk.but(iotune=without(disk.iotune, *(n for n, v in vars(disk.iotune).items() if v == 0 and n != "label")))
    if disk.backing_store is not None:
        disk = disk.but(backing_store=_layer(disk.backing_store))
    disk = disk.but(source=_ports(disk.source))
    return without(disk, "mirror")


def _ports(source: Any) -> Any:
    """The usual port of each protocol (virStorageSourceNetworkDefaultPort, src/conf/storage_source_conf.c 9.0.0); no label that names none
    (virSecurityDeviceLabelDefFormat, src/conf/domain_conf.c)."""
    labels = getattr(source, "seclabel", ())
    if labels:
        kept = tuple(without(label, "labelskip") for label in labels if label.label_ is not None or label.relabel is False)
        source = source.but(seclabel=kept)
    port = _PORT.get(source.tag)
    if port is None or not getattr(source, "hosts", ()):
        return source
    return source.but(hosts=tuple(_with_port(host, port) for host in source.hosts))


def _with_port(host: str, port: int) -> str:
    parts = HOST.to_parts(host)
    return f"{host}:{port}" if "port" not in parts and parts.get("transport", "tcp") == "tcp" else host


def _layer(own: BackingStore) -> BackingStore:
    """A layer below: libvirt's number of it is of the running guest, QEMU decrypts; one without a type ends the chain
    (virDomainDiskBackingStoreParse, src/conf/domain_conf.c 9.0.0)."""
    if own.source is None:
        return without(own, "index", "backing_store").but(end=True)
    source: Any = without(own.source, "index")
    if getattr(source, "encryption", None) is not None:
        source = source.but(encryption=filled(source.encryption, engine=Symbol("qemu")))
    below = _layer(own.backing_store) if own.backing_store is not None else None
    own = without(own, "index").but(source=source)
    return own if below is None else own.but(backing_store=below)


def completed(vm: Domain, target: Target) -> Domain:
    """Driver qemu and format raw (qemuDomainDeviceDiskDefPostParse, src/qemu/qemu_domain.c); CD-ROMs read-only, bus by target, address
    by target (virDomainDiskDefPostParse, src/conf/domain_postparse.c; virDomainDiskDefAssignAddress, src/conf/domain_conf.c 9.0.0)."""
    disks = [_completed(disk) for disk in vm.disk]
    return vm.but(disk=tuple(_tuned(disk, disks) for disk in disks))


def _completed(disk: Disk) -> Disk:
    source: Any = disk.source
    disk = filled(disk, driver="qemu")
    if not isinstance(source, VolumeSource):
        source = filled(source, format=Symbol("raw"))
    if getattr(source, "encryption", None) is not None:
        source = source.but(encryption=filled(source.encryption, engine=Symbol("qemu")))
    if disk.encryption is not None:
        disk = disk.but(encryption=filled(disk.encryption, engine=Symbol("qemu")))
    if isinstance(source, IscsiSource) and source.name and "/" not in source.name:
        source = source.but(name=f"{source.name}/0")
    if isinstance(source, NvmeSource):
        source = filled(source, managed=True)
    name = (disk.target or "").removeprefix("ioemu:")
    if name:
        disk = disk.but(target=Symbol(name))
    if disk.device == "cdrom":
        disk = disk.but(readonly=True)
    if disk.bus is None:
        disk = disk.but(bus=Symbol("fdc" if disk.device == "floppy" else next((bus for p, bus in _BY_PREFIX if name.startswith(p)), "ide")))
    if disk.readonly and disk.snapshot == "no":
        disk = without(disk, "snapshot")
    if isinstance(source, VhostUserSource) and not disk.readonly:
        disk = filled(disk, snapshot=Symbol("no"))
    if disk.bus != "usb":
        disk = without(disk, "removable")
    disk = disk.but(source=source)
    return disk if disk.address is not None else _placed(disk, index_of(name))


def _placed(disk: Disk, index: int) -> Disk:
    if index < 0:
        return disk
    match disk.bus:
        case "scsi":
            where = (index // NARROW_UNITS, 0, index % NARROW_UNITS)
        case "ide":
            where = (index // 4, index % 4 // 2, index % 2)
        case "sata":
            where = (index // 6, 0, index % 6)
        case "fdc":
            where = (index // 2, 0, index % 2)
        case _:
            return disk
    return disk.but(address=DriveAddress(controller=where[0], bus=where[1], target=0, unit=where[2]))


def _tuned(disk: Disk, disks: list[Disk]) -> Disk:
    """The limits of a group are those of the first disk that states them (virDomainDiskExpandGroupIoTune,
    src/conf/domain_postparse.c 9.0.0)."""
    own = disk.iotune
    if own is None or own.group_name is None or _limited(own):
        return disk
    other = next((d.iotune for d in disks if d.iotune and d.iotune.group_name == own.group_name and _limited(d.iotune)), None)
    return disk if other is None else disk.but(iotune=other)


def _limited(tune: Iotune) -> bool:
    return any(value for name, value in vars(tune).items() if name not in ("group_name", "label", "spelling", "raw"))
