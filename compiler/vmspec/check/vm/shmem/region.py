"""Shared memory regions."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import misfit
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.shmem import Shmem
from vmspec.model.value import show_quantity


@rule(4363, "shmem-legacy-model", phase=Phase.DEFINE)
def legacy_model(shmem: Shmem) -> Iterator[Finding]:
    """
    What: A shared memory device of the model ivshmem, or of none, which means ivshmem.
    Why: QEMU has split the device into ivshmem-plain and ivshmem-doorbell and has the old one no more; libvirt asks QEMU for it at define
    (qemuValidateDomainDeviceDefShmem, src/qemu/qemu_validate.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: ivshmem device is not supported with this QEMU binary.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; shmem s { name = "s"; size = 4MiB } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; shmem s { name = "s"; size = 4MiB; model = ivshmem-plain } }
    """
    if shmem.model in (None, "ivshmem"):
        now = "ivshmem-doorbell" if shmem.server or shmem.default_server else "ivshmem-plain"
        at = ("shmem", shmem.label, *(("model",) if shmem.model else ()))
        yield Finding(at, f"QEMU has no ivshmem, libvirt's default model, any more: it is {now} now", instead=now if shmem.model else None)


@rule(4850, "shmem-size", phase=Phase.START, needs="size")
def size(shmem: Shmem) -> Iterator[Finding]:
    """
    What: The size of a shared memory device is not a power of two, or below 1 MiB.
    Why: libvirt 9.0.0 accepts it at define and refuses it as the guest starts ("shmem size must be a power of two", qemuBuildShmemDevProps
    and qemuValidateShmem, src/qemu/qemu_command.c); 11.3.0 refuses it at define (src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: shmem size must be a power of two.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; shmem s { name = "s"; size = 3MiB; model = ivshmem-plain } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; shmem s { name = "s"; size = 4MiB; model = ivshmem-plain } }
    """
    size = shmem.size
    if size and (size & (size - 1) or size < 1 << 20):
        message = f"size {show_quantity(size)} is not a power of two from 1MiB"
        yield Finding(("shmem", shmem.label, "size"), message, instead="4MiB", refused="11.3.0")


@rule(4851, "shmem-server-model", phase=Phase.DEFINE, needs="model msi msi_vectors server size")
def server_model(shmem: Shmem) -> Iterator[Finding]:
    """
    What: ivshmem-doorbell without a server or with a size, ivshmem-plain with a server or interrupts, or interrupts without a server.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainShmemDefPostParse, src/qemu/qemu_domain.c; virDomainShmemDefParseXML,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          shmem s { name = "s"; model = ivshmem-plain; size = 4MiB; server = "/run/shmem.sock" }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; shmem s { name = "s"; model = ivshmem-plain; size = 4MiB } }
    """
    here = ("shmem", shmem.label)
    msi = shmem.msi or shmem.msi_vectors is not None or shmem.msi_ioeventfd is not None
    served = bool(shmem.server or shmem.default_server)
    if shmem.model == "ivshmem-plain" and served:
        yield Finding((*here, "server"), "ivshmem-plain has no server", help="use model = ivshmem-doorbell")
    elif shmem.model == "ivshmem-doorbell" and not served:
        yield Finding((*here, "model"), "a doorbell needs a server")
    elif shmem.model == "ivshmem-doorbell" and shmem.size:
        yield Finding((*here, "size"), "the server of a doorbell says the size")
    elif msi and not served:
        yield Finding((*here, "msi-vectors" if shmem.msi_vectors is not None else "msi"), "interrupts need a server")


@rule(4852, "shmem-name", phase=Phase.DEFINE)
def name(shmem: Shmem) -> Iterator[Finding]:
    """
    What: A shared memory device has no name, or one that is `.` or `..`, or has a slash.
    Why: It is a file below /dev/shm, and guests that share it name the same one;
    libvirt 9.0.0 refuses these at define (virDomainShmemDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: shmem name cannot be equal to '..'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; shmem s { name = ".."; size = 4MiB; model = ivshmem-plain } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; shmem s { name = "feed"; size = 4MiB; model = ivshmem-plain } }
    """
    if shmem.name is None:
        yield Finding(("shmem", shmem.label), f"shmem {shmem.label} has no name", help=f'write `name = "{shmem.label}"`')
    elif shmem.name in (".", "..") or "/" in shmem.name:
        yield Finding(("shmem", shmem.label, "name"), f"{shmem.name!r} is no name of a file")


@rule(4853, "shmem-address", phase=Phase.START, needs="address")
def address(shmem: Shmem) -> Iterator[Finding]:
    """
    What: A shared memory device has another address than pci.
    Why: libvirt 9.0.0 accepts it at define and refuses it as the guest starts (qemuBuildShmemCommandLine, src/qemu/qemu_command.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: only 'pci' addresses are supported for the shared memory
    device.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          shmem s { name = "s"; model = ivshmem-plain; size = 4MiB; address = drive(0, 0, 0, 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          shmem s { name = "s"; model = ivshmem-plain; size = 4MiB; address = pci(0000:00:05.0) }
        }
    """
    if shmem.address is not None and misfit(shmem):
        yield Finding(("shmem", shmem.label, "address"), f"a shared memory device has a pci address, not {shmem.address.tag}")
