"""All other devices: what each kind is filled in with."""

from __future__ import annotations

from typing import Any

from vmspec.model.devices.audio import Audio
from vmspec.model.devices.device import DriveAddress
from vmspec.model.devices.filesystem import Filesystem
from vmspec.model.devices.hostdev import Hostdev, IscsiHostdev, MdevHostdev, PciHostdev, ScsiHostdev, Subsystem, VhostScsiHostdev
from vmspec.model.devices.input import Input
from vmspec.model.devices.memory_balloon import MemoryBalloon
from vmspec.model.devices.memory_device import MemoryDevice
from vmspec.model.devices.panic import Panic
from vmspec.model.devices.rng import Random, Rng
from vmspec.model.devices.shmem import Shmem
from vmspec.model.devices.tpm import Tpm
from vmspec.model.domain import Domain
from vmspec.model.machine import ARM, arch, is_arm_virt, is_ppc64, is_pseries, is_s390, is_x86
from vmspec.model.memory import Memory
from vmspec.model.value import Size, Symbol
from vmspec.normal.disk import NARROW_UNITS
from vmspec.normal.edit import filled, labelled, made, on_each, without
from vmspec.normal.target import Target

MIB = 1024 * 1024


def inputs(vm: Domain, target: Target) -> Domain:
    """The usual bus of each kind (virDomainInputDefParseXML, src/conf/domain_conf.c 9.0.0)."""

    def bus(own: Input) -> str | None:
        if vm.os_type not in (None, "hvm"):
            return "xen" if vm.os_type in ("xen", "linux", "xenpvh") else None
        if own.type in ("mouse", "keyboard") and is_x86(vm):
            return "ps2"
        if is_s390(vm) or own.type == "passthrough":
            return "virtio"
        return None if own.type == "evdev" else "usb"

    def whole(own: Input) -> Input:
        known = bus(own)
        return filled(own, bus=Symbol(known) if known else None)

    return on_each(vm, "input", whole)


def implicit_inputs(vm: Domain, target: Target) -> Domain:
    """Mouse and keyboard: PS/2 on x86, unless that is off (10.7.0), USB on POWER with a display (qemuDomainDefAddImplicitInputDevice,
    qemuDomainDefAddDefaultDevices, src/qemu/qemu_domain.c 9.0.0)."""
    if is_x86(vm):
        if vm.features is not None and vm.features.ps2 is False and target.libvirt >= (10, 7, 0):
            return vm
        return _with_input(_with_input(vm, "mouse", "ps2"), "keyboard", "ps2")
    if not is_ppc64(vm) or not vm.graphics:
        return vm
    vm = _with_input(vm, "keyboard", "usb")
    tablet = any(own.type == "tablet" and own.bus == "usb" for own in vm.input)
    return vm if tablet else _with_input(vm, "mouse", "usb")


def _with_input(vm: Domain, kind: str, bus: str) -> Domain:
    if any(own.type == kind and own.bus == bus for own in vm.input):
        return vm
    return vm.but(input=(*vm.input, labelled(Input, f"{kind}-{bus}", type=Symbol(kind), bus=Symbol(bus))))


def balloon(vm: Domain, target: Target) -> Domain:
    """A virtio balloon, except on ARM and SPARC (qemuDomainDefAddDefaultDevices); no statistics without a period
    (virDomainMemballoonDefFormat, src/conf/domain_conf.c 9.0.0)."""
    own = vm.memory.balloon if vm.memory is not None else None
    if own is None:
        none = arch(vm) in ARM or arch(vm) == "sparc"
        return vm if none else vm.but(memory=made(vm.memory, Memory, balloon=MemoryBalloon(model=Symbol("virtio"))))
    return vm if own.stats_period else vm.but(memory=made(vm.memory, Memory, balloon=without(own, "stats_period")))


def panics(vm: Domain, target: Target) -> Domain:
    """pSeries and s390x have one of their own (qemuDomainDefAddDefaultDevices); the machine's model
    (qemuDomainDevicePanicDefPostParse, src/qemu/qemu_domain.c 9.0.0)."""
    model = "pseries" if is_pseries(vm) else "s390" if is_s390(vm) else "isa"
    if (is_pseries(vm) or is_s390(vm)) and not any(own.model in (None, model) for own in vm.panic):
        vm = vm.but(panic=(*vm.panic, labelled(Panic, "panic0")))
    return on_each(vm, "panic", lambda own: filled(own, model=Symbol(model)))


def audio(vm: Domain, target: Target) -> Domain:
    """The backend that the last server of a display suggests: Spice, or none for VNC and for no display at all; beside a window of
    SDL what libvirt's own environment says, which is nothing as a rule (qemuDomainDefSuggestDefaultAudioBackend,
    src/qemu/qemu_domain.c 9.0.0)."""
    if vm.audio:
        return vm
    kinds = [str(own.type) for own in vm.graphics if own.type in ("vnc", "spice", "sdl")]
    if (vm.graphics and not kinds) or (kinds and kinds[-1] == "sdl"):
        return vm
    kind = "spice" if kinds and kinds[-1] == "spice" else "none"
    return vm.but(audio=(labelled(Audio, "audio1", id=1, type=Symbol(kind)),))


