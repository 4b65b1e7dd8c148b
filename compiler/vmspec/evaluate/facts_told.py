"""What the facts of a host say in place of its block, as settings of the language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from vmspec.base.provenance import Path
from vmspec.evaluate.evaluated import SettledObject
from vmspec.model.facts import HostFacts
from vmspec.model.value import CpuSet, Rate, Size, Symbol, Value

MBIT = 125_000
"""Bytes per second."""
OS = {"almalinux": "alma", "sles": "suse", "sle_hpc": "suse", "opensuse-leap": "opensuse", "opensuse-tumbleweed": "opensuse"}
"""IDs of os-release(5) that the language calls by another word."""
KNOWN_OS = ("debian", "ubuntu", "rhel", "fedora", "centos", "rocky", "alma", "suse", "opensuse", "arch")
BOOTLOADERS = ("grub", "grubby", "systemd-boot", "rpm-ostree", "bootc", "zipl")
BRIDGES = "06"
"""The PCI class of bridges, which stay with the host also where they are in the IOMMU group of a device (Linux
Documentation/driver-api/vfio.rst)."""


def told_by(facts: HostFacts, host: SettledObject, stated: Collection[Path]) -> tuple[list[Path], dict[Path, Value]]:
    """The blocks and the values that the facts tell. Nodes are told only where the block has none: it may leave one out on purpose, and
    then no core and no device is told to be there."""
    blocks: list[Path] = []
    values: dict[Path, Value] = {path: value for path, value in _scalars(facts) if value is not None}
    own = any(path[0] == "numa" for path in (*stated, *host.blocks))
    named = {path[:2] for path in (*stated, *host.blocks) if len(path) > 1}
    for node in facts.numa:
        at: Path = ("numa", str(node.id))
        if not own:
            blocks.append(at)
        if not own or at in named:
            values[*at, "cpus"] = node.cpus
            if node.memory is not None:
                values[*at, "memory"] = Size(node.memory)
            if node.distances:
                values[*at, "distances"] = node.distances
    if own:
        values[("siblings",)] = _left(facts, {path[1] for path in named if path[0] == "numa"}, host)
    for at, entry in (*_cards(facts, host), *_devices(facts, host)):
        if at not in host.blocks:
            blocks.append(at)
        absent = own and ("numa", str(entry["node"])) not in named
        values |= {(*at, name): value for name, value in entry.items() if value is not None and not (absent and name == "node")}
    return blocks, {path: value for path, value in values.items() if value != ()}


def _left(facts: HostFacts, nodes: Collection[str], host: SettledObject) -> Value:
    """The cores whose CPUs the block's nodes all have."""
    stated = {number: host.values.get(("numa", number, "cpus")) for number in nodes}
    own = [value.value for value in stated.values() if value is not None and isinstance(value.value, CpuSet)]
    own += [node.cpus for node in facts.numa if str(node.id) in nodes and stated[str(node.id)] is None]
    cpus = CpuSet.of(cpu for each in own for cpu in each)
    return tuple(core for core in facts.siblings if not core - cpus)


def os_of(facts: HostFacts) -> str | None:
    """The language's word for the distribution; that of its nearest kin where it has none of its own."""
    words = [OS.get(each, each) for each in (facts.os, *facts.os_like) if each]
    return next((word for word in words if word in KNOWN_OS), "other" if words else None)


def _scalars(facts: HostFacts) -> Iterator[tuple[Path, Value | None]]:
    yield ("libvirt",), facts.libvirt
    yield ("qemu",), facts.qemu
    yield ("kernel-version",), facts.kernel
    yield ("cpu-model",), facts.cpu_model
    yield ("arch",), Symbol(facts.arch) if facts.arch else None
    yield ("vendor",), Symbol(facts.vendor) if facts.vendor else None
    os = os_of(facts)
    yield ("os",), Symbol(os) if os else None
    yield ("bootloader",), Symbol(facts.bootloader) if facts.bootloader in BOOTLOADERS else None
    yield ("siblings",), facts.siblings or None


def _cards(facts: HostFacts, host: SettledObject) -> Iterator[tuple[Path, Mapping[str, Value | None]]]:
    labels = _labels(host, "nic")
    for card in facts.nics:
        speed = Rate(card.speed * MBIT) if card.speed is not None else None
        yield (
            ("nic", labels.get(card.address or "", card.name)),
            {"node": card.node, "address": card.address, "speed": speed, "mtu": card.mtu},
        )


def _devices(facts: HostFacts, host: SettledObject) -> Iterator[tuple[Path, Mapping[str, Value | None]]]:
    labels = _labels(host, "device")
    for device in facts.devices:
        if not (device.kind or "").startswith(BRIDGES):
            yield (
                ("device", labels.get(device.address, device.address)),
                {
                    "address": device.address,
                    "id": device.id,
                    "node": device.node,
                    "iommu-group": device.iommu_group,
                    "driver": device.driver,
                },
            )


def _labels(host: SettledObject, kind: str) -> Mapping[str, str]:
    """The label that the host's block gives what is at an address."""
    return {str(value.value): path[1] for path, value in host.values.items() if path[0] == kind and path[2:] == ("address",)}
