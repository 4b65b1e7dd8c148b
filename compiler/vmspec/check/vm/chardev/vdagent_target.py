"""QEMU's end of the clipboard elsewhere than on a virtio channel."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.chardevs import sources
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.channel import Channel
from vmspec.model.domain import Domain


@rule(4813, "vdagent-target", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def vdagent_target(vm: Domain) -> Iterator[Finding]:
    """
    What: `qemu-vdagent()` on a device that is not a virtio channel.
    Why: The agent in the guest, spice-vdagent, opens the virtio port com.redhat.spice.0 and nothing else (formatdomain, "Channel",
    qemu-vdagent; libvirt 9.0.0). Of spicevmc libvirt refuses the same; of this it does not.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc }
          serial { source = qemu-vdagent() }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc }
          channel agent { source = qemu-vdagent(); name = "com.redhat.spice.0" }
        }
    """
    for path, source, device in sources(vm):
        channel = isinstance(device, Channel) and device.target in (None, "virtio")
        if source.tag == "qemu-vdagent" and not channel:
            yield Finding((*path, "source"), "qemu-vdagent() is for a virtio channel")
