"""What the interfaces of one VM need of one another and of its memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.network import VhostUserSource
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import memory_is_shared


@rule(4452, "vhostuser-shared-memory", phase=Phase.ACCEPTED, needs="interface")
def vhostuser_shared_memory(vm: Domain) -> Iterator[Finding]:
    """
    What: A vhost-user interface, and the guest's memory is private.
    Why: The switch maps the guest's memory to move packets. libvirt checks this for disks and file systems and not for interfaces: the
    guest starts and its card never carries a packet (observed with libvirt 9.0.0 at define; docs/formatdomain.rst, "vhostuser
    interface").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; interface eth0 { source = vhostuser("/run/a.sock", mode = server) } }
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


@rule(4453, "teaming-partner", phase=Phase.ACCEPTED, needs="interface")
def teaming_partner(vm: Domain) -> Iterator[Finding]:
    """
    What: A transient interface or hostdev names a persistent interface that the VM does not have.
    Why: libvirt passes the name to QEMU as `failover_pair_id` without a look (docs/formatdomain.rst 9.0.0, "Teaming a virtio/hostdev NIC
    pair"); the guest never bonds the two.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          interface vf0 { source = hostdev(0000:3b:02.1, managed = true); teaming { type = transient; persistent = ua-eth9 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          interface vf0 { source = hostdev(0000:3b:02.1, managed = true); teaming { type = transient; persistent = ua-eth0 } }
        }
    """
    named = [("interface", c.label, c.teaming.persistent) for c in vm.interface if c.teaming is not None and c.teaming.persistent]
    named += [("hostdev", h.label, h.teaming.persistent) for h in vm.hostdev if h.teaming is not None and h.teaming.persistent]
    if not named:
        return
    there = {str(c.alias or f"ua-{c.label}") for c in vm.interface if c.teaming is not None and c.teaming.type == "persistent"}
    for kind, label, name in named:
        if name not in there:
            yield Finding(
                (kind, label, "teaming", "persistent"),
                f"{name} is the alias of no persistent interface",
                help=f"there is {', '.join(sorted(there)) or 'none'}",
            )
