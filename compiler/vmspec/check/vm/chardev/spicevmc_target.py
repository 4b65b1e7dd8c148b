"""A Spice agent elsewhere than on a virtio channel."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.chardevs import sources
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.channel import Channel
from vmspec.model.domain import Domain


@rule(4804, "spicevmc-target", phase=Phase.DEFINE)
def spicevmc_target(vm: Domain) -> Iterator[Finding]:
    """
    What: `spicevmc()` on a device that is not a virtio channel.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: spicevmc device type only supports virtio.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = spice }
          serial { source = spicevmc() }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = spice }
          channel agent { source = spicevmc(); name = "com.redhat.spice.0" }
        }
    """
    for path, source, device in sources(vm):
        channel = isinstance(device, Channel) and device.target in (None, "virtio")
        if source.tag == "spicevmc" and not channel and path[0] not in ("redirdev", "smartcard"):
            yield Finding((*path, "source"), "spicevmc() is for a virtio channel")
