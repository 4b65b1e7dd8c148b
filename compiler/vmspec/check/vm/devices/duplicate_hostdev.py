"""One host device twice."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hostdevs import card_identity, host_identity, show_identity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4533, "duplicate-hostdev", phase=Phase.DEFINE)
def duplicate_hostdev(vm: Domain) -> Iterator[Finding]:
    """
    What: Two host devices of the VM are the same, be they devices or interfaces.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefHostdevValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Hostdev already exists in the domain configuration.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
          hostdev vga { source = pci(0000:3b:00.0); managed = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
          hostdev vga { source = pci(0000:3b:00.1); managed = true }
        }
    """
    seen: dict[tuple[object, ...], tuple[str, str]] = {}
    held = [("hostdev", device.label, host_identity(device)) for device in vm.hostdev]
    held += [("interface", card.label, card_identity(card)) for card in vm.interface]
    for kind, label, key in held:
        if key is None:
            continue
        first = seen.setdefault(key, (kind, label))
        if first != (kind, label):
            yield Finding(
                (kind, label, "source"),
                f"{' '.join(first)} and {label if first[0] == kind else f'{kind} {label}'} are one device, {show_identity(key)}",
                labels=(((*first, "source"), "the first"),),
            )
