"""A format that the image's own name contradicts."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import FileSource

_FORMATS = {".qcow2": "qcow2", ".qcow": "qcow", ".vmdk": "vmdk", ".vdi": "vdi", ".qed": "qed", ".raw": "raw", ".iso": "raw"}


@rule(4304, "disk-format-differs-from-name", phase=Phase.ACCEPTED)
def format_differs_from_name(disk: Disk) -> Iterator[Finding]:
    """
    What: The declared format is not the one that the file's name says.
    Why: QEMU believes the declaration. qcow2 declared as raw starts, and the guest sees the bytes of the qcow2 header as its disk and
    overwrites them; raw declared as qcow2 does not start (observed with libvirt 9.0.0 and QEMU 7.2).
    Observed: libvirt 9.0.0, QEMU 7.2: qcow2 declared raw is defined and started; raw declared qcow2 is defined and does not start: Image is
    not in qcow2 format.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = raw) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2) }
        }
    """
    source = disk.source
    if not isinstance(source, FileSource) or not source.path or not source.format:
        return
    said = _FORMATS.get(source.path[source.path.rfind(".") :].lower()) if "." in source.path else None
    if said is not None and said != source.format and source.format in _FORMATS.values():
        yield Finding(
            ("disk", disk.label, "source", "format"),
            f"{source.path} is declared {source.format}, and its name says {said}",
            help="QEMU believes the declaration: a wrong one destroys the image or hides it",
            instead=said,
        )
