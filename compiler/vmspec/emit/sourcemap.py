"""The source map: for each place of each file, the layer that decided it and the span of the source that is to be looked at.

`sourcemap.json` is about the files outside `hosts/` and names the map of each host, `hosts/<host>/sourcemap.json`. A map holds
tables (`files`, `origins`, `spans`, `places`) and `maps`, lists of `[place, origin, span]`, each a number in its table; `span` is
-1 for what no source says (the model, the layout, the lock). `artifacts` gives the number of each file's map: files that say the
same of the same lines share one. A span is `[file, line, column, end line, end column]`, counted from 1, the end exclusive.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from vmspec.base.provenance import Provenance, Step, ValueAddress, span_of
from vmspec.base.source import Source, Span, position
from vmspec.emit.artifact import Artifact, SourceMapping, no_marks

VERSION = 1
TRAILS_KEPT = 20_000
"""Trails are recognised by identity while they are kept alive; more than these would hold on to every VM of a large fleet."""
DEEPEST = 32
"""Of derived values of derived values; only a mistake of ours could go further."""

TrailOf: TypeAlias = Callable[[ValueAddress, str], "Provenance | None"]
"""The trail of an operand, by its address and the name of the object that it is an operand for."""


class SourceMap:
    """Collects the marks of artifacts as they are written. `name` is how a source is called in the output."""

    def __init__(self, trail_of: TrailOf, name: Callable[[Source], str]) -> None:
        self._trail_of = trail_of
        self._name = name
        self._hosts: dict[str, _Map] = {}
        self._top = _Map(trail_of, name)

    def add(self, artifact: Artifact) -> None:
        marks = artifact.marks()
        if marks:
            self._map_of(artifact.path).add(artifact.path, artifact.object, marks)

    def _map_of(self, path: str) -> _Map:
        if not path.startswith("hosts/"):
            return self._top
        host = path.split("/", 2)[1]
        found = self._hosts.get(host)
        if found is None:
            found = self._hosts[host] = _Map(self._trail_of, self._name)
        return found

    def artifacts(self, about: Span) -> Iterator[Artifact]:
        """The files of the map; a host's after all of its artifacts have been added."""
        for host in sorted(self._hosts):
            yield Artifact(f"hosts/{host}/sourcemap.json", self._hosts[host].text({}).encode(), about, no_marks)
        index = {host: f"hosts/{host}/sourcemap.json" for host in sorted(self._hosts)}
        yield Artifact("sourcemap.json", self._top.text(index).encode(), about, no_marks)


class _Map:
    def __init__(self, trail_of: TrailOf, name: Callable[[Source], str]) -> None:
        self._trail_of = trail_of
        self._name = name
        self._files: dict[str, int] = {}
        self._origins: dict[str, int] = {}
        self._spans: dict[tuple[int, int, int, int, int], int] = {}
        self._places: dict[str, int] = {}
        self._maps: dict[tuple[int, ...], int] = {}
        """By what they say, as one flat row of numbers: three for a place."""
        self._artifacts: dict[str, int] = {}
        self._trails: dict[int, tuple[Provenance, int, int]] = {}

    def add(self, path: str, of: str, marks: Sequence[SourceMapping]) -> None:
        trails, places = self._trails, self._places
        entries: list[int] = []
        for place, trail in marks:
            known = trails.get(id(trail)) or self._entry(trail, of)
            entries += (places.setdefault(place, len(places)), known[1], known[2])
        self._artifacts[path] = self._maps.setdefault(tuple(entries), len(self._maps))

    def _entry(self, trail: Provenance, of: str) -> tuple[Provenance, int, int]:
        """The trail, which is so kept alive, its origin and its span; remembered where it does not depend on the object."""
        origin = trail[-1].origin if trail else "model"
        own = span_of(trail)
        span = own or strongest_span(trail, self._trail_of, of)
        entry = (trail, self._origins.setdefault(origin, len(self._origins)), self._span(span))
        if own is not None or not any(step.operands for step in trail):
            if len(self._trails) >= TRAILS_KEPT:
                self._trails.clear()
            self._trails[id(trail)] = entry
        return entry

    def _span(self, span: Span | None) -> int:
        if span is None:
            return -1
        file = self._name(span.source)
        start, end = position(span.source, span.start), position(span.source, span.end)
        key = (self._files.setdefault(file, len(self._files)), *start, *end)
        return self._spans.setdefault(key, len(self._spans))

    def text(self, hosts: dict[str, str]) -> str:
        """One table a line, so that two maps can be compared by people."""
        tables: dict[str, object] = {
            "version": VERSION,
            "files": list(self._files),
            "origins": list(self._origins),
            "spans": list(self._spans),
            "places": list(self._places),
            "artifacts": dict(sorted(self._artifacts.items())),
        } | ({"hosts": hosts} if hosts else {})
        lines = [f" {json.dumps(name)}: {json.dumps(table, separators=(',', ':'))}" for name, table in tables.items()]
        maps = ",\n  ".join(json.dumps(list(zip(*[iter(each)] * 3, strict=True)), separators=(",", ":")) for each in self._maps)
        return "{\n" + ",\n".join([*lines, f' "maps": [\n  {maps}\n ]' if maps else ' "maps": []']) + "\n}\n"


def strongest_span(trail: Provenance, trail_of: TrailOf, of: str, depth: int = 0) -> Span | None:
    """Where a value of an object is to be changed: its last step with a place; of a derived value, that of its operands."""
    for step in reversed(trail):
        found = step.span or _of_operands(step, trail_of, of, depth)
        if found is not None:
            return found
    return None


def _of_operands(step: Step, trail_of: TrailOf, of: str, depth: int) -> Span | None:
    if depth >= DEEPEST:
        return None
    for operand in step.operands:
        found = strongest_span(trail_of(operand, of) or (), trail_of, of, depth + 1)
        if found is not None:
            return found
    return None
