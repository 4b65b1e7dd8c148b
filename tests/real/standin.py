"""Lets a domain for a real host run on any machine under emulation: what the host lacks is stood in for, what the guest sees stays.

Kept: vCPUs and their topology, cells, memory, controllers, addresses, MACs, serials, buses. Replaced: KVM by TCG, the host's CPU by a
named one, disk sources by sparse images, networks by user networking. Left out: pins, schedulers, NUMA binding of host memory, huge
pages, locked memory, host devices, what only KVM offers. Every change is returned, so that a test can say what it did not try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

_IMAGE_SIZE = 64 << 20
_CPU_MODEL = "Skylake-Server"  # QEMU's `max` hides threads from the guest; this model shows them, and emulation only warns of it
_HOST_BOUND = ("numatune", "cputune", "blkiotune", "memtune", "resource", "seclabel", "launchSecurity")
_BACKING = ("hugepages", "locked", "nosharepages")
_KVM_FEATURES = ("kvm", "hyperv", "pmu")
_KVM_TIMERS = ("kvmclock", "hypervclock", "tsc")
_DISK_GONE = ("source", "auth", "mirror", "backingStore", "encryption")
_FILE_ONLY = ("cache", "io", "metadata_cache")  # a file on tmpfs has no O_DIRECT
_NETS = ("bridge", "network", "direct", "vhostuser", "ethernet", "vdpa")
_USER_KEEPS = ("mac", "model", "boot", "address", "alias", "link", "rom", "acpi")


def stand_in(xml: str, folder: Path) -> tuple[str, tuple[str, ...]]:
    """The domain with stand-ins whose images lie in `folder`, and what was changed."""
    domain = etree.fromstring(xml.encode())
    changes = [*_emulated(domain), *_unbound(domain)]
    for disk in domain.iterfind("devices/disk"):
        changes += _disk(disk, folder)
    for interface in domain.iterfind("devices/interface"):
        changes += _interface(interface)
    changes += _without(domain, "devices", lambda each: each.tag == "hostdev")
    return etree.tostring(domain, encoding="unicode"), tuple(changes)


def _without(domain: etree._Element, where: str, which: Callable[[etree._Element], bool]) -> Iterator[str]:
    """Removes the children of `where` that `which` names, and names them."""
    for parent in domain.findall(where):
        for child in [each for each in parent if which(each)]:
            parent.remove(child)
            tag = str(child.tag)
            yield f"{tag} left out"


def _emulated(domain: etree._Element) -> Iterator[str]:
    if domain.get("type") == "kvm":
        domain.set("type", "qemu")
        yield "kvm → qemu"
    for cpu in domain.findall("cpu"):
        yield f"cpu → {_CPU_MODEL}"
        cpu.attrib.clear()
        for child in [each for each in cpu if each.tag not in ("topology", "numa")]:
            cpu.remove(child)
        cpu.attrib.update({"mode": "custom", "match": "exact", "check": "none"})
        model = etree.Element("model", fallback="allow")
        model.text = _CPU_MODEL
        cpu.insert(0, model)
    yield from _without(domain, "features", lambda each: each.tag in _KVM_FEATURES)
    yield from _without(domain, "clock", lambda each: each.get("name") in _KVM_TIMERS)


def _unbound(domain: etree._Element) -> Iterator[str]:
    yield from _without(domain, ".", lambda each: each.tag in _HOST_BOUND)
    yield from _without(domain, "memoryBacking", lambda each: each.tag in _BACKING)
    for vcpu in domain.findall("vcpu"):
        vcpu.attrib.pop("cpuset", None)


def _disk(disk: etree._Element, folder: Path) -> Iterator[str]:
    """A sparse raw image as the source; the bus, the target, the serial and the address stay."""
    target = disk.find("target")
    image = folder / f"{'disk' if target is None else target.get('dev')}.img"
    with image.open("wb") as file:
        file.truncate(_IMAGE_SIZE)
    yield f"disk {image.stem}: {disk.get('type', 'file')} → sparse file"
    for child in [each for each in disk if each.tag in _DISK_GONE]:
        disk.remove(child)
    disk.set("type", "file")
    for driver in disk.findall("driver"):
        driver.set("type", "raw")
        for name in _FILE_ONLY:
            driver.attrib.pop(name, None)
    disk.append(etree.Element("source", file=str(image)))


def _interface(interface: etree._Element) -> Iterator[str]:
    kind = interface.get("type", "")
    if kind not in _NETS:
        return
    yield f"interface: {kind} → user"
    interface.set("type", "user")
    for child in [each for each in interface if each.tag not in _USER_KEEPS]:
        interface.remove(child)
