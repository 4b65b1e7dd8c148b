"""An action that the event does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4906, "lifecycle", phase=Phase.DEFINE)
def lifecycle(vm: Domain) -> Iterator[Finding]:
    """
    What: A core dump on poweroff or reboot, or actions that contradict one another: QEMU cannot preserve a guest, and poweroff restart
    needs reboot restart.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateLifecycleAction, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: qemu driver doesn't support the 'preserve' action for
    'on_reboot'/'on_poweroff'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          events { on-poweroff = preserve }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          events { on-poweroff = destroy }
        }
    """
    events = vm.events
    if events is None or not is_qemu(vm):
        return
    off, again, crash = events.on_poweroff or "destroy", events.on_reboot or "restart", events.on_crash or "destroy"
    if off == "preserve":
        yield Finding(("events", "on-poweroff"), "QEMU cannot preserve a guest that has powered off", instead="destroy")
    if again == "preserve":
        yield Finding(("events", "on-reboot"), "QEMU cannot preserve a guest that reboots", instead="restart")
    for name, action in (("on-poweroff", off), ("on-reboot", again), ("on-crash", crash)):
        if action == "rename-restart":
            yield Finding(("events", name), "QEMU cannot restart a guest under another name", instead="restart")
        elif action.startswith("coredump") and name != "on-crash":
            yield Finding(("events", name), f"{action} is for on-crash", instead="destroy")
    if off == "restart" and again == "destroy":
        yield Finding(
            ("events", "on-poweroff"),
            "a guest that restarts on poweroff and ends on reboot",
            labels=((("events", "on-reboot"), "ends on reboot"),),
        )
