"""What a definition leaves to be filled in: the passwords of displays that are given to a deploy."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import show_path
from vmspec.base.record import record
from vmspec.build.fleet import Vm
from vmspec.emit.marks import places
from vmspec.model.value import Secret


@record(frozen=True)
class Due:
    """Until then the place holds the empty text, with which libvirt lets nobody in: it sets a password that has ended already
    (qemuDomainChangeGraphicsPasswords, src/qemu/qemu_hotplug.c 9.0.0; seen with VNC and Spice of QEMU 7.2)."""

    vm: str
    path: str
    """In the language, `graphics.vnc.passwd`."""
    param: str
    file: str
    place: str
    """In the XML, `/domain/devices/graphics/@passwd`."""


def due(vm: Vm, file: str) -> Iterator[Due]:
    open_ = {("graphics", each.label, "passwd"): each.passwd.name for each in vm.spec.graphics if isinstance(each.passwd, Secret)}
    if open_:
        yield from (Due(vm.name, show_path(path), open_[path], file, place) for place, path in places(vm.spec) if path in open_)


def shown_params(vms: tuple[Vm, ...], params: dict[str, str], hidden: str) -> dict[str, str]:
    """Parameters for the manifest, without the text of those that became a password."""
    steps = [step for vm in vms for each in vm.spec.graphics for step in vm.trails.get(("graphics", each.label, "passwd"), ())]
    names = {read.name for step in steps for read in step.inputs}
    return {name: hidden if name in names else text for name, text in params.items()}
