"""A compilation as what is wanted of hosts: its VMs as definitions that know their source lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.provenance import Path
from vmspec.base.record import replace
from vmspec.base.unspoken import remember
from vmspec.driver.compilation import Compilation
from vmspec.emit.artifact import Artifact
from vmspec.lower.fleet import HostObject, Vm
from vmspec.lower.startorder import names_of
from vmspec.model.kinds import ObjectKind
from vmspec.model.value import Secret
from vmspec.plan.change import SourcePlace
from vmspec.plan.locate import Sourced, host_where
from vmspec.plan.secrets import BAD_SECRET, LIMITS, filled
from vmspec.plan.state import Desired

ArtifactCheck = Callable[[Artifact], Iterable[Diagnostic]]


@dataclass(frozen=True)
class PlannedProgram:
    """`vms` by the host they are placed on; None for those that are placed nowhere."""

    vms: dict[str | None, list[Desired]]
    hosts: dict[str, HostObject]
    project: str
    found: tuple[Diagnostic, ...]
    tagged: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Tag → names of the VMs that have it."""
    where: Callable[[HostObject, Sequence[Path]], SourcePlace] = lambda host, paths: SourcePlace()
    """Of a setting of a host that follows from these of its values."""

    def every(self) -> list[Desired]:
        return [each for group in self.vms.values() for each in group]


def _with_passwords(wanted: Desired, vm: Vm, values: Mapping[str, str]) -> tuple[Desired, list[Diagnostic]]:
    """With those that were given; the others stay open."""
    displays = {str(each.type): (each, each.passwd.name) for each in vm.spec.graphics if isinstance(each.passwd, Secret)}
    given = {display: values[param] for display, (_, param) in displays.items() if param in values}
    found: list[Diagnostic] = []
    for display, value in given.items():
        if len(value.encode()) > LIMITS.get(display, len(value.encode())):
            each, param = displays[display]
            message = f"the value of ${param} has more than {LIMITS[display]} bytes, and the password of a {display} display no more"
            found.append(Diagnostic(BAD_SECRET, message, vm.where(("graphics", each.label, "passwd"))))
    left = {display: param for display, (_, param) in displays.items() if display not in given}
    return replace(wanted, xml=filled(wanted.xml, given), open=left), found


def program_of(compilation: Compilation, check: ArtifactCheck, secrets: Mapping[str, str] | None = None) -> PlannedProgram:
    """For a compilation without errors. `check` is the schemas' last word on each definition, `secrets` the values of parameters."""
    vms: dict[str | None, list[Desired]] = {}
    found: list[Diagnostic] = []
    objects = {vm.name: vm for vm in compilation.fleet.vms}
    for artifact in compilation.artifacts():
        if artifact.kind is not ObjectKind.VM:
            continue
        found += check(artifact)
        vm = objects[artifact.object]
        wanted = Desired(vm.name, vm.spec.uuid, artifact.data, artifact.imported, vm.spec.autostart, Sourced(vm, artifact, compilation))
        wanted = replace(wanted, power=vm.spec.power, after=names_of(vm.spec.start_after))
        if vm.spec.restart is not None:
            how = vm.spec.restart
            wanted = replace(wanted, restart_after=names_of(how.after), batch=how.batch, health=how.health)
        if b" passwd=" in artifact.data:
            remember(each.passwd for each in vm.spec.graphics if isinstance(each.passwd, str))
            wanted, wrong = _with_passwords(wanted, vm, secrets or {})
            found += wrong
        vms.setdefault(vm.host, []).append(wanted)
    hosts = {host.name: host for host in compilation.fleet.hosts}
    return PlannedProgram(vms, hosts, compilation.project.id, tuple(found), _tagged(objects.values()), partial(host_where, compilation))


def _tagged(vms: Iterable[Vm]) -> dict[str, frozenset[str]]:
    pairs = [(str(tag), vm.name) for vm in vms for tag in vm.spec.tags or ()]
    return {tag: frozenset(name for other, name in pairs if other == tag) for tag, _ in pairs}
