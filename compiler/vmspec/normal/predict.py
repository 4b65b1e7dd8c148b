"""What `virsh dumpxml --inactive` says after a define: the definition as libvirt parses, completes and writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from vmspec.model.domain import Domain
from vmspec.normal import (
    canonical,
    chardev,
    clock,
    controllers,
    cpu,
    devices,
    disk,
    graphics,
    interface,
    later,
    memory,
    parts,
    pci,
    places,
    platform,
    security,
    spelling,
    threads,
    usb,
)
from vmspec.normal.target import Target

Completion: TypeAlias = Callable[[Domain, Target], Domain]

PARSE: tuple[Completion, ...] = (
    parts.metadata,
    parts.cells,
    parts.features,
    disk.drives,
    canonical.spell,
    platform.identity,
    security.labels,
    threads.vcpus,
    threads.iothreads,
    threads.pins,
    threads.emulator,
    threads.limits,
    memory.limits,
    memory.numatune,
    memory.distances,
    cpu.parsed,
    later.clusters,
    clock.clock,
    clock.events,
    clock.features,
    platform.boot_menu,
    disk.parsed,
    disk.ordered,
    controllers.parsed,
    interface.parsed,
    chardev.parsed,
    devices.inputs,
    graphics.displays,
    graphics.videos,
    places.numbers,
    platform.load_parameters,
    controllers.hostdev_controllers,
)
"""virDomainDefParseXML, src/conf/domain_conf.c."""

COMPLETE: tuple[Completion, ...] = (
    controllers.indexes,
    platform.machine_type,
    platform.firmware,
    devices.implicit_inputs,
    controllers.machine_defaults,
    later.watchdog,
    later.iommu,
    devices.balloon,
    devices.panics,
    devices.audio,
    platform.canonical_machine,
    cpu.default_model,
    clock.gic,
    cpu.checks,
    memory.cells,
    chardev.isa_ports,
    disk.completed,
    interface.completed,
    controllers.models,
    chardev.serials,
    devices.others,
    memory.total,
    memory.hugepages,
    platform.boot_order,
    chardev.consoles,
    controllers.implicit,
    graphics.cards,
    later.formats,
    later.models,
    controllers.models,
)
"""virDomainDefPostParse, src/conf/domain_postparse.c: QEMU's callback, every device, then the whole."""

PLACE: tuple[Completion, ...] = (
    places.virtio_serial,
    places.spapr_vio,
    places.channels,
    places.mmio,
    pci.assign,
    usb.assign,
    places.memory_slots,
)
"""qemuDomainAssignAddresses, src/qemu/qemu_domain_address.c."""

WRITE: tuple[Completion, ...] = (cpu.written, chardev.written_consoles, canonical.spell, spelling.write)
"""virDomainDefFormatInternalSetRootName, src/conf/domain_conf.c."""

STEPS = (*PARSE, *COMPLETE, *PLACE, *WRITE)


def predict(vm: Domain, target: Target | None = None) -> Domain:
    """The normal form of a definition that libvirt accepts; of one that it refuses, something near it."""
    whom = target or Target()
    for step in STEPS:
        vm = step(vm, whom)
    return vm
