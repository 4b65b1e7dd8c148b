"""Host devices and mediated devices."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hostdevs import card_identity, host_identity, show_identity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import MdevHostdev
from vmspec.model.domain import Domain


@rule(4533, "duplicate-hostdev", phase=Phase.DEFINE, needs="hostdev interface")
def duplicate_hostdev(vm: Domain) -> Iterator[Finding]:
    """
    What: Two host devices of the VM are the same, be they devices or interfaces.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefHostdevValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Hostdev already exists in the domain configuration.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
          hostdev vga { source = pci(0000:3b:00.0); managed = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
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


@rule(4534, "mdev-ramfb", phase=Phase.DEFINE, needs="hostdev")
def mdev_ramfb(vm: Domain) -> Iterator[Finding]:
    """
    What: Two mediated devices have `ramfb`.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefHostdevValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Only one vgpu device can have 'ramfb' enabled.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          graphics vnc { type = vnc }
          hostdev a { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8804", model = vfio-pci, display = true, ramfb = true) }
          hostdev b { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8805", model = vfio-pci, display = true, ramfb = true) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          graphics vnc { type = vnc }
          hostdev a { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8804", model = vfio-pci, display = true, ramfb = true) }
        }
    """
    with_ramfb = [h for h in vm.hostdev if isinstance(h.source, MdevHostdev) and h.source.ramfb]
    for device in with_ramfb[1:]:
        yield Finding(
            ("hostdev", device.label, "source", "ramfb"),
            f"hostdev {with_ramfb[0].label} has ramfb already",
            labels=((("hostdev", with_ramfb[0].label), "the first"),),
        )


@rule(4535, "mdev-display", phase=Phase.DEFINE, needs="hostdev")
def mdev_display(vm: Domain) -> Iterator[Finding]:
    """
    What: A mediated device of model vfio-pci has `display = true`, and the VM has no graphics.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainMdevDefVFIOPCI, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: graphics device is needed for attribute value
    'display=on' in <hostdev>.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          hostdev a { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8804", model = vfio-pci, display = true) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          graphics vnc { type = vnc }
          hostdev a { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8804", model = vfio-pci, display = true) }
        }
    """
    for device in vm.hostdev:
        source = device.source
        if isinstance(source, MdevHostdev) and source.model in (None, "vfio-pci") and source.display and not vm.graphics:
            yield Finding(
                ("hostdev", device.label, "source"),
                f"hostdev {device.label} is a display, and the VM has no graphics to show it",
                help="add graphics",
            )
