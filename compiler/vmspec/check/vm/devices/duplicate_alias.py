"""Two devices under one alias."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4536, "duplicate-alias", phase=Phase.DEFINE)
def duplicate_alias(vm: Domain) -> Iterator[Finding]:
    """
    What: Two devices have the same alias.
    Why: libvirt 9.0.0 refuses it at define ("non unique alias detected", virDomainDeviceDefValidateAliasesIterator,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: non unique alias detected: ua-a.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); alias = ua-a }
          interface eth0 { source = bridge("br0"); alias = ua-a }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); alias = ua-a }
          interface eth0 { source = bridge("br0"); alias = ua-b }
        }
    """
    seen: dict[str, tuple[str, str]] = {}
    for kind, devices in (
        ("disk", vm.disk),
        ("interface", vm.interface),
        ("controller", vm.controller),
        ("hostdev", vm.hostdev),
        ("filesystem", vm.filesystem),
        ("input", vm.input),
        ("video", vm.video),
        ("rng", vm.rng),
        ("tpm", vm.tpm),
        ("channel", vm.channel),
        ("sound", vm.sound),
        ("shmem", vm.shmem),
    ):
        for device in devices:
            alias = device.alias
            if not alias or not alias.startswith("ua-"):
                continue
            first = seen.setdefault(str(alias), (kind, device.label))
            if first != (kind, device.label):
                yield Finding(
                    (kind, device.label, "alias"),
                    f"{' '.join(first)} and {kind} {device.label} both have alias {alias}",
                    labels=(((*first, "alias"), "the first"),),
                )
