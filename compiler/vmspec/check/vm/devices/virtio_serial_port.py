"""Two devices at one virtio-serial port."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import VirtioSerialAddress
from vmspec.model.domain import Domain


@rule(4551, "virtio-serial-port", phase=Phase.DEFINE)
def virtio_serial_port(vm: Domain) -> Iterator[Finding]:
    """
    What: Two channels or consoles have the same virtio-serial port, or one on a controller that does not have it.
    Why: libvirt 9.0.0 refuses it at define (virDomainVirtioSerialAddrReserve, src/conf/domain_addr.c). Port 0 is kept for a console.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: virtio serial port 1 on controller 0 is already occupied.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller vs0 { type = virtio-serial; index = 0 }
          channel a { source = unix("/run/a.sock", mode = bind); name = "a"; address = virtio-serial(0, 0, 1) }
          channel b { source = unix("/run/b.sock", mode = bind); name = "b"; address = virtio-serial(0, 0, 1) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller vs0 { type = virtio-serial; index = 0 }
          channel a { source = unix("/run/a.sock", mode = bind); name = "a"; address = virtio-serial(0, 0, 1) }
          channel b { source = unix("/run/b.sock", mode = bind); name = "b"; address = virtio-serial(0, 0, 2) }
        }
    """
    rooms = {c.index or 0: c.ports for c in vm.controller if c.type == "virtio-serial"}
    seen: dict[tuple[int, int], tuple[str, str]] = {}
    for kind, devices in (("channel", vm.channel), ("console", vm.console)):
        for device in devices:
            at = device.address
            if not isinstance(at, VirtioSerialAddress) or not at.port:
                continue
            key = (at.controller or 0, at.port)
            first = seen.setdefault(key, (kind, device.label))
            if first != (kind, device.label):
                yield Finding(
                    (kind, device.label, "address"),
                    f"{' '.join(first)} is at port {key[1]} of controller {key[0]} already",
                    labels=(((*first, "address"), "the first"),),
                )
            elif rooms.get(key[0]) is not None and key[1] >= (rooms[key[0]] or 31):
                yield Finding(
                    (kind, device.label, "address"), f"controller {key[0]} has ports 0 to {(rooms[key[0]] or 31) - 1}, not {key[1]}"
                )
