"""Two channels under one name."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4809, "duplicate-channel", phase=Phase.ACCEPTED)
def duplicate_channel(vm: Domain) -> Iterator[Finding]:
    """
    What: Two virtio channels have the same name.
    Why: The guest makes /dev/virtio-ports/NAME of it, and one of the two hides the other; libvirt accepts it at define, QEMU refuses it at
    start ("virtio-serial-bus: A port already exists by name", hw/char/virtio-serial-bus.c of QEMU 7.2).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          channel a { source = unix("/run/a.sock", mode = bind); name = "org.example.0" }
          channel b { source = unix("/run/b.sock", mode = bind); name = "org.example.0" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          channel a { source = unix("/run/a.sock", mode = bind); name = "org.example.0" }
          channel b { source = unix("/run/b.sock", mode = bind); name = "org.example.1" }
        }
    """
    seen: dict[str, str] = {}
    for channel in vm.channel:
        if channel.name and channel.target in (None, "virtio"):
            first = seen.setdefault(channel.name, channel.label)
            if first != channel.label:
                yield Finding(
                    ("channel", channel.label, "name"),
                    f"channel {first} has the name {channel.name!r} already",
                    labels=((("channel", first, "name"), "the first"),),
                )
