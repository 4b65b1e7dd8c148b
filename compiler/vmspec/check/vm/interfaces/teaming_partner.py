"""A team whose other half does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4453, "teaming-partner", phase=Phase.ACCEPTED)
def teaming_partner(vm: Domain) -> Iterator[Finding]:
    """
    What: A transient interface or hostdev names a persistent interface that the VM does not have.
    Why: libvirt passes the name to QEMU as `failover_pair_id` without a look (docs/formatdomain.rst 9.0.0, "Teaming a virtio/hostdev NIC
    pair"); the guest never bonds the two.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          interface vf0 { source = hostdev(0000:3b:02.1, managed = true); teaming { type = transient; persistent = ua-eth9 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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
