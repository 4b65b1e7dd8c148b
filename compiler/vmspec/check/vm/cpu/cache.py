"""The CPU's cache and address width."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4108, "cpu-cache-mode", phase=Phase.DEFINE, needs="cache")
def cache_mode(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cache.mode = passthrough` outside host-passthrough and maximum, a level with passthrough or disable, or emulate with another
    level than 3.
    Why: libvirt 9.0.0 refuses these at define (qemuValidateDomainDefCpu, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: CPU cache mode 'passthrough' can only be used with
    'host-passthrough' / 'maximum' CPUs.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = host-model; cache { mode = passthrough } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = host-passthrough; cache { mode = passthrough } } }
    """
    if len(cpu.cache) > 1:
        yield Finding(
            ("cpu", "cache", cpu.cache[1].label),
            "a CPU has one cache element, not several",
            labels=((("cpu", "cache", cpu.cache[0].label), "the first"),),
        )
    for cache in cpu.cache:
        here = ("cpu", "cache", cache.label)
        if cache.mode == "emulate" and cache.level != 3:
            yield Finding((*here, "mode"), "an emulated cache has level = 3", help="set level = 3")
        elif cache.mode == "passthrough" and cpu.mode not in ("host-passthrough", "maximum"):
            yield Finding((*here, "mode"), f"the host's cache is shown with host-passthrough or maximum, not {cpu.mode or 'custom'}")
        elif cache.mode in ("passthrough", "disable") and cache.level is not None:
            yield Finding((*here, "level"), f"cache mode {cache.mode} has no level")


@rule(4109, "cpu-maxphysaddr-bits", phase=Phase.DEFINE, needs="maxphysaddr")
def maxphysaddr_bits(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `maxphysaddr` emulated without `bits`, or passed through with them.
    Why: libvirt 9.0.0 refuses both at define (qemuValidateDomainDefCpu, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: if using CPU maximum physical address mode='emulate',
    bits= must be specified too.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = host-passthrough; maxphysaddr { mode = emulate } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; cpu { mode = host-passthrough; maxphysaddr { mode = emulate; bits = 42 } } }
    """
    width = cpu.maxphysaddr
    if width is None:
        return
    if width.mode == "emulate" and width.bits is None:
        yield Finding(("cpu", "maxphysaddr"), "an emulated address width needs bits", until="9.2.0")
    elif width.mode == "passthrough" and width.bits is not None:
        yield Finding(("cpu", "maxphysaddr", "bits"), "the host's own address width takes no bits", help="remove bits")
