"""One MAC address in two guests."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm


@rule(6001, "duplicate-mac", phase=Phase.FLEET)
def duplicate_mac(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs have an interface with the same MAC address.
    Why: libvirt accepts it (observed with 9.0.0); on one network the two take each other's packets.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 } }
        vm b {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          interface eth0 { source = bridge("br0"); model = virtio; mac = 52:54:00:12:34:56 }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 } }
        vm b { memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:57 } }
    """
    seen: dict[str, tuple[Vm, str]] = {}
    for vm in fleet.vms:
        for card in vm.spec.interface:
            if not card.mac:
                continue
            first, label = seen.setdefault(card.mac, (vm, card.label))
            # Of two that are resolved, the derivation of identities says it.
            if first is not vm and not (first.resolve and vm.resolve):
                yield Finding(
                    ("interface", card.label, "mac"),
                    f"{first.name} and {vm.name} both have {card.mac}",
                    others=((first, ("interface", label, "mac"), "the first"),),
                    of=vm,
                )
