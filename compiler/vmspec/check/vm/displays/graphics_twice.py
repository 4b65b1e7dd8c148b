"""Two displays of one kind."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu

IMPLIED = "graphics0"
"""What `graphics { … }` without a label is called."""


@rule(4819, "graphics-twice", phase=Phase.START)
def graphics_twice(vm: Domain) -> Iterator[Finding]:
    """
    What: A VM has two displays of one type: two vnc, two spice.
    Why: QEMU has one server of each; libvirt 9.0.0 accepts the definition and refuses the start. A `graphics { … }` without a label is
    another display than `graphics vnc { … }`: beside that of a profile it makes a second one, and what one of the two says, a password for
    instance, is not said of the other.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it; start refuses it: unsupported configuration: only 1 graphics device of each type
    (sdl, vnc, spice, headless, dbus) is supported.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 1
          graphics a { type = vnc }
          graphics b { type = vnc }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 1
          graphics a { type = vnc }
          graphics b { type = spice }
        }
    """
    first: dict[str, str] = {}
    for each in vm.graphics if is_qemu(vm) else ():
        if each.type is None:
            continue
        other = first.setdefault(str(each.type), each.label)
        if other == each.label:
            continue
        # The one with a label of its own is the user's, as a rule; the other one is that of a profile.
        at, beside = (other, each.label) if each.label == IMPLIED else (each.label, other)
        mixed = IMPLIED in (at, beside)
        yield Finding(
            ("graphics", at),
            f"graphics {at} is a second {each.type} display beside graphics {beside}, and QEMU has one of each type",
            labels=((("graphics", beside), f"the display {beside}"),),
            help=f"`graphics {{ … }}` without a label is {IMPLIED}: leave the label out to speak of that one" if mixed else None,
        )
