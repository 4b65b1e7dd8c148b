"""From a difference in XML back to the source: the path as the language writes it, the line, and the layer that decided."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from vmspec.base.provenance import Path, Trail, show_path
from vmspec.base.source import Span, position
from vmspec.build.fleet import Vm
from vmspec.compilation import Compilation
from vmspec.emit.artifact import Artifact
from vmspec.emit.marks import places
from vmspec.emit.sourcemap import strongest_span
from vmspec.plan.change import Where
from vmspec.plan.state import read


class Sourced:
    """One VM of a compilation. Both it and its XML have been emitted in one order, so that a place in the one is a place in the other."""

    def __init__(self, vm: Vm, artifact: Artifact, compilation: Compilation) -> None:
        self._vm, self._artifact, self._compilation = vm, artifact, compilation

    def __call__(self, path: Path, is_set: bool) -> tuple[str, Where]:
        places_ = self._places.get(path) or _below(self._places.items(), path)
        for place in places_:
            own = self._own.get(place)
            trail = self._trails.get(place)
            if own is not None and trail is not None and is_set:
                return self._shown(path, own), self._where(trail)
        path = self._device(path)
        return self._shown(path, path), self._removed(path)

    def _shown(self, path: Path, own: Path) -> str:
        """A whole device is called by its label, not by the feature that was found first."""
        return show_path(own[: len(path)] if len(path) == 2 and len(own) > 2 else own)

    def _device(self, path: Path) -> Path:
        """With the label that the program has for the device; XML calls a disk by its target."""
        own = next((self._own[place] for place in _below(self._places.items(), path[:2]) if place in self._own), None)
        return (*own[:2], *path[2:]) if len(path) > 2 and own is not None and own[0] == path[0] else path

    def _where(self, trail: Trail) -> Where:
        span = strongest_span(trail, self._compilation.trail_of, self._vm.name) or self._vm.span
        return self._at(span, trail[-1].origin if trail else None)

    def _removed(self, path: Path) -> Where:
        trail = self._vm.trails.get(path)
        if trail:
            return self._where(trail)
        return self._at(self._vm.where(path), f"{self._vm.kind} {self._vm.name}")

    def _at(self, span: Span, layer: str | None) -> Where:
        return Where(self._compilation.name(span.source), position(span.source, span.start).line, layer)

    @cached_property
    def _trails(self) -> dict[str, Trail]:
        return dict(self._artifact.marks())

    @cached_property
    def _own(self) -> dict[str, Path]:
        """Place → path in the program."""
        return dict(places(self._vm.spec))

    @cached_property
    def _places(self) -> dict[Path, list[str]]:
        """Path in the domain as it is read from its XML → places."""
        found: dict[Path, list[str]] = {}
        for place, path in places(read(self._artifact.data)):
            found.setdefault(path, []).append(place)
        return found


def _below(known: Iterable[tuple[Path, list[str]]], path: Path) -> list[str]:
    """The first place within a device or a block."""
    size = len(path)
    return next((found for other, found in known if other[:size] == path), [])
