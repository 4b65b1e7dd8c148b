"""Writes the output directory: each artifact is emitted, validated, written and dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import vmspec
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.source import Source, position
from vmspec.base.unspoken import HIDDEN
from vmspec.emit.artifact import Artifact
from vmspec.emit.due import due, password_sources, shown_params
from vmspec.emit.emit import file_of
from vmspec.emit.manifest import Manifest, UntypedPart, digest, source_digests
from vmspec.emit.sourcemap import SourceMap
from vmspec.lower.hosts import unplaced
from vmspec.model.kinds import ObjectKind
from vmspec.validate.raw_text import overwritten

if TYPE_CHECKING:
    from vmspec.driver.compilation import Compilation
    from vmspec.emit.output_dir import OutputTree
    from vmspec.validate.schemas import Schemas


ArtifactJudge: TypeAlias = Callable[[Artifact], list[Diagnostic]]
"""What is wrong with the XML of a domain that the schemas do not simply accept."""


class Output:
    """One writing of a compilation without errors. `judge` says why a domain is refused; `skip` holds hashes by path: files that would be
    the same are left out."""

    def __init__(self, compilation: Compilation, tree: OutputTree, schemas: Schemas, judge: ArtifactJudge, skip: Mapping[str, str]) -> None:
        self._compilation = compilation
        self._tree = tree
        self._schemas = schemas
        self._judged = judge
        self._skip = skip
        self._map = SourceMap(compilation.trail_of, _name)
        self.found: list[Diagnostic] = []
        self.skipped = 0
        self.manifest = Manifest(
            project=compilation.project.id,
            env=compilation.options.env,
            model=vmspec.__version__,
            sources=source_digests(((source.path, source) for source in compilation.read), password_sources(compilation.fleet.vms)),
            params=shown_params(compilation.fleet.vms, dict(compilation.options.params), HIDDEN),
            secrets=[each for vm in compilation.fleet.vms for each in due(vm, file_of(vm))],
        )

    def files(self) -> Iterator[int]:
        """Write everything but the manifest; yields the number of domains so far."""
        domains = 0
        for artifact in self._compilation.artifacts():
            if artifact.kind is ObjectKind.VM:
                domains += 1
                yield domains
                if not self._schemas.accept(artifact):
                    self.found += self._judged(artifact)
            elif artifact.typed is not None:
                self.found += overwritten(artifact, self._compilation.trail_of)
            if artifact.kind not in (None, ObjectKind.VM):
                self.found += self._schemas.check_other(artifact, self._compilation.trail_of)
            self._write(artifact)
        self.manifest.unplaced = {each.vm: each.requests for each in unplaced(self._compilation.fleet)}
        for artifact in self._map.artifacts(self._compilation.beginning):
            self._add(artifact)

    def _write(self, artifact: Artifact) -> None:
        if self._skip and self._skip.get(artifact.path) == digest(artifact.data):
            self.skipped += 1
            return
        if self._add(artifact):
            self._map.add(artifact)
            for place, span in artifact.raw:
                line = position(span.source, span.start).line
                self.manifest.untyped.append(UntypedPart(artifact.path, place, span.source.path, line))

    def _add(self, artifact: Artifact) -> bool:
        refused = self._tree.add(artifact)
        if refused is not None:
            self.found.append(refused)
        return refused is None


def _name(source: Source) -> str:
    """The path of a source in the output: relative to the project's root, the same in every checkout."""
    return source.path
