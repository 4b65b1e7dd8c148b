"""Guests for the tests of building, as the typed stage hands them over."""

from __future__ import annotations

from typing import TypeVar

from vmspec.base.provenance import Path, Provenance, Step, StepKind
from vmspec.base.source import Source, Span
from vmspec.lower.fleet import HostObject, Object, Vm
from vmspec.lower.lock import Lock
from vmspec.model.block import Block
from vmspec.model.boot import Boot, Firmware
from vmspec.model.cpu import Cpu, Topology
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.chardev import SpiceVmcSource
from vmspec.model.devices.console import Console
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.filesystem import Filesystem, MountSource
from vmspec.model.devices.graphics import Graphics
from vmspec.model.devices.hostdev import Hostdev, PciHostdev
from vmspec.model.devices.hub import Hub
from vmspec.model.devices.input import Input
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.iommu import Iommu
from vmspec.model.devices.memory_balloon import MemoryBalloon
from vmspec.model.devices.network import BridgeSource
from vmspec.model.devices.panic import Panic
from vmspec.model.devices.redirdev import Redirdev
from vmspec.model.devices.rng import Rng
from vmspec.model.devices.serial import Serial
from vmspec.model.devices.smartcard import HostCard, Smartcard
from vmspec.model.devices.sound import Sound
from vmspec.model.devices.storage import BlockSource, FileSource, RbdSource, VolumeSource
from vmspec.model.devices.tpm import Tpm
from vmspec.model.devices.video import Video
from vmspec.model.devices.vsock import Vsock
from vmspec.model.devices.watchdog import Watchdog
from vmspec.model.domain import Domain
from vmspec.model.features import Features
from vmspec.model.kinds import ObjectKind
from vmspec.model.memory import Memory
from vmspec.model.numa import Cell, Numa
from vmspec.model.threads import IoThread, Vcpu
from vmspec.model.value import CpuSet, Size, Symbol

B = TypeVar("B", bound=Block)
SOURCE = Source("fleet.vmspec", "vm a { }\n" * 40)
GIB = 1 << 30
NO_LOCK = Lock()


def at(line: int) -> Span:
    return Span(SOURCE, line * 9, line * 9 + 2)


def labelled(kind: type[B], label: str, **features: object) -> B:
    return kind(**{"label": label, **features})


def said(origin: str, strength: str = "plain", line: int = 1) -> Provenance:
    return (Step(StepKind.SET, origin, at(line), strength=strength),)


def vm(
    name: str, machine: str | None = "q35", /, trails: dict[Path, Provenance] | None = None, host: str | None = None, **features: object
) -> Vm:
    """1 GiB, 2 vCPUs, of the type that needs no KVM."""
    spec = {
        "type": Symbol("qemu"),
        "arch": Symbol("x86_64"),
        "os_type": Symbol("hvm"),
        "machine": Symbol(machine) if machine else None,
        "memory": Memory(size=Size(GIB)),
        "cpu": Cpu(count=2),
    }
    return Object(ObjectKind.VM, name, Domain(**{**spec, **features}), at(0), trails or {}, {}, host=host, profiles=("std.base",))


def host(spec: Block) -> HostObject:
    return Object(ObjectKind.HOST, "n1", spec, at(3), {}, {})  # type: ignore[arg-type]


def disk(label: str, path: str | None = None, **features: object) -> Disk:
    held: dict[str, object] = {"device": Symbol("disk"), "driver": Symbol("qemu"), "bus": Symbol("virtio")}
    return labelled(Disk, label, **{**held, "source": FileSource(path=path or f"/srv/{label}.qcow2"), **features})


def card(label: str, model: str = "virtio", **features: object) -> Interface:
    return labelled(Interface, label, **{"model": Symbol(model), "source": BridgeSource(bridge="br0"), **features})


def everything(name: str, machine: str) -> Vm:
    """One of nearly each device."""
    return vm(
        name,
        machine,
        disk=(
            disk("vda"),
            disk("data", bus=Symbol("scsi"), source=BlockSource(path="/dev/vg/data", format=Symbol("raw"))),
            disk("cd", device=Symbol("cdrom"), source=None),
        ),
        interface=(card("eth0"), card("eth1", "e1000e" if machine == "q35" else "e1000"), card("eth2", "e1000")),
        channel=(labelled(Channel, "agent", name="org.qemu.guest_agent.0"),),
        serial=(labelled(Serial, "serial0"),),
        graphics=(labelled(Graphics, "screen", type=Symbol("vnc")),),
        input=(labelled(Input, "tablet", type=Symbol("tablet")),),
        watchdog=(labelled(Watchdog, "watchdog0"),),
        rng=(labelled(Rng, "rng0", model=Symbol("virtio")),),
        hostdev=(labelled(Hostdev, "gpu", source=PciHostdev(mode=Symbol("subsystem"), domain=0, bus=0x3B, slot=0, function=0)),),
        sound=(labelled(Sound, "sound0", model=Symbol("ich9" if machine == "q35" else "ich6")),),
        vsock=Vsock(model=Symbol("virtio")),
    )


