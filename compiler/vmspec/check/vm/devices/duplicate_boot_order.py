"""One place in the boot order twice."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import Boot
from vmspec.model.domain import Domain
from vmspec.model.walk import DeviceAt, devices


@rule(4538, "duplicate-boot-order", phase=Phase.DEFINE)
def duplicate_boot_order(vm: Domain) -> Iterator[Finding]:
    """
    What: Two devices have the same `boot` order; or a device has one, and `boot.devices` is set too.
    Why: libvirt 9.0.0 refuses both at define (virDomainDefBootOrderPostParse, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: boot order '1' used for more than one device.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); boot = 1 }
          interface eth0 { source = bridge("br0"); boot = 1 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); boot = 1 }
          interface eth0 { source = bridge("br0"); boot = 2 }
        }
    """
    seen: dict[int, DeviceAt] = {}
    whole = bool(vm.boot is not None and vm.boot.devices)
    for here in devices(vm):
        order = here.device.boot if isinstance(here.device, Boot) else None
        if not order:
            continue
        first = seen.setdefault(order, here)
        if first is not here:
            yield Finding(
                (*here.path, "boot"),
                f"{first} and {here} both have boot order {order}",
                labels=(((*first.path, "boot"), "the first"),),
            )
        elif whole and len(seen) == 1:
            yield Finding(
                (*here.path, "boot"),
                "a device's boot order and boot.devices cannot stand together",
                labels=((("boot", "devices"), "the machine's order"),),
            )