def others(vm: Domain, target: Target) -> Domain:
    """What the parser and the per-device callbacks fill in."""
    vm = on_each(vm, "rng", _rng)
    vm = on_each(vm, "tpm", lambda own: _tpm(vm, own))
    vm = on_each(vm, "watchdog", lambda own: filled(own, action=Symbol("reset")))
    vm = on_each(vm, "shmem", _shmem)
    vm = on_each(vm, "memory_device", lambda own: _memory(own, is_ppc64(vm) and target.new))
    vm = on_each(vm, "sound", lambda own: own if own.model in ("ich6", "ich9") else without(own, "codecs"))
    vm = on_each(vm, "filesystem", _filesystem)
    vm = on_each(vm, "redirdev", lambda own: filled(own, bus=Symbol("usb")))
    if vm.vsock is not None:
        vm = vm.but(vsock=filled(vm.vsock, model=Symbol("virtio"), auto=not vm.vsock.cid))
    return hostdevs(vm, target)


def _rng(own: Rng) -> Rng:
    """/dev/random where no device is named (virDomainRNGDefPostParse, src/conf/domain_postparse.c 9.0.0)."""
    if isinstance(own.backend, Random):
        own = own.but(backend=filled(own.backend, path="/dev/random"))
    return own if own.rate is None or own.rate.bytes else without(own, "rate")


def _tpm(vm: Domain, own: Tpm) -> Tpm:
    """qemuDomainTPMDefPostParse, src/qemu/qemu_domain.c 9.0.0; the device is /dev/tpm0 (virDomainTPMDefParseXML,
    src/conf/domain_conf.c)."""
    own = filled(own, model=Symbol("tpm-spapr" if is_ppc64(vm) else "tpm-tis"))
    if own.backend == "emulator":
        new = own.model in ("tpm-spapr", "tpm-crb") or is_arm_virt(vm)
        own = filled(own, version=Symbol("2.0" if new else "1.2"))
        return own if own.persistent_state else without(own, "persistent_state")
    if own.backend == "passthrough":
        own = filled(own, device="/dev/tpm0")
    if own.backend == "external":
        own = filled(own, source_mode=Symbol("connect"))
    return without(own, "version", "persistent_state")


def _shmem(own: Shmem) -> Shmem:
    """4 MiB; interrupts where there is a server (qemuDomainShmemDefPostParse, src/qemu/qemu_domain.c 9.0.0)."""
    own = filled(own, model=Symbol("ivshmem"))
    if own.model != "ivshmem-doorbell":
        own = filled(own, size=Size(4 * MIB))
    served = own.server is not None or own.default_server
    if own.model != "ivshmem" and served:
        own = filled(own, msi_ioeventfd=True).but(msi=True)
    return own


def _memory(own: MemoryDevice, aligned: bool) -> MemoryDevice:
    """Shared for virtio-pmem (virDomainMemoryDefPostParse, src/conf/domain_postparse.c); on POWER whole pieces of 256 MiB, an nvdimm
    without its labels (qemuDomainMemoryDefPostParse, qemuDomainNVDimmAlignSizePseries, src/qemu/qemu_domain.c 9.0.0)."""
    piece = 256 * MIB
    if aligned and own.size is not None:
        labels = own.label_size or 0
        down = (own.size - labels) // piece * piece + labels
        own = own.but(size=Size(down if own.model == "nvdimm" else -(-own.size // piece) * piece))
    if own.model == "virtio-pmem":
        own = filled(own, access=Symbol("shared"))
    if own.block:
        own = filled(own, requested=Size(0))
    return without(own, "current")


def _filesystem(own: Filesystem) -> Filesystem:
    """Passthrough (virDomainFSDefPostParse, src/conf/domain_postparse.c 9.0.0), of type mount."""
    source: Any = own.source
    if getattr(source, "socket", None) is None:
        own = filled(own, accessmode=Symbol("passthrough"))
    return own.but(source=without(source, "implicit")) if source is not None else own


def hostdevs(vm: Domain, target: Target) -> Domain:
    """Whole devices say whether they are managed (virDomainHostdevDefFormat, src/conf/domain_conf.c); SCSI devices get the next unit
    (virDomainHostdevAssignAddress, src/conf/domain_postparse.c); no display (qemuDomainHostdevDefMdevPostParse,
    src/qemu/qemu_domain.c 9.0.0)."""
    scsi = [d.address for d in vm.disk if d.bus == "scsi"]
    scsi += [d.address for d in vm.hostdev if isinstance(d.source, (ScsiHostdev, IscsiHostdev))]
    used = {_unit(at) for at in scsi if isinstance(at, DriveAddress)}
    devices = []
    for own in vm.hostdev:
        own = _hostdev(own, target)
        if isinstance(own.source, (ScsiHostdev, IscsiHostdev)) and own.address is None:
            place = next((c, u) for c in range(65536) for u in range(NARROW_UNITS) if (c, 0, 0, u) not in used)
            own = own.but(address=DriveAddress(controller=place[0], bus=0, target=0, unit=place[1]))
            used.add(_unit(own.address))
        devices.append(own)
    return vm.but(hostdev=tuple(devices))


def _unit(at: Any) -> tuple[int, int, int, int]:
    return at.controller or 0, at.bus or 0, at.target or 0, at.unit or 0


def _hostdev(own: Hostdev, target: Target) -> Hostdev:
    source: Any = own.source
    if isinstance(source, Subsystem):
        source = filled(source, mode=Symbol("subsystem"))
        own = filled(own, managed=False)
    if isinstance(source, MdevHostdev) and source.model == "vfio-pci" and target.has("vfio-pci.display"):
        source = filled(source, display=False)
    if isinstance(source, IscsiHostdev) and source.name and "/" not in source.name:
        source = source.but(name=f"{source.name}/0")
    if isinstance(source, (PciHostdev, VhostScsiHostdev, MdevHostdev)):
        own = without(own, "readonly", "shareable")
    return own.but(source=source) if source is not None else own
