"""A second card that can only be the first."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4842, "secondary-model", phase=Phase.DEFINE)
def secondary_model(vm: Domain) -> Iterator[Finding]:
    """
    What: A video card that is not the first (or primary) has another model than qxl or virtio.
    Why: libvirt 9.0.0 refuses it at define ("only valid as primary video device", qemuValidateDomainDeviceDefVideo,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: video type 'vga' is only valid as primary video device.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video a { model = virtio }
          video b { model = vga }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video a { model = vga }
          video b { model = virtio }
        }
    """
    if len(vm.video) < 2 or not is_qemu(vm) or any(c.model == "none" for c in vm.video):
        return
    primary = next((c for c in vm.video if c.primary), vm.video[0])
    for card in vm.video:
        if card is not primary and card.model not in ("qxl", "virtio", "none", None):
            yield Finding(
                ("video", card.label, "model"),
                f"a {card.model} card can only be the first",
                help="make it the first, or use model = virtio",
            )
