"""Warns about passwords in clear text in a source."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.lower.fleet import Fleet
from vmspec.model.devices.graphics import VNC_PASSWORD_BYTES

CLEAR_PASSWORD = Code(
    4362,
    "clear-password",
    """
    What: The password of a display stands in the source, or comes from `--param`.
    Why: A source is in Git and its copies; a command line is shown by `ps` and kept by shells. libvirt has no other place for the
        password of a display than the definition, and shows it to nobody who has not the right to write (VIR_DOMAIN_XML_SECURE,
        libvirt 9.0.0): a parameter of type `secret` puts it there, and nowhere else.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; passwd = "horse" }
        }
    Instead:
        param $screen: secret
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics { type = vnc; passwd = $screen }
        }
    """,
)


def clear_passwords(fleet: Fleet) -> Iterator[Diagnostic]:
    """Warn once for each place in the sources. An empty password locks the display and is no secret."""
    said: set[tuple[int, int]] = set()
    for vm in fleet.vms:
        for each in vm.spec.graphics:
            if not isinstance(each.passwd, str) or not each.passwd:
                continue
            if each.type == "vnc" and len(each.passwd.encode()) > VNC_PASSWORD_BYTES:
                continue  # An error of its own (4821).
            span = vm.where(("graphics", each.label, "passwd"))
            if (id(span.source), span.start) not in said:
                said.add((id(span.source), span.start))
                message = f"the password of this {each.type or 'display'} is read by everyone who reads the source"
                help_ = "declare `param $pw: secret`, write `passwd = $pw`, and give deploy its value: `--secret pw=env:NAME`"
                yield Diagnostic(CLEAR_PASSWORD, message, span, Severity.WARNING, help=help_)
