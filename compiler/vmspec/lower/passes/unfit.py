"""Drops settings of wildcards and defaults that a block cannot have: those for a CD-ROM drive, or a host's network card.

Only what a wildcard or a default says is left out; what stands in the device's own block stays, and the rules judge it.
Sources: libvirt 9.0.0 src/qemu/qemu_command.c (qemuBuildHostdevNetDevs… : an interface of type hostdev is a vfio-pci device and has
neither queues nor a model), docs/formatdomain.rst (discard: of what can be written).
"""

from __future__ import annotations

from vmspec.base.provenance import Path, StepKind
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult
from vmspec.model.devices.device import Device

REMOVABLE = ("cdrom", "floppy")
OF_REMOVABLE = ("cache", "io", "discard", "detect_zeroes", "iothread", "queues", "queue_size", "discard_no_unref")
OF_VF = (
    "model", "queues", "rx_queue_size", "tx_queue_size", "driver", "txmode", "ioeventfd", "event_idx", "rss", "rss_hash_report",
    "host_offload", "guest_offload", "iommu", "ats", "packed", "page_per_vq", "mtu",
)  # fmt: skip


def expand(vm: Vm, context: Context) -> PassResult:
    features: dict[str, object] = {}
    drives = {d.label: d for d in vm.spec.disk if str(d.device) in REMOVABLE}
    cards = {c.label: c for c in vm.spec.interface if c.source is not None and c.source.tag.startswith("hostdev")}
    if drives:
        features["disk"] = tuple(_without(vm, "disk", d, OF_REMOVABLE) if d.label in drives else d for d in vm.spec.disk)
    if cards:
        features["interface"] = tuple(_without(vm, "interface", c, OF_VF) if c.label in cards else c for c in vm.spec.interface)
    return PassResult(features) if features else NOTHING


def _without(vm: Vm, kind: str, device: Device, names: tuple[str, ...]) -> Device:
    gone = {n: None for n in names if vars(device).get(n) is not None and _general(vm, (kind, device.label, n.replace("_", "-")))}
    return device.but(**gone) if gone else device


def _general(vm: Vm, path: Path) -> bool:
    """Whether a wildcard or the model's default said it."""
    trail = vm.trails.get(path) or ()
    return any(step.wildcard or step.kind is StepKind.DEFAULT for step in trail[-1:])
