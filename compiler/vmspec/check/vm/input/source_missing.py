"""A host's input device without a path."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.input import Input


@rule(4882, "input-source-missing", phase=Phase.DEFINE)
def source_missing(input: Input) -> Iterator[Finding]:
    """
    What: A passthrough or evdev device has no path.
    Why: libvirt 9.0.0 refuses it at define (virDomainInputDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          input kbd { type = evdev }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          input kbd { type = evdev; dev = "/dev/input/event3" }
        }
    """
    if (input.type == "passthrough" and not input.evdev) or (input.type == "evdev" and not input.dev):
        name = "evdev" if input.type == "passthrough" else "dev"
        yield Finding(("input", input.label), f"{input.type} needs the device of the host", help=f'set {name} = "/dev/input/event…"')
