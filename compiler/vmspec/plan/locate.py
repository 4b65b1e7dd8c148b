"""From a difference in XML back to the source: the path as the language writes it, the line, and the layer that decided."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from vmspec.base.provenance import Path, Provenance, show_path
from vmspec.base.source import Span, position
from vmspec.driver.compilation import Compilation
from vmspec.emit.artifact import Artifact
from vmspec.emit.source_mapping import places
from vmspec.emit.sourcemap import strongest_span
from vmspec.lower.fleet import HostObject, Vm
from vmspec.plan.change import SourcePlace
from vmspec.plan.state import read


class Sourced:
    """One VM of a compilation. Both it and its XML have been emitted in one order, so that a place in the one is a place in the other."""

    def __init__(self, vm: Vm, artifact: Artifact, compilation: Compilation) -> None:
        self._vm, self._artifact, self._compilation = vm, artifact, compilation

    def __call__(self, path: Path, is_set: bool) -> tuple[str, SourcePlace]:
        found = [(own, trail) for place in self._at_or_below(path) if (own := self._own.get(place)) and (trail := self._trails.get(place))]
        if found and is_set:
            # Of a whole device that which somebody has written, rather than what follows from it.
            own, trail = next((each for each in found if each[1][-1].origin != "model"), found[0])
            return self._shown(path, own), self._where(trail)
        path = self._device(path)
        return self._shown(path, path), self._removed(path)

    def _shown(self, path: Path, own: Path) -> str:
        """A whole device is called by its label, not by the feature that was found first."""
        return show_path(own[: len(path)] if len(path) == 2 and len(own) > 2 else own)

    def _at_or_below(self, path: Path) -> list[str]:
        exact = self._places.get(path)
        if exact:
            return exact
        return [place for other, found in self._places.items() if other[: len(path)] == path for place in found]

    def _device(self, path: Path) -> Path:
        """With the label that the program has for the device; XML calls a disk by its target."""
        own = next((self._own[place] for place in self._at_or_below(path[:2]) if place in self._own), None)
        return (*own[:2], *path[2:]) if len(path) > 2 and own is not None and own[0] == path[0] else path

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

    @cached_property
    def _trails(self) -> dict[str, Provenance]:
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


def host_where(compilation: Compilation, host: HostObject, paths: Sequence[Path]) -> SourcePlace:
    """Of a setting of a host that follows from these values of it: what the first of them that has a place was decided by."""
    for path in paths:
        trail = host.trails.get(path) or ()
        span = strongest_span(trail, compilation.trail_of, host.name)
        if span is not None:
            return SourcePlace(compilation.name(span.source), position(span.source, span.start).line, trail[-1].origin)
    return SourcePlace(compilation.name(host.span.source), position(host.span.source, host.span.start).line, f"host {host.name}")
