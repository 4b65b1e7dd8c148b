"""PCI buses: roots, bridges, expanders, indexes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.check.queries.pci import buses, numbered
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import PciAddress
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import cell_count
from vmspec.model.machine import describe, is_arm_virt, is_i440fx, is_q35, is_x86
from vmspec.model.pci_topology import ROOTS, root_model

MOST = 240
"""Eight functions in each of 30 slots: slot 0 is the root's, and 0x1f the chipset's."""


@rule(4364, "too-many-root-ports", phase=Phase.DEFINE, needs="controller")
def root_ports(vm: Domain) -> Iterator[Finding]:
    """
    What: A q35 guest with more than 240 root ports on bus 0, those counted that libvirt adds below the highest index of a PCI controller.
    Why: libvirt puts eight of them in a slot and finds no further one (qemuDomainAssignPCIAddresses, src/qemu/qemu_domain_address.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses an index of 241 and takes 240: a PCI slot is needed to connect a PCI controller
    model='pcie-root-port', but none is available, and it cannot be automatically added.
    Example:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller port { type = pci; index = 250; model = pcie-root-port }
        }
    Instead:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller port { type = pci; index = 240; model = pcie-root-port }
        }
    """
    if not is_q35(vm):
        return
    there = buses(vm)
    highest = max(there, default=0)
    if highest <= MOST or highest > 255:
        return
    ports = [number for number in range(1, highest + 1) if number not in there or _on_root(there[number])]
    if len(ports) > MOST:
        last = there[highest]
        at = ("controller", last.label) if last is not None else ("controller",)
        yield Finding(at, f"bus 0 has room for {MOST} root ports, and with PCI controller {highest} there are {len(ports)}")


def _on_root(controller: Controller | None) -> bool:
    if controller is None or controller.model != "pcie-root-port":
        return False
    at = controller.address
    return at is None or not isinstance(at, PciAddress) or not at.bus


@rule(4508, "root-model-mismatch", phase=Phase.DEFINE, needs="controller")
def root_model_mismatch(vm: Domain) -> Iterator[Finding]:
    """
    What: PCI controller 0 is pci-root on q35 or pcie-root on i440fx; or, of controllers without an index, the first is no root, or another
    is one.
    Why: The root is part of the machine type; libvirt 9.0.0 refuses another at define (qemuDomainDefAddDefaultDevices,
    src/qemu/qemu_domain.c; qemuDomainControllerDefPostParse of the same file).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: The PCI controller with index='0' must be model='pcie-root' for this
    machine type, but model='pci-root' was found instead.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; controller pci0 { type = pci; index = 0; model = pci-root } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; controller pci0 { type = pci; index = 0; model = pcie-root } }
    """
    right = root_model(vm) if is_x86(vm) else None
    if right is None:
        return
    for controller, index in numbered(vm):
        at = ("controller", controller.label, "model")
        root = controller.model in ROOTS
        if index == 0 and root and controller.model != right:
            yield Finding(at, f"{describe(vm)} has {with_article(right)}, not {with_article(str(controller.model))}", instead=right)
        elif controller.index is None and controller.model and root != (index == 0):
            first = "the first without an index" if index == 0 else "not the first without an index"
            what = with_article(str(controller.model))
            yield Finding(at, f"{what} is PCI controller {index} here: it is {first}", help="write the index")


@rule(4509, "duplicate-index", phase=Phase.DEFINE, needs="controller")
def duplicate_index(vm: Domain) -> Iterator[Finding]:
    """
    What: Two controllers of one type (but usb) have the same index.
    Why: Addresses name controllers by their number; libvirt 9.0.0 refuses two at define (virDomainDefRejectDuplicateControllers,
    src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Multiple 'scsi' controllers with index '0'.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
          controller scsi1 { type = scsi; index = 0; model = virtio-scsi }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
          controller scsi1 { type = scsi; index = 1; model = virtio-scsi }
        }
    """
    seen: dict[tuple[str, int], str] = {}
    for controller in vm.controller:
        if controller.type == "usb" or controller.index is None:
            continue
        key = (str(controller.type), controller.index)
        first = seen.setdefault(key, controller.label)
        if first != controller.label:
            yield Finding(
                ("controller", controller.label, "index"),
                f"two {key[0]} controllers have index {key[1]}",
                labels=((("controller", first, "index"), "the first"),),
            )


@rule(4510, "expander-node", phase=Phase.DEFINE, needs="controller")
def expander_node(vm: Domain) -> Iterator[Finding]:
    """
    What: A PCI expander names a NUMA cell that the guest does not have, or the root names one.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c; virDomainControllerDefValidate,
    src/conf/domain_validate.c).
    Example:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller x { model = pcie-expander-bus; type = pci; index = 9; address = pci(0000:00:05.0); target { bus-nr = 200; node = 1 } }
        }
    Instead:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          numa.cell 0 { cpus = 0-1; memory = 1GiB }
          controller x { model = pcie-expander-bus; type = pci; index = 9; address = pci(0000:00:05.0); target { bus-nr = 200; node = 0 } }
        }
    """
    for controller in vm.controller:
        target = controller.target
        if controller.type != "pci" or target is None or target.node is None:
            continue
        here = ("controller", controller.label, "target", "node")
        if controller.index == 0:
            yield Finding(here, "the PCI root belongs to no cell")
        elif (count := cell_count(vm)) is not None and target.node >= count:
            yield Finding(here, f"cell {target.node} does not exist: the guest has {count or 'none'}")


@rule(4511, "expander-machine", phase=Phase.DEFINE, needs="controller")
def expander_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: `pci-expander-bus` on another machine than i440fx, or `pcie-expander-bus` on another than q35 (or ARM virt).
    Why: libvirt 9.0.0 refuses it at define (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c).
    Example:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller pxb1 { type = pci; model = pci-expander-bus; index = 9; target { bus-nr = 200 } }
        }
    Instead:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller pxb1 { type = pci; model = pcie-expander-bus; index = 9; address = pci(0000:00:05.0); target { bus-nr = 200 } }
        }
    """
    for controller in vm.controller:
        if controller.model == "pci-expander-bus" and not is_i440fx(vm):
            yield Finding(
                ("controller", controller.label, "model"),
                f"a pci-expander-bus needs i440fx, not {describe(vm)}",
                instead="pcie-expander-bus" if is_q35(vm) else None,
            )
        elif controller.model == "pcie-expander-bus" and not is_q35(vm) and not is_arm_virt(vm):
            yield Finding(("controller", controller.label, "model"), f"a pcie-expander-bus needs q35, not {describe(vm)}")
