"""Secure Boot of a BIOS."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4616, "bios-secure-boot", phase=Phase.START)
def bios_secure_boot(vm: Domain) -> Iterator[Finding]:
    """
    What: `firmware.type = bios` with `secure-boot = true` or `enrolled-keys = true`.
    Why: Both are features of UEFI. libvirt looks for a firmware that is a BIOS and has them, and finds none when the guest starts
    (qemuFirmwareMatchDomain, src/qemu/qemu_firmware.c 9.0.0). std.windows-guest sets both: beside `type = bios` they are unset.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it; start fails: Unable to find any firmware to satisfy 'bios'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; firmware { type = bios; secure-boot = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; firmware { type = bios } }
    """
    firmware = vm.firmware
    if firmware is None or firmware.type != "bios":
        return
    wrong = [name for name, value in (("secure-boot", firmware.secure_boot), ("enrolled-keys", firmware.enrolled_keys)) if value]
    if wrong:
        yield Finding(
            ("firmware", "type"),
            f"a BIOS has no {' and no '.join(wrong)}",
            labels=tuple((("firmware", name), f"{name} is asked for here") for name in wrong),
            help="; ".join(f"`unset firmware.{name}`" for name in wrong),
        )
