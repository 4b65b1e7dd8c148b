"""Devices of which a machine has one, and what each demands."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.rng import Random
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_arm_virt, is_pseries, is_qemu, is_s390, is_x86


@rule(4540, "duplicate-panic", phase=Phase.DEFINE, needs="panic")
def duplicate_panic(vm: Domain) -> Iterator[Finding]:
    """
    What: Two panic devices have the same model.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefRejectDuplicatePanics, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Multiple panic devices with model 'isa'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; panic a { model = isa }; panic b { model = isa } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; panic a { model = isa }; panic b { model = hyperv } }
    """
    seen: dict[str, str] = {}
    for panic in vm.panic:
        model = str(panic.model or "isa")
        first = seen.setdefault(model, panic.label)
        if first != panic.label:
            yield Finding(
                ("panic", panic.label), f"there is a panic device of model {model} already", labels=((("panic", first), "the first"),)
            )


@rule(4541, "panic-machine", phase=Phase.DEFINE, needs="panic")
def panic_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: A panic device whose model belongs to another machine, or that has an address where its model has none.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefPanic, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: only pSeries guests support panic device of model
    'pseries'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; panic { model = pseries } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; panic { model = isa } }
    """
    for panic in vm.panic:
        here = ("panic", panic.label)
        model = panic.model or ("pseries" if is_pseries(vm) else "s390" if is_s390(vm) else "isa")
        wrong = (
            (panic.model == "pseries" and not is_pseries(vm))
            or (panic.model == "s390" and not is_s390(vm))
            or (model in ("hyperv", "isa") and not is_x86(vm))
        )
        if wrong:
            yield Finding(
                (*here, "model"),
                f"{describe(vm)} has no panic device {model}",
                instead="isa" if is_x86(vm) else None,
                until="9.1.0" if panic.model is None and is_arm_virt(vm) else "",
            )
        elif panic.address is not None and model in ("pseries", "s390", "hyperv"):
            yield Finding((*here, "address"), f"a panic device {model} has no address")
        elif panic.address is not None and panic.model in ("isa", None) and panic.address.tag != "isa" and is_x86(vm):
            yield Finding((*here, "address"), f"a panic device isa has an isa address, not {panic.address.tag}")


@rule(4542, "watchdog-address", phase=Phase.DEFINE, needs="watchdog")
def watchdog_address(vm: Domain) -> Iterator[Finding]:
    """
    What: An i6300esb watchdog that is not on PCI, an ib700 or diag288 with an address, or diag288 outside s390x.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainWatchdogDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: diag288 model of watchdog is allowed for s390 and s390x
    only.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; watchdog { model = diag288; action = reset } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; watchdog { model = i6300esb; action = reset } }
    """
    for dog in vm.watchdog:
        here = ("watchdog", dog.label)
        if dog.model == "diag288" and not is_s390(vm):
            yield Finding((*here, "model"), f"diag288 is for s390x, not {describe(vm)}", instead="i6300esb")
        elif dog.address is not None and dog.model in ("ib700", "diag288"):
            yield Finding((*here, "address"), f"a watchdog {dog.model} has no address")
        elif dog.address is not None and dog.model == "i6300esb" and dog.address.tag != "pci":
            yield Finding((*here, "address"), f"a watchdog i6300esb has a pci address, not {dog.address.tag}")


@rule(4543, "single-devices", phase=Phase.DEFINE, needs="iommu watchdog")
def single_devices(vm: Domain) -> Iterator[Finding]:
    """
    What: Two watchdogs or two IOMMUs.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefParseXML, src/conf/domain_conf.c; several watchdogs came with 9.1.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          watchdog a { model = i6300esb; action = reset }
          watchdog b { model = ib700; action = reset }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; watchdog a { model = i6300esb; action = reset } }
    """
    for kind, devices in (("watchdog", vm.watchdog), ("iommu", vm.iommu)):
        for device in devices[1:]:
            until = "9.1.0" if kind == "watchdog" else "11.10.0" if device.model == "smmuv3" else ""
            yield Finding((kind, device.label), f"libvirt takes one {kind}", labels=(((kind, devices[0].label), "the first"),), until=until)


@rule(4544, "vsock-cid", phase=Phase.DEFINE, needs="vsock")
def vsock_cid(vm: Domain) -> Iterator[Finding]:
    """
    What: `vsock.cid` is 0, 1 or 2.
    Why: 0 to 2 are the hypervisor, the loopback and the host (vsock(7)); libvirt 9.0.0 refuses them at define (virDomainVsockDefValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: guest CIDs must be >= 3.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; vsock { cid = 2 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; vsock { cid = 3 } }
    """
    if vm.vsock is not None and vm.vsock.cid is not None and vm.vsock.cid <= 2:
        yield Finding(("vsock", "cid"), f"CID {vm.vsock.cid} is not a guest's: they begin at 3", instead="3")


@rule(4545, "nvram-machine", phase=Phase.DEFINE, needs="nvram")
def nvram_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: `nvram` on another machine than pSeries.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefNVRAM, src/qemu/qemu_validate.c). The variables of UEFI are
    `firmware.nvram`.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: nvram device is only supported for PPC64.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; nvram { address = spapr-vio(0x3000) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35 }
    """
    if vm.nvram is not None and not is_pseries(vm) and is_qemu(vm):
        yield Finding(("nvram",), f"{describe(vm)} has no such device", help="UEFI's variables are firmware.nvram")


@rule(4546, "rng-rate", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="rng")
def rng_rate(vm: Domain) -> Iterator[Finding]:
    """
    What: A random number device with `/dev/random` and no rate.
    Why: On kernels before 5.6 /dev/random blocks when it is drained, for the host's other readers too (random(4)); /dev/urandom is the
    right one (docs/formatdomain.rst 9.0.0, "rng").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; rng { backend = random("/dev/random") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; rng { backend = random("/dev/urandom") } }
    """
    for rng in vm.rng:
        if isinstance(rng.backend, Random) and rng.backend.path == "/dev/random" and rng.rate is None:
            yield Finding(("rng", rng.label, "backend"), "the guest may drain /dev/random for all", help='use random("/dev/urandom")')


@rule(4550, "memballoon-model", phase=Phase.DEFINE, needs="memory.balloon")
def memballoon_model(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.balloon.model = xen`.
    Why: libvirt 9.0.0 refuses it with QEMU at define (qemuValidateDomainDeviceDefMemballoon, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Cannot automatically add a new PCI bus for a device with connect
    flags 00.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; balloon { model = xen } } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; balloon { model = virtio } } }
    """
    balloon = vm.memory.balloon if vm.memory is not None else None
    if balloon is not None and balloon.model == "xen" and is_qemu(vm):
        yield Finding(("memory", "balloon", "model"), "QEMU has no balloon xen", instead="virtio")
