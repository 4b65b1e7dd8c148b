"""A balloon beside an assigned device."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import PciHostdev
from vmspec.model.domain import Domain


@rule(4220, "vfio-and-balloon", phase=Phase.RUNTIME, severity=Severity.WARNING)
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
