"""A vhost-user disk or virtiofs without shared memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import memory_is_shared
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.storage import VhostUserSource
from vmspec.model.domain import Domain


@rule(4360, "shared-memory", phase=Phase.DEFINE)
def shared_memory(vm: Domain) -> Iterator[Finding]:
    """
    What: A vhost-user disk or a virtiofs file system, and the guest's memory is private.
    Why: The process at the other end maps the guest's memory; libvirt 9.0.0 refuses private memory at define
    (qemuValidateDomainDefVhostUserRequireSharedMemory, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 'vhostuser' requires shared memory.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = vhostuser("/run/a.sock") }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          disk vda { source = vhostuser("/run/a.sock") }
        }
    """
    users = [("disk", d.label) for d in vm.disk if isinstance(d.source, VhostUserSource)]
    users += [("filesystem", f.label) for f in vm.filesystem if f.driver == "virtiofs"]
    if users and not memory_is_shared(vm):
        for user in users:
            yield Finding(user, f"{user[0]} {user[1]} needs shared memory", help="set memory.access = shared and memory.source = memfd")
