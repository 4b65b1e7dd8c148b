"""A compilation as what is wanted of hosts: its VMs as definitions that know their source lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.provenance import Path, Provenance, show_path
from vmspec.base.record import replace
from vmspec.base.source import Span, position
from vmspec.base.unspoken import remember
from vmspec.driver.compilation import Compilation
from vmspec.emit.artifact import Artifact
from vmspec.emit.seed import open_values, seed_data
from vmspec.emit.source_mapping import trails_of
from vmspec.emit.sourcemap import strongest_span
from vmspec.importing.host_domain import as_defined
from vmspec.lower.fleet import HostObject, Vm
from vmspec.lower.startorder import names_of
from vmspec.model.kinds import ObjectKind
from vmspec.model.seed import is_nocloud
from vmspec.model.value import Secret
from vmspec.plan.change import SourcePlace
from vmspec.plan.secrets import BAD_SECRET, LIMITS, filled
from vmspec.plan.state import Desired, WantedSeed

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
    return replace(wanted, domain=filled(wanted.domain, given), open=left), found


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
        domain = as_defined(vm.spec, artifact)
        where = SourceFinder(vm, compilation)
        wanted = Desired(vm.name, vm.spec.uuid, domain, artifact.digest, artifact.imported, vm.spec.autostart, where)
        wanted = replace(wanted, power=vm.spec.power, after=names_of(vm.spec.start_after))
        if vm.spec.restart is not None:
            how = vm.spec.restart
            wanted = replace(wanted, restart_after=names_of(how.after), batch=how.batch, health=how.health)
        if vm.spec.graphics:
            remember(each.passwd for each in vm.spec.graphics if isinstance(each.passwd, str))
            wanted, wrong = _with_passwords(wanted, vm, secrets or {})
            found += wrong
        if vm.spec.seed is not None:
            wanted = replace(wanted, seed=_seed(vm, secrets or {}, where))
        vms.setdefault(vm.host, []).append(wanted)
    hosts = {host.name: host for host in compilation.fleet.hosts}
    return PlannedProgram(vms, hosts, compilation.project.id, tuple(found), _tagged(objects.values()), partial(host_where, compilation))


def _seed(vm: Vm, values: Mapping[str, str], where: SourceFinder) -> WantedSeed:
    seed = vm.spec.seed
    assert seed is not None and seed.path is not None
    left = tuple(dict.fromkeys(each.param for each in open_values(vm, values)))
    return WantedSeed(
        seed.path, lambda: seed_data(vm, values), seed.instance_id if is_nocloud(seed) else None, left, where.block(("seed",))
    )


def _tagged(vms: Iterable[Vm]) -> dict[str, frozenset[str]]:
    pairs = [(str(tag), vm.name) for vm in vms for tag in vm.spec.tags or ()]
    return {tag: frozenset(name for other, name in pairs if other == tag) for tag, _ in pairs}


# ------------------------------------------------------------------------------------------- from a change to its source


class SourceFinder:
    """Of a path in a VM's domain: how the language calls it, the line, and the layer that decided."""

    def __init__(self, vm: Vm, compilation: Compilation) -> None:
        self._vm, self._compilation = vm, compilation

    def __call__(self, path: Path, is_set: bool) -> tuple[str, SourcePlace]:
        found = [(own, trail) for own, trail in self._trails if own == path]
        found = found or [(own, trail) for own, trail in self._trails if own[: len(path)] == path]
        if found and is_set:
            # Of a whole device that which somebody has written, rather than what follows from it.
            own, trail = next((each for each in found if each[1][-1].origin != "model"), found[0])
            # A whole device is called by its label, not by the feature that was found first.
            return show_path(path if len(path) == 2 and len(own) > 2 else own), self._where(trail)
        return show_path(path), self._removed(path)

    def block(self, path: Path) -> SourcePlace:
        """Where a block is opened."""
        return self._at(self._vm.where(path), None)

    @cached_property
    def _trails(self) -> list[tuple[Path, Provenance]]:
        return trails_of(self._vm)

    def _where(self, trail: Provenance) -> SourcePlace:
        span = strongest_span(trail, self._compilation.trail_of, self._vm.name) or self._vm.span
        return self._at(span, trail[-1].origin if trail else None)

    def _removed(self, path: Path) -> SourcePlace:
        trail = self._vm.trails.get(path)
        if trail:
            return self._where(trail)
        written = self._vm.span.text
        return self._at(self._vm.where(path), written if "${" in written else f"{self._vm.kind} {self._vm.name}")

    def _at(self, span: Span, layer: str | None) -> SourcePlace:
        return SourcePlace(self._compilation.name(span.source), position(span.source, span.start).line, layer)


def host_where(compilation: Compilation, host: HostObject, paths: Sequence[Path]) -> SourcePlace:
    """Of a setting of a host that follows from these values of it: what the first of them that has a place was decided by."""
    for path in paths:
        trail = host.trails.get(path) or ()
        span = strongest_span(trail, compilation.trail_of, host.name)
        if span is not None:
            return SourcePlace(compilation.name(span.source), position(span.source, span.start).line, trail[-1].origin)
    return SourcePlace(compilation.name(host.span.source), position(host.span.source, host.span.start).line, f"host {host.name}")
