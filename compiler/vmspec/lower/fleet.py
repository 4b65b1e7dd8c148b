"""The typed intermediate representation: objects as instances of the model, with their provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar, assert_never

from vmspec.base.provenance import Path, Provenance, span_of
from vmspec.base.record import field, record
from vmspec.base.source import Span
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.facts import HostFacts
from vmspec.model.host import Host
from vmspec.model.kinds import ObjectKind
from vmspec.model.target import Software, version

B = TypeVar("B", bound=Block, covariant=True)


@record(frozen=True, slots=True)
class Object(Generic[B]):
    """A typed object. Paths in `trails` are those of the language (hyphenated, with labels); lowering adds derived ones."""

    kind: ObjectKind
    name: str
    spec: B
    span: Span
    trails: Mapping[Path, Provenance]
    blocks: Mapping[Path, Span]
    resolve: bool = True
    host: str | None = None
    """The name of the host that a vm is placed on."""
    profiles: tuple[str, ...] = ()

    def where(self, path: Path) -> Span:
        """The span that a message about this path points at: its value, the nearest enclosing block, the object."""
        trail = self.trails.get(path)
        found = span_of(trail) if trail else None
        while found is None and path:
            found = self.blocks.get(path)
            path = path[:-1]
        return found or self.span


def layer_of(kind: ObjectKind, name: str, span: Span) -> str:
    """What an object's own block is called as a layer: as the source writes it, `vm "w-${row}"`, the same for all of one template."""
    written = span.line
    return written if written.startswith(f"{kind} ") else f"{kind} {name}"


Vm = Object[Domain]
HostObject = Object[Host]


def software_of(host: Host) -> Software:
    """What a host's block, or its facts, say."""
    return Software(libvirt=version(host.libvirt), qemu=version(host.qemu), arch=str(host.arch or ""))


@record(frozen=True, slots=True)
class Fleet:
    """All objects of one build, in source order."""

    vms: tuple[Vm, ...] = ()
    hosts: tuple[HostObject, ...] = ()
    others: Mapping[ObjectKind, tuple[Object[Any], ...]] = field(default_factory=dict)
    """Networks, pools and all else that libvirt defines besides domains, by kind."""
    facts: Mapping[str, HostFacts] = field(default_factory=dict)
    """Of the hosts that have them, by name."""

    target: Software = Software()
    """What is not said of a VM's host: of the call, else of the project, else the oldest of the program's hosts."""

    def software(self, vm: Vm) -> Software:
        """What a VM is for: its host's versions, and where they are not said, the target's."""
        host = next((host for host in self.hosts if host.name == vm.host), None) if vm.host is not None else None
        return self.target if host is None else software_of(host.spec).before(self.target)

    @property
    def objects(self) -> Mapping[ObjectKind, tuple[Object[Any], ...]]:
        """Every object, by kind, in the order of kinds; of each kind in source order."""
        return {kind: self.of(kind) for kind in ObjectKind}

    def of(self, kind: ObjectKind) -> tuple[Object[Any], ...]:
        match kind:
            case ObjectKind.VM:
                return self.vms
            case ObjectKind.HOST:
                return self.hosts
            case ObjectKind.NETWORK | ObjectKind.POOL | ObjectKind.VOLUME | ObjectKind.NWFILTER | ObjectKind.SECRET:
                return self.others.get(kind, ())
            case _:
                assert_never(kind)

    def every(self) -> Iterator[Object[Any]]:
        """All objects, in the order of kinds."""
        return (each for kind in ObjectKind for each in self.of(kind))

    def on(self, host: str) -> Iterator[Vm]:
        return (vm for vm in self.vms if vm.host == host)
