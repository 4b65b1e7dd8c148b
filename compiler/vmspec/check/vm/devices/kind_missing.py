"""Devices that do not say what they are."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.block import Block
from vmspec.model.domain import Domain

NEEDED = (
    ("graphics", "type", ("vnc", "spice", "dbus", "egl-headless", "sdl", "desktop", "rdp"), "type = vnc"),
    ("audio", "type", ("none", "alsa", "pulseaudio", "spice", "file", "sdl", "oss", "jack", "dbus"), "type = none"),
    ("input", "type", ("tablet", "keyboard", "mouse", "passthrough", "evdev"), "type = tablet"),
    ("controller", "type", ("scsi", "usb", "sata", "ide", "pci", "virtio-serial", "ccid", "fdc"), "type = scsi"),
    ("iommu", "model", ("intel", "smmuv3", "virtio"), "model = intel, of an aarch64 guest model = smmuv3"),
    ("parallel", "source", (), "source = pty()"),
    ("redirdev", "source", (), "source = spicevmc()"),
    ("hostdev", "source", (), 'source = pci("0000:3b:00.0"), or usb(…), scsi(…), mdev(…)'),
)
"""A device, what says of which kind it is, words that as its label tell which is meant, and what is written else."""

DEFAULTED = ("controller", "parallel", "redirdev")
"""What libvirt's parser takes without: it makes an IDE controller, a port that leads nowhere. Its schema does not."""


@rule(4818, "device-kind-missing", phase=Phase.DEFINE)
def kind_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: A device does not say of which kind it is: a display, audio backend, input device or controller without `type`, an IOMMU without
    `model`, a device of the host, parallel port or redirected device without `source`. Its label says nothing: it is a name.
    Why: libvirt has no default there and refuses the definition (domain_conf.c and domain.rng of libvirt 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: "Missing required attribute 'type' in element 'graphics'", "missing input device
    type", "Missing required attribute 'model' in element 'iommu'", "missing source address type".
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics vnc { }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics vnc { type = vnc }
        }
    """
    from_xml = vm.resolve is None and vm.origin is None
    for kind, feature, words, example in NEEDED:
        if from_xml and kind in DEFAULTED:
            continue
        for device in getattr(vm, kind):
            if _unsaid(device, feature):
                wanted = f"{feature} = {device.label}" if device.label in words else example
                yield Finding((kind, device.label), f"{kind} {device.label} does not say of which kind it is", help=f"write {wanted}")
    for screen in vm.graphics:
        for listener in screen.listener:
            if listener.type is None and not listener.raw:
                path = ("graphics", screen.label, "listener", listener.label)
                yield Finding(path, f"listener {listener.label} does not say where it listens", help="write type = address")


def _unsaid(device: Block, feature: str) -> bool:
    """Also not by something in XML that the model does not know, which is told as such (4950)."""
    return getattr(device, feature) is None and not device.raw
