"""What a build leaves to be filled in: the passwords of displays, and the secrets of seeds, that are given to a deploy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.provenance import SELF, Path, Step, show_path
from vmspec.base.record import record
from vmspec.emit.seed import open_values, seed_file
from vmspec.emit.source_mapping import places
from vmspec.lower.fleet import Vm
from vmspec.model.value import Secret


@record(frozen=True)
class Due:
    """Of a seed, the entry is left out until then. Of a display, the place holds the empty text, with which libvirt lets nobody in: it
    sets a password that has ended already (qemuDomainChangeGraphicsPasswords, src/qemu/qemu_hotplug.c 9.0.0; seen with VNC and Spice of
    QEMU 7.2)."""

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
    if vm.spec.seed is not None:
        image = seed_file(vm)
        yield from (Due(vm.name, each.path, each.param, image, f"{each.file}: {each.place}") for each in open_values(vm))


def shown_params(vms: tuple[Vm, ...], params: Mapping[str, str], hidden: str) -> dict[str, str]:
    """Parameters for the manifest, without the text of those that became a password."""
    names = password_params(vms)
    return {name: hidden if name in names else text for name, text in params.items()}


def password_params(vms: tuple[Vm, ...]) -> frozenset[str]:
    """The variables that the passwords of displays were computed from."""
    return frozenset(each.name for step in _steps(vms) for each in step.inputs)


def password_sources(vms: tuple[Vm, ...]) -> frozenset[str]:
    """The paths of the sources that hold the text of a password, or of what one was computed from."""
    spans = [span for step in _steps(vms) for span in (step.span, *(each.span for each in step.inputs)) if span is not None]
    return frozenset(span.source.path for span in spans)


def _steps(vms: tuple[Vm, ...]) -> Iterator[Step]:
    """All that happened to passwords that are not left to a deploy, and to the values of other objects that these were taken from."""
    trails = {vm.name: vm.trails for vm in vms}
    due: list[tuple[str, Path]] = [
        (vm.name, ("graphics", each.label, "passwd"))
        for vm in vms
        for each in vm.spec.graphics
        if isinstance(each.passwd, str) and each.passwd
    ]
    seen = set(due)
    while due:
        name, path = due.pop()
        for step in trails[name].get(path, ()):
            yield step
            more = ((name if each.object == SELF else each.object, each.path) for each in step.operands)
            new = [each for each in more if each not in seen and each[0] in trails]
            seen.update(new)
            due += new
