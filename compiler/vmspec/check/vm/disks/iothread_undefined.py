"""An iothread that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import iothread_ids
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4354, "iothread-undefined", phase=Phase.DEFINE)
def iothread_undefined(vm: Domain) -> Iterator[Finding]:
    """
    What: A disk or SCSI controller names an iothread that the VM does not have.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskIOThreads and qemuValidateCheckSCSIControllerIOThreads,
    src/qemu/qemu_validate.c).
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          iothread 1 { declared = true }
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; iothread = 2 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          iothread 1 { }
          iothread 2 { }
          disk vda { source = block("/dev/vg0/a"); iothread = 2 }
        }
    """
    users = [("disk", d.label, d.iothread) for d in vm.disk if d.iothread]
    users += [("controller", c.label, c.iothread) for c in vm.controller if c.iothread]
    if not users:
        return
    have = iothread_ids(vm)
    for kind, label, number in users:
        if number not in have:
            known = ", ".join(str(n) for n in sorted(have)) or "none"
            yield Finding(
                (kind, label, "iothread"),
                f"{kind} {label} uses iothread {number}, and the VM has {known}",
                help=f"add iothread {number} {{ }}",
            )
