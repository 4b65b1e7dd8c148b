"""The PCI topology of the model, and the frozen layout 1 against it."""

from __future__ import annotations

import pytest

from vmspec.lower.layout.v1 import FIRST_PORT_SLOT, I440FX_BRIDGE_SLOTS, I440FX_SLOTS, LAST_PORT_SLOT, Connect, Family, Pci, Wanted, assign
from vmspec.lower.passes.devices import INTEGRATED
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Device
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.rng import Rng
from vmspec.model.devices.shmem import Shmem
from vmspec.model.devices.sound import Sound
from vmspec.model.devices.video import Video
from vmspec.model.domain import Domain
from vmspec.model.pci_topology import (
    BUSES,
    CONTROLLERS,
    HD_AUDIO,
    IDE,
    LPC_BRIDGE,
    PIIX_USB,
    SATA,
    USB2_SLOTS,
    Plug,
    builtin_place,
    first_video,
    grown_bus,
    plug,
    root_model,
    takes,
)
from vmspec.model.value import Symbol

MACHINES = {Family.Q35: ("x86_64", "q35"), Family.I440FX: ("x86_64", "pc"), Family.VIRT: ("aarch64", "virt")}


def guest(family: Family) -> Domain:
    arch, machine = MACHINES[family]
    return Domain(name="a", arch=Symbol(arch), machine=Symbol(machine))


def pci(model: str) -> Controller:
    return Controller(label="c", type=Symbol("pci"), model=Symbol(model))


@pytest.mark.parametrize("family", Family)
def test_layout_1_puts_devices_where_the_topology_takes_them(family: Family) -> None:
    wanted = tuple(Wanted(f"{how.value}{n}", how) for n in range(40) for how in Connect)
    layout = assign(family, wanted)
    models = {controller.index: controller.model for controller in layout.controllers}
    assert models[0] == root_model(guest(family)) and not layout.homeless
    for place in layout.addresses.values():
        bus = BUSES[models[place.bus]]
        assert bus.first <= place.slot <= bus.last and takes(models[place.bus], Rng())
    for controller in layout.controllers:
        if controller.address is not None:
            assert takes(models[controller.address.bus], pci(controller.model))
            assert BUSES[models[controller.address.bus]].first <= controller.address.slot


def test_layout_1_leaves_the_chipset_its_slots() -> None:
    for own in (IDE, first_video(guest(Family.I440FX))):
        assert own is not None and own.slot not in (*I440FX_SLOTS, *I440FX_BRIDGE_SLOTS)
    ports = range(FIRST_PORT_SLOT, LAST_PORT_SLOT + 1)
    for slot in (LPC_BRIDGE.slot, HD_AUDIO.slot, *USB2_SLOTS, first_video(guest(Family.Q35)).slot):  # type: ignore[union-attr]
        assert slot not in ports
    assert not {place.slot for place in INTEGRATED} & {*ports, LPC_BRIDGE.slot}


def test_the_chipset_has_its_controllers_where_libvirt_puts_them() -> None:
    q35, i440fx = guest(Family.Q35), guest(Family.I440FX)
    sata, ide = Controller(type=Symbol("sata"), index=0), Controller(type=Symbol("ide"), index=0)
    usb = Controller(type=Symbol("usb"), index=0, model=Symbol("piix3-uhci"))
    assert (builtin_place(q35, sata), builtin_place(q35, ide), builtin_place(q35, usb)) == (SATA, None, None)
    assert (builtin_place(i440fx, sata), builtin_place(i440fx, ide), builtin_place(i440fx, usb)) == (None, IDE, PIIX_USB)
    assert builtin_place(i440fx, usb.but(index=1)) is None
    assert Pci(*SATA) == Pci(0, 0x1F, 2)


@pytest.mark.parametrize(
    ("device", "how", "bus"),
    [
        (Rng(), Plug.VIRTIO, "pcie-root-port"),
        (Rng(model=Symbol("virtio-transitional")), Plug.CONVENTIONAL, "pcie-to-pci-bridge"),
        (Disk(bus=Symbol("sata")), None, "pcie-to-pci-bridge"),
        (Interface(model=Symbol("E1000E")), Plug.EXPRESS, "pcie-root-port"),
        (Interface(model=Symbol("vmxnet3")), Plug.CONVENTIONAL, "pcie-to-pci-bridge"),
        (Interface(model=Symbol("tulip")), Plug.EXPRESS, "pcie-root-port"),
        (Video(model=Symbol("vga")), Plug.CONVENTIONAL, "pcie-to-pci-bridge"),
        (Video(model=Symbol("ramfb")), None, "pcie-to-pci-bridge"),
        (Shmem(name="s"), Plug.CONVENTIONAL, "pcie-to-pci-bridge"),
        (Sound(model=Symbol("ich9")), Plug.CONVENTIONAL, "pcie-to-pci-bridge"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_how_a_device_plugs_in(device: Device, how: Plug | None, bus: str) -> None:
    """The bus is the one that libvirt 9.0.0 added when such a device was defined at 01:00.0 or 01:03.0 of a q35 without controllers."""
    assert plug(device) is how and grown_bus(guest(Family.Q35), device) == bus


def test_what_a_bus_takes_that_is_written() -> None:
    assert set(CONTROLLERS) | {"pci-root", "pcie-root"} == set(BUSES)
    assert takes("pcie-root", pci("pci-bridge")) and takes("dmi-to-pci-bridge", Rng())  # libvirt is less strict with what is written
    assert not takes("pci-root", pci("pcie-root-port")) and not takes("pcie-switch-upstream-port", Rng())
    assert not takes("pcie-expander-bus", Rng()) and takes("pcie-expander-bus", pci("pcie-root-port"))
