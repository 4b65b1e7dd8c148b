"""Controllers: their order and numbers, models, and those that libvirt adds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vmspec.model.devices.controller import Controller, PciTarget
from vmspec.model.devices.device import CcidAddress, DriveAddress, VirtioSerialAddress
from vmspec.model.devices.hostdev import IscsiHostdev, ScsiHostdev
from vmspec.model.domain import Domain
from vmspec.model.machine import (
    arch,
    has_builtin_esp,
    is_arm_virt,
    is_i440fx,
    is_ppc64,
    is_pseries,
    is_q35,
    is_riscv,
    is_riscv_virt,
    is_s390,
    machine,
)
from vmspec.model.value import Symbol
from vmspec.normal.edit import labelled, on_each, without
from vmspec.normal.guest import controller
from vmspec.normal.target import Target

_MASTER = {"ich9-uhci1": "0", "ich9-uhci2": "2", "ich9-uhci3": "4"}
USB2 = ("ich9-ehci1", "ich9-uhci1", "ich9-uhci2", "ich9-uhci3")


def parsed(vm: Domain, target: Target) -> Domain:
    """Controllers of one kind stand together by number, companions after their master; USB 2 companions have their first port
    (virDomainControllerDefParseXML, virDomainControllerInsertPreAlloced, src/conf/domain_conf.c 9.0.0)."""
    placed: list[Controller] = []
    for own in vm.controller:
        own = _parsed(own)
        placed.insert(_place(placed, own), own)
    return vm.but(controller=tuple(placed))


def _parsed(own: Controller) -> Controller:
    own = own.but(type=own.type or Symbol("ide"))
    if own.type == "usb" and own.master is None and str(own.model) in _MASTER:
        own = own.but(master=Symbol(_MASTER[str(own.model)]))
    if own.type == "usb" and own.model == "none":
        own = without(own, "address", "alias")
    if own.type != "pci":
        own = without(own, "model_name", "target", "pcihole64")
    elif own.model not in ("pci-root", "pcie-root"):
        own = without(own, "pcihole64")
    if own.type not in ("usb", "virtio-serial"):
        own = without(own, "ports")
    if own.type != "virtio-serial":
        own = without(own, "vectors")
    return without(own, *(name for name in ("queues", "cmd_per_lun", "max_sectors", "iothread") if getattr(own, name) == 0))


def _place(placed: list[Controller], own: Controller) -> int:
    at: int | None = None
    for place in range(len(placed) - 1, -1, -1):
        other = placed[place]
        if other.type != own.type:
            continue
        if own.index is None:
            return place + 1
        known = -1 if other.index is None else other.index
        if known > own.index or (own.master is None and other.master is not None and known == own.index):
            at = place
        elif at is None:
            at = place + 1
    return len(placed) if at is None else at


def indexes(vm: Domain, target: Target) -> Domain:
    """The lowest free number; companions of USB 2 share their master's (virDomainAssignControllerIndexes,
    src/conf/domain_postparse.c 9.0.0)."""
    own = list(vm.controller)
    for at, each in enumerate(own):
        if each.index is not None:
            continue
        index = _companion(own, at) if at and each.type == "usb" and each.model in USB2 else None
        own[at] = each.but(index=index if index is not None else _free(own, str(each.type)))
    return vm.but(controller=tuple(own))


def _companion(own: list[Controller], at: int) -> int | None:
    before = next((c for c in reversed(own[:at]) if c.type == "usb"), None)
    if before is None or before.model not in USB2:
        return None
    taken = any(c.type == "usb" and c.index == before.index and c.model == own[at].model for c in own)
    return None if taken else before.index


def _free(own: Iterable[Controller], kind: str) -> int:
    used = {c.index for c in own if c.type == kind}
    return next(n for n in range(65536) if n not in used)


def added(vm: Domain, kind: str, index: int | None = None, model: str | None = None, **features: Any) -> Domain:
    """With a controller of this number, if there is none (virDomainDefMaybeAddController)."""
    if index is not None and controller(vm, kind, index) is not None:
        return vm
    number = _free(vm.controller, kind) if index is None else index
    return vm.but(controller=(*vm.controller, new(kind, number, model, **features)))


def new(kind: str, index: int, model: str | None = None, **features: Any) -> Controller:
    named = {"model": Symbol(model)} if model else {}
    return labelled(Controller, f"{kind}{index}", type=Symbol(kind), index=index, **named, **features)


def machine_defaults(vm: Domain, target: Target) -> Domain:
    """A USB controller, q35's SATA controller, the PCI root (qemuDomainDefAddDefaultDevices, src/qemu/qemu_domain.c 9.0.0)."""
    usb, model = _default_usb(vm, target)
    if usb and controller(vm, "usb", 0) is None:
        vm = added(vm, "usb", 0, model)
        if model == "ich9-ehci1":
            companions = tuple(new("usb", 0, name, master=Symbol(port)) for name, port in _MASTER.items())
            vm = vm.but(controller=(*vm.controller, *companions))
    if is_q35(vm):
        vm = added(vm, "sata", 0)
    root = _pci_root(vm, target)
    return added(vm, "pci", 0, root) if root is not None else vm


