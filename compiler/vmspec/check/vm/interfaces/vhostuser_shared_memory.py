"""A vhost-user port that cannot see the guest's memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import memory_is_shared
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.network import VhostUserSource
from vmspec.model.domain import Domain


@rule(4452, "vhostuser-shared-memory", phase=Phase.ACCEPTED)
def vhostuser_shared_memory(vm: Domain) -> Iterator[Finding]:
    """
    What: A vhost-user interface, and the guest's memory is private.
    Why: The switch maps the guest's memory to move packets. libvirt checks this for disks and file systems and not for interfaces: the
    guest starts and its card never carries a packet (observed with libvirt 9.0.0 at define; docs/formatdomain.rst, "vhostuser
    interface").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = vhostuser("/run/a.sock", mode = server) }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          interface eth0 { source = vhostuser("/run/a.sock", mode = server) }
        }
    """
    for card in vm.interface:
        if isinstance(card.source, VhostUserSource) and not memory_is_shared(vm):
            yield Finding(
                ("interface", card.label, "source"),
                f"interface {card.label} needs shared memory, or no packet gets through",
                help="set memory.access = shared and memory.source = memfd, or huge pages",
            )
