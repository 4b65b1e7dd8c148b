"""A virtio model that input devices do not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.input import Input


@rule(4881, "input-model-bus", phase=Phase.DEFINE)
def model_bus(input: Input) -> Iterator[Finding]:
    """
    What: `model` of an input device that is not on virtio, or a (non-)transitional one.
    Why: libvirt 9.0.0 refuses it at define (virDomainInputDefValidate, src/conf/domain_validate.c; qemuValidateDomainDeviceDefInput,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: virtio (non-)transitional models are not supported for
    input type=keyboard.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          input kbd { type = keyboard; bus = virtio; model = virtio-non-transitional }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          input kbd { type = keyboard; bus = virtio; model = virtio }
        }
    """
    if input.model and input.bus not in (None, "virtio"):
        yield Finding(("input", input.label, "model"), f"model {input.model} needs bus = virtio, not {input.bus}")
    elif input.model in ("virtio-transitional", "virtio-non-transitional") and input.type != "passthrough":
        yield Finding(("input", input.label, "model"), f"there is no {input.model} {input.type}", instead="virtio")