def _default_usb(vm: Domain, target: Target) -> tuple[bool, str | None]:
    if is_q35(vm):
        models = (("qemu-xhci", "qemu-xhci"), ("nec-usb-xhci", "nec-xhci"), ("ich9-usb-ehci1", "ich9-ehci1"))
        found = next((model for flag, model in models if target.has(flag)), None)
        return found is not None, found
    none = machine(vm) == "isapc" or arch(vm) in ("armv6l", "armv7l", "aarch64", "sparc") or is_riscv(vm) or is_s390(vm)
    return not none, None


def _pci_root(vm: Domain, target: Target) -> str | None:
    if is_q35(vm) or ((is_arm_virt(vm) or is_riscv_virt(vm)) and target.has("gpex-pcihost")):
        return None if arch(vm) == "armv6l" else "pcie-root"
    conventional = is_i440fx(vm) or is_ppc64(vm) or arch(vm) in ("alpha", "ppc", "ppcemb", "sh4", "sh4eb", "sparc64")
    malta = arch(vm).startswith("mips") and machine(vm) == "malta"
    zpci = is_s390(vm) and target.has("zpci")
    return "pci-root" if conventional or malta or zpci or (arch(vm) == "armv6l" and machine(vm) == "versatilepb") else None


def models(vm: Domain, target: Target) -> Domain:
    """Models of USB and SCSI controllers (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c;
    qemuDomainGetSCSIControllerModel, src/qemu/qemu_domain_address.c 9.0.0)."""

    def modelled(own: Controller) -> Controller:
        if own.model is not None and own.model != "auto":
            return own
        model = _scsi(vm, target) if own.type == "scsi" else _usb(vm, target, own) if own.type == "usb" else None
        return own.but(model=Symbol(model)) if model is not None else own

    return on_each(vm, "controller", modelled)


def _scsi(vm: Domain, target: Target) -> str | None:
    if is_pseries(vm):
        return "ibmvscsi"
    if is_s390(vm):
        return "virtio-scsi"
    if target.has("lsi"):
        return "lsilogic"
    return "virtio-scsi" if target.has("virtio-scsi-pci") else "ncr53c90" if has_builtin_esp(vm) else None


def _usb(vm: Domain, target: Target, own: Controller) -> str | None:
    xhci = "qemu-xhci" if target.has("qemu-xhci") else "nec-xhci" if target.has("nec-usb-xhci") else None
    legacy = "piix3-uhci" if target.has("piix3-usb-uhci") else None
    if is_s390(vm):
        return "none" if own.address is None else legacy
    if is_ppc64(vm):
        return xhci if target.new and xhci else "pci-ohci" if target.has("pci-ohci") else None
    return xhci or legacy if arch(vm) == "aarch64" else legacy


def implicit(vm: Domain, target: Target) -> Domain:
    """Controllers that the addresses of disks, channels, smartcards and SCSI devices name (virDomainDefAddImplicitControllers,
    src/conf/domain_conf.c 9.0.0)."""
    for kind, bus in (("scsi", "scsi"), ("fdc", "fdc"), ("ide", "ide"), ("sata", "sata")):
        for index in range(_last_drive(vm, bus) + 1):
            vm = added(vm, kind, index)
    ports: list[Any] = [*vm.channel, *vm.console]
    for at in [port.address for port in ports if port.target == "virtio"]:
        vm = added(vm, "virtio-serial", (at.controller or 0) if isinstance(at, VirtioSerialAddress) else 0)
    vm = _readers(vm)
    return hostdev_controllers(vm, target)


def _last_drive(vm: Domain, bus: str) -> int:
    return max((d.address.controller or 0 for d in vm.disk if d.bus == bus and isinstance(d.address, DriveAddress)), default=-1)


def _readers(vm: Domain) -> Domain:
    cards = list(vm.smartcard)
    for at, card in enumerate(cards):
        if card.address is None:
            taken = [c.address.slot or 0 for c in cards if isinstance(c.address, CcidAddress) and not c.address.controller]
            cards[at] = card = card.but(address=CcidAddress(controller=0, slot=max(taken, default=-1) + 1))
        index = card.address.controller or 0 if isinstance(card.address, CcidAddress) else 0
        vm = added(vm, "ccid", index)
    return vm.but(smartcard=tuple(cards))


def hostdev_controllers(vm: Domain, target: Target) -> Domain:
    """SCSI controllers up to the one that a host device needs (virDomainDefMaybeAddHostdevSCSIcontroller)."""
    last, model = -1, None
    for device in vm.hostdev:
        if isinstance(device.source, (ScsiHostdev, IscsiHostdev)):
            index = device.address.controller or 0 if isinstance(device.address, DriveAddress) else 0
            if index > last:
                last = index
                own = controller(vm, "scsi", index)
                model = str(own.model) if own is not None and own.model is not None else model
    for index in range(last + 1):
        vm = added(vm, "scsi", index, model)
    return vm


def pci_target(own: Controller, **numbers: int) -> Controller:
    """With these numbers, where none are said."""
    before = own.target or PciTarget()
    missing = {name: number for name, number in numbers.items() if getattr(before, name) is None}
    return own.but(target=before.but(**missing)) if missing else own
