"""One MAC address twice in a guest."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4451, "duplicate-mac-in-vm", phase=Phase.FLEET)
def duplicate_mac_in_vm(vm: Domain) -> Iterator[Finding]:
    """
    What: Two interfaces of one VM have the same MAC address (and are no team).
    Why: libvirt accepts it (observed with 9.0.0); the bridge sends the frames to whichever was heard last, and the guest renames or drops
    one of the cards.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          interface eth0 { source = bridge("br0"); model = virtio; mac = 52:54:00:12:34:56 }
          interface eth1 { source = bridge("br0"); model = virtio; mac = 52:54:00:12:34:56 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); mac = 52:54:00:12:34:56 }
          interface eth1 { source = bridge("br0"); mac = 52:54:00:12:34:57 }
        }
    """
    if len(vm.interface) < 2:
        return
    seen: dict[str, str] = {}
    for card in vm.interface:
        if not card.mac or card.teaming is not None:
            continue
        first = seen.setdefault(card.mac, card.label)
        if first != card.label:
            yield Finding(
                ("interface", card.label, "mac"),
                f"interfaces {first} and {card.label} both have {card.mac}",
                labels=((("interface", first, "mac"), "the first"),),
            )
