"""An address width without bits, or with too many words."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4109, "cpu-maxphysaddr-bits", phase=Phase.DEFINE)
def maxphysaddr_bits(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `maxphysaddr` emulated without `bits`, or passed through with them.
    Why: libvirt 9.0.0 refuses both at define (qemuValidateDomainDefCpu, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: if using CPU maximum physical address mode='emulate',
    bits= must be specified too.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { mode = host-passthrough; maxphysaddr { mode = emulate } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { mode = host-passthrough; maxphysaddr { mode = emulate; bits = 42 } }
        }
    """
    width = cpu.maxphysaddr
    if width is None:
        return
    if width.mode == "emulate" and width.bits is None:
        yield Finding(("cpu", "maxphysaddr"), "an emulated address width needs bits")
    elif width.mode == "passthrough" and width.bits is not None:
        yield Finding(("cpu", "maxphysaddr", "bits"), "the host's own address width takes no bits", help="remove bits")
