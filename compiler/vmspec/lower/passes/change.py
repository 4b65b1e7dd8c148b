"""The result of a pass: features to set with their provenance, and the context that every pass may read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias, TypeVar

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.provenance import SELF, Path, Provenance, Step, StepKind, ValueAddress, span_of
from vmspec.base.record import field, record
from vmspec.base.source import Span
from vmspec.lower.fleet import Vm
from vmspec.lower.lock import EMPTY_VM, VmLock
from vmspec.model.block import Block
from vmspec.model.host import Host

B = TypeVar("B", bound=Block)


@record(frozen=True, slots=True)
class Context:
    """Everything that the passes for one VM depend on besides the VM itself."""

    project: str
    lock: VmLock = EMPTY_VM
    host: Host | None = None
    """The host that it is placed on."""
    models: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """By architecture and maker of the processors ("" where nothing says which): the CPU model that all hosts of the program have."""
    macs: Mapping[str, str] = field(default_factory=dict)
    """MAC addresses by interface label, unique in the whole fleet."""


@record(frozen=True, slots=True)
class PassResult:
    """`features` of the Domain, by Python name; `lock`: parts of the VM's lock entry that are to be remembered."""

    features: Mapping[str, object] = field(default_factory=dict)
    trails: Mapping[Path, Provenance] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    lock: Mapping[str, object] = field(default_factory=dict)


def labelled(kind: type[B], label: str, **features: object) -> B:
    """A block of a kind that stands several times."""
    return kind(**{"label": label, **features})


NOTHING = PassResult()
Expansion: TypeAlias = Callable[[Vm, Context], PassResult]


def derived(vm: Vm, why: str, *operands: Path, origin: str = "model") -> Provenance:
    """The trail of a value that follows from others of the same VM, and points at the first of them that has a place.
    VMs of one template share it: the source map and memory hold it once."""
    return _shared(why, origin, _place(vm.trails, vm.blocks, vm.span, operands), operands)


def _place(trails: Mapping[Path, Provenance], blocks: Mapping[Path, Span], span: Span, operands: tuple[Path, ...]) -> Span:
    for path in operands:
        found = span_of(trails.get(path) or ()) or blocks.get(path)
        if found is not None:
            return found
    return span


@lru_cache(maxsize=8192)
def _shared(why: str, origin: str, span: Span, operands: tuple[Path, ...]) -> Provenance:
    return (Step(StepKind.DERIVED, origin, span, tuple(ValueAddress(SELF, path) for path in operands), why=why),)


class Layered(Mapping[Path, Provenance]):
    """Provenance in two layers: derived trails shared by VMs of one shape over those of the source."""

    __slots__ = ("_below", "_layers")

    def __init__(self, below: Mapping[Path, Provenance], layers: ProvenanceLayers = ()) -> None:
        self._below = below
        self._layers = layers

    def add(self, layer: Mapping[Path, Provenance]) -> None:
        """Over all that is there; the layer is not copied."""
        self._layers = (layer, *self._layers)

    def now(self) -> Layered:
        """As it is, whatever is added later."""
        return Layered(self._below, self._layers)

    def __getitem__(self, path: Path) -> Provenance:
        found = self.get(path)
        if found is None:
            raise KeyError(path)
        return found

    def get(self, path: Path, default: Provenance | None = None) -> Provenance | None:  # type: ignore[override]
        for layer in self._layers:
            if path in layer:
                return layer[path]
        return self._below.get(path, default)

    def __iter__(self) -> Iterator[Path]:
        yield from dict.fromkeys(path for layer in (self._below, *reversed(self._layers)) for path in layer)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, path: object) -> bool:
        return path in self._below or any(path in layer for layer in self._layers)


ProvenanceLayers: TypeAlias = tuple[Mapping[Path, Provenance], ...]


class RelocatedProvenance(Mapping[Path, Provenance]):
    """Derived trails of one VM as another one of its shape has them: the same reasons, at its own places, made when asked for."""

    __slots__ = ("_blocks", "_first", "_span", "_trails")

    def __init__(self, first: Mapping[Path, Provenance], vm: Vm) -> None:
        self._first = first
        # What is derived later must not change what this was derived from.
        self._trails = vm.trails.now() if isinstance(vm.trails, Layered) else vm.trails
        self._blocks = vm.blocks
        self._span = vm.span

    def __getitem__(self, path: Path) -> Provenance:
        step = self._first[path][0]
        operands = tuple([each.path for each in step.operands])
        return _shared(step.why, step.origin, _place(self._trails, self._blocks, self._span, operands), operands)

    def __iter__(self) -> Iterator[Path]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)

    def __contains__(self, path: object) -> bool:
        return path in self._first


def movable(trails: Mapping[Path, Provenance]) -> bool:
    """Whether nothing but reasons and operands is in the trails."""
    return all(len(trail) == 1 and _movable(trail[0]) for trail in trails.values())


def _movable(step: Step) -> bool:
    return step.kind is StepKind.DERIVED and not step.value and all(each.object == SELF for each in step.operands)
