"""Limits and locking of memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import PciHostdev
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import total_memory
from vmspec.model.machine import is_qemu
from vmspec.model.value import Size, show_quantity


@rule(4214, "hard-limit-below-size", phase=Phase.ACCEPTED, needs="memory.hard_limit")
def hard_limit_below_size(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.hard-limit` is below the guest's memory.
    Why: It limits QEMU as a whole, guest memory included; beyond it the kernel kills QEMU (docs/formatdomain.rst 9.0.0, "hard_limit").
    libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { cpu.count = 2; memory { size = 4GiB; hard-limit = 2GiB } }
    Instead:
        vm a { cpu.count = 2; memory { size = 4GiB } }
    """
    memory = vm.memory
    if memory is None or not memory.hard_limit:
        return
    whole = total_memory(vm)
    if memory.hard_limit < whole:
        yield Finding(
            ("memory", "hard-limit"),
            f"hard-limit {show_quantity(memory.hard_limit)} is below the guest's {show_quantity(Size(whole))}: the kernel kills the guest",
            labels=((("memory", "size"), "its memory"),),
            help="leave it out; it is no protection against swapping",
        )


@rule(4215, "limits-order", phase=Phase.ACCEPTED, needs="memory.hard_limit")
def limits_order(vm: Domain) -> Iterator[Finding]:
    """
    What: `soft-limit` is above `hard-limit`, or `swap-hard-limit` is below it.
    Why: The kernel refuses or never reaches such limits (Linux Documentation/admin-guide/cgroup-v1/memory.rst: memory.memsw.limit_in_bytes
    is at least memory.limit_in_bytes); libvirt accepts them at define.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; locked = true; hard-limit = 4GiB; soft-limit = 5GiB } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; locked = true; hard-limit = 4GiB; soft-limit = 3GiB } }
    """
    memory = vm.memory
    if memory is None or not memory.hard_limit:
        return
    if memory.soft_limit and memory.soft_limit > memory.hard_limit:
        yield Finding(
            ("memory", "soft-limit"),
            f"soft-limit {show_quantity(memory.soft_limit)} is above hard-limit {show_quantity(memory.hard_limit)}",
            labels=((("memory", "hard-limit"), "the hard limit"),),
        )
    if memory.swap_hard_limit and memory.swap_hard_limit < memory.hard_limit:
        yield Finding(
            ("memory", "swap-hard-limit"),
            f"swap-hard-limit {show_quantity(memory.swap_hard_limit)} is below hard-limit {show_quantity(memory.hard_limit)}",
            labels=((("memory", "hard-limit"), "the hard limit"),),
        )


@rule(4216, "hard-limit-needless", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="memory.hard_limit")
def hard_limit_needless(vm: Domain) -> Iterator[Finding]:
    """
    What: `hard-limit` without `locked`.
    Why: QEMU's own need cannot be known in advance; a guest that is fine today is killed after an update (docs/formatdomain.rst 9.0.0
    advises against the limit). With locked memory it is the memlock limit and right.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; hard-limit = 4GiB } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; hard-limit = 4GiB; locked = true } }
    """
    memory = vm.memory
    if (
        memory is not None
        and memory.hard_limit
        and not memory.locked
        and memory.hard_limit >= total_memory(vm)
        and vm.launch_security is None
    ):
        yield Finding(("memory", "hard-limit"), "a hard limit on QEMU as a whole ends in a killed guest", help="leave it out")


@rule(4217, "locked-without-limit", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="memory.locked")
def locked_without_limit(vm: Domain) -> Iterator[Finding]:
    """
    What: `locked` without `hard-limit`.
    Why: libvirt then lifts QEMU's memlock limit altogether (qemuDomainGetMemLockLimitBytes, src/qemu/qemu_domain.c 9.0.0), so that a broken
    QEMU can lock all of the host's memory.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; locked = true } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; locked = true; hard-limit = 2GiB } }
    """
    memory = vm.memory
    if memory is not None and memory.locked and not memory.hard_limit:
        need = show_quantity(Size(total_memory(vm) + (1 << 30)))
        yield Finding(
            ("memory", "locked"),
            "locked memory without a hard limit: QEMU may lock all of the host",
            help=f"set memory.hard-limit, say {need}",
        )


@rule(4218, "min-guarantee", phase=Phase.DEFINE, needs="memory.min_guarantee")
def min_guarantee(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.min-guarantee` is set.
    Why: Only VMware and OpenVZ know it; libvirt 9.0.0 refuses it with QEMU at define (qemuValidateDomainDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Parameter 'min_guarantee' not supported by QEMU.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; min-guarantee = 512MiB } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB } }
    """
    if vm.memory is not None and vm.memory.min_guarantee and is_qemu(vm):
        yield Finding(("memory", "min-guarantee"), "QEMU knows no guaranteed memory", help="remove min-guarantee")


@rule(4220, "vfio-and-balloon", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="hostdev")
def vfio_and_balloon(vm: Domain) -> Iterator[Finding]:
    """
    What: A PCI host device together with a balloon that is used.
    Why: VFIO pins all of the guest's memory and QEMU inhibits the balloon while it does (hw/vfio/common.c, ram_block_discard_disable, QEMU
    7.2): the host gets nothing back.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; balloon { model = virtio; free-page-reporting = true } }
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; balloon { model = none } }
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    """
    balloon = vm.memory.balloon if vm.memory is not None else None
    if balloon is None or balloon.model == "none" or not (balloon.free_page_reporting or balloon.autodeflate):
        return
    device = next((h for h in vm.hostdev if isinstance(h.source, PciHostdev)), None)
    if device is not None:
        yield Finding(
            ("memory", "balloon"),
            f"the balloon gives nothing back while hostdev {device.label} pins the guest's memory",
            labels=((("hostdev", device.label), "assigned here"),),
            help="`memory.balloon.model = none` leaves it out",
        )