def shapes() -> tuple[Vm, ...]:
    """Guests that between them meet every expansion."""
    shared = Memory(size=Size(GIB), source=Symbol("memfd"), access=Symbol("shared"))
    acpi = Features(acpi=True)
    cells = (
        labelled(Cell, "0", cpus=CpuSet.span(0, 1), memory=Size(GIB // 2), nodeset=CpuSet(1), mode=Symbol("strict")),
        labelled(Cell, "1", cpus=CpuSet.span(2, 3), memory=Size(GIB // 2)),
    )
    threads = tuple(labelled(IoThread, str(n), declared=True, scheduler=Symbol("fifo"), priority=2) for n in (1, 2))
    serials = (
        labelled(Serial, "s0"),
        labelled(Serial, "s1", target=Symbol("pci-serial")),
        labelled(Serial, "s2", target=Symbol("usb-serial")),
    )
    sd = [disk(f"sd{c}", bus=Symbol("scsi")) for c in "abcdefgh"]
    return (
        everything("everything", "q35"),
        everything("everything-pc", "pc"),
        vm("least"),
        vm("least-pc", "pc"),
        vm("no-machine", None),
        vm("host-model", cpu=Cpu(count=2, mode=Symbol("host-model"))),
        vm("pinned", cpu=Cpu(count=4, mode=Symbol("host-passthrough"), pin=CpuSet.span(2, 5), features={"rdtscp": Symbol("require")})),
        vm("named-cpu", cpu=Cpu(count=4, model=Symbol("Nehalem"), topology=Topology(sockets=1, cores=2, threads=2))),
        vm("features-only", cpu=Cpu(count=4, features={"rdtscp": Symbol("require")})),
        vm(
            "realtime",
            cpu=Cpu(count=4),
            vcpu=tuple(labelled(Vcpu, str(n), scheduler=Symbol("fifo"), priority=1) for n in range(3)),
            iothread=threads,
            disk=(disk("vda", iothread=2),),
        ),
        vm("implied-iothread", disk=(disk("vda", iothread=3),)),
        vm("cells", cpu=Cpu(count=4), numa=Numa(cell=cells), memory=Memory(size=Size(GIB), hugepages=Size(2 << 20))),
        vm(
            "spice",
            graphics=(labelled(Graphics, "screen", type=Symbol("spice")),),
            video=(labelled(Video, "a", model=Symbol("qxl")), labelled(Video, "b", model=Symbol("qxl"))),
            redirdev=(labelled(Redirdev, "r", bus=Symbol("usb"), source=SpiceVmcSource()),),
        ),
        vm(
            "fixed-port",
            graphics=(labelled(Graphics, "screen", type=Symbol("vnc"), listen="127.0.0.1", port=5905),),
            video=(labelled(Video, "v", model=Symbol("virtio")),),
        ),
        vm("consoles", console=(labelled(Console, "c0"), labelled(Console, "c1", target=Symbol("virtio")))),
        vm("serials", serial=serials),
        vm("tpm", tpm=(labelled(Tpm, "tpm0", backend=Symbol("emulator")),)),
        vm("panics", panic=(labelled(Panic, "a"), labelled(Panic, "b", model=Symbol("hyperv")))),
        vm("virtio-iommu", iommu=(labelled(Iommu, "iommu0", model=Symbol("virtio")),), features=acpi),
        vm("9p", filesystem=(labelled(Filesystem, "srv", source=MountSource(dir="/srv"), target="srv"),), memory=shared),
        vm(
            "virtiofs",
            filesystem=(labelled(Filesystem, "srv", driver=Symbol("virtiofs"), source=MountSource(dir="/srv"), target="srv"),),
            memory=shared,
        ),
        vm(
            "own-controllers",
            controller=(
                labelled(Controller, "fast", type=Symbol("scsi"), iothread=1),
                labelled(Controller, "slow", type=Symbol("scsi")),
                labelled(Controller, "hot", type=Symbol("pci"), model=Symbol("pcie-root-port")),
            ),
            disk=tuple(sd),
        ),
        vm("sata", disk=tuple(disk(f"sd{c}", bus=Symbol("sata")) for c in "abcdefgh")),
        vm("ide", "pc", disk=(*(disk(f"hd{c}", bus=Symbol("ide")) for c in "abc"), disk("fda", device=Symbol("floppy"), source=None))),
        vm(
            "usb",
            disk=(disk("stick", bus=Symbol("usb")),),
            smartcard=(labelled(Smartcard, "smartcard0", source=HostCard()),),
            hub=(labelled(Hub, "h", type=Symbol("usb")),),
            sound=(labelled(Sound, "s", model=Symbol("usb")),),
        ),
        vm("many-disks", disk=tuple(disk(f"vd{c}") for c in "abcdefghijklmnopqrstuvwxyz")),
        vm("many-disks-pc", "pc", disk=tuple(disk(f"vd{c}") for c in [*"abcdefghijklmnopqrstuvwxyz", "aa", "ab", "ac"])),
        vm("no-balloon", memory=Memory(size=Size(GIB), balloon=MemoryBalloon(model=Symbol("none")))),
        vm("efi", firmware=Firmware(type=Symbol("efi")), features=acpi),
        vm("kernel", boot=Boot(kernel="/boot/vmlinuz", initrd="/boot/initrd", cmdline="quiet")),
        vm(
            "network-disks",
            disk=(
                disk("vda", source=RbdSource(name="pool/image", monitors=("ceph-mon-1:6789",), format=Symbol("raw"))),
                disk("v", source=VolumeSource(pool="p", volume="v.qcow2")),
            ),
        ),
        vm("usb-card", interface=(card("e", "usb-net"),)),
        vm("transitional", interface=(card("e", "virtio-transitional"),)),
    )
