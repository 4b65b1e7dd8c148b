"""The result of resolution: files as units in which every name has one meaning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vmspec.base.record import field, record
from vmspec.base.source import Source
from vmspec.model.kinds import ObjectKind
from vmspec.syntax import tree

OBJECT_KINDS: tuple[str, ...] = tuple(kind.value for kind in ObjectKind)
"""The words that begin the block of an object."""


@record(eq=False, slots=True)
class ProfileDef:
    """A declared profile. Compared by identity: a profile is its declaration."""

    node: tree.Profile
    unit: Unit
    title: str
    """The name as it is written: `low-latency`, `std.low-latency`."""


@record(eq=False, slots=True)
class ObjectDef:
    """A top-level `vm`, `host`, … block: one object, or a template of many where it has `each`."""

    kind: str
    node: tree.Block
    unit: Unit


@record(eq=False, slots=True)
class Unit:
    """One file. `names` holds what its own text and its flat imports declare; it is filled by resolution, then left alone."""

    source: Source
    file: tree.File
    folder: Path = Path()
    """The file's folder; paths of facts are relative to it."""
    lets: dict[str, tuple[tree.Let | tree.Param, Unit]] = field(default_factory=dict)
    """Variables by name, without `$`, each with the unit that declares it."""
    profiles: dict[str, ProfileDef] = field(default_factory=dict)
    namespaces: dict[str, Unit | Standard] = field(default_factory=dict)


class Standard:
    """The namespace `std`, always in scope: one profile for each file of the standard library, loaded when it is named."""

    def __init__(self, names: tuple[str, ...], load: Callable[[str], ProfileDef | None]) -> None:
        self.names = names
        self._load = load
        self._loaded: dict[str, ProfileDef | None] = {}

    def profile(self, name: str) -> ProfileDef | None:
        """The profile of that name; None where the library has none."""
        if name not in self._loaded:
            self._loaded[name] = self._load(name) if name in self.names else None
        return self._loaded[name]


@record(frozen=True, slots=True)
class Program:
    """All files, imported ones included, and what they declare, in source order."""

    units: tuple[Unit, ...]
    objects: tuple[ObjectDef, ...]
    envs: tuple[tuple[tree.Block, Unit], ...]
    policies: tuple[tuple[tree.Block, Unit], ...]
    tests: tuple[tuple[tree.Block, Unit], ...]
    standard: Standard
    root: Path = Path()
    """The project's root; every file that the program names lies below it."""
