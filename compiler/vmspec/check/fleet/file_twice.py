"""One file that two guests write, and that is no image."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.chardevs import sources
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm
from vmspec.model.devices.chardev import FileSource, Logged, PipeSource
from vmspec.model.domain import Domain


@rule(6009, "file-twice", phase=Phase.FLEET)
def file_twice(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host write one file: the output of a console, a log, the state of a TPM, a persistent store, an NVDIMM.
    Why: QEMU and swtpm lock none of them: each writes over what the other has written, and a guest whose TPM state has been replaced no
    longer opens its disks. libvirt accepts it at define (observed with 9.0.0).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; serial { source = file("/var/log/guest.log") } }
        vm b { memory.size = 1GiB; cpu.count = 1; serial { source = file("/var/log/guest.log") } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; serial { source = file("/var/log/a.log") } }
        vm b { memory.size = 1GiB; cpu.count = 1; serial { source = file("/var/log/b.log") } }
    """
    seen: dict[tuple[str | None, str], tuple[Vm, Path]] = {}
    for vm in fleet.vms:
        for at, file in _written(vm.spec):
            first, where = seen.setdefault((vm.host, file), (vm, at))
            if first is not vm:
                yield Finding(at, f"{first.name} and {vm.name} both write {file}", others=((first, where, "the first"),), of=vm)


def _written(vm: Domain) -> Iterator[tuple[Path, str]]:
    for path, source, device in sources(vm):
        if isinstance(source, FileSource | PipeSource) and source.path and source.path != "/dev/null":
            yield (*path, "source"), source.path
        if isinstance(device, Logged) and device.log is not None and device.log.file:
            yield (*path, "log"), device.log.file
    for tpm in vm.tpm:
        if tpm.source and tpm.backend != "external":
            yield ("tpm", tpm.label, "source"), tpm.source
    for memory in vm.memory_device:
        if memory.path and memory.model in ("nvdimm", "virtio-pmem") and memory.access != "private" and not memory.readonly:
            yield ("memory-device", memory.label, "path"), memory.path
    if vm.pstore is not None and vm.pstore.path:
        yield ("pstore", "path"), vm.pstore.path
