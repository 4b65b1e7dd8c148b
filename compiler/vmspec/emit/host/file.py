"""One file of a host as its emitters build it: lines of text, and for each setting in them its name and where it is decided."""

from __future__ import annotations

from collections.abc import Iterable

from vmspec.base.provenance import Path
from vmspec.base.record import record
from vmspec.emit.artifact import Artifact, SourceMapping
from vmspec.lower.fleet import HostObject

OURS = "Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it."
ROOT = "root/"
"""Of the output, the folder whose files lie at the same place on the host."""


@record(frozen=True, slots=True)
class FileEntry:
    """A setting. `name` is what a person calls it; `paths` are the host's values that it follows from; `value` is the file's text for it,
    empty where it is there or not."""

    name: str
    paths: tuple[Path, ...]
    value: str = ""


@record(frozen=True, slots=True)
class HostFile:
    """`path` is relative to the host's folder in the output; `after` are the commands that make it count, `undone` those that follow
    its removal; `reboot`: it counts from the next boot only."""

    path: str
    text: str
    entries: tuple[FileEntry, ...]
    what: str
    after: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    reboot: bool = False

    @property
    def target(self) -> str | None:
        """Where it lies on the host; None for what is not copied as it is."""
        return "/" + self.path.removeprefix(ROOT) if self.path.startswith(ROOT) else None

    def artifact(self, host: HostObject) -> Artifact:
        def marks() -> tuple[SourceMapping, ...]:
            return tuple((entry.name, tuple(step for path in entry.paths for step in host.trails.get(path, ()))) for entry in self.entries)

        return Artifact(f"hosts/{host.name}/{self.path}", self.text.encode(), host.span, marks, object=host.name)


def lines(*parts: Iterable[str] | str) -> str:
    """A text of lines, each part one line or several."""
    return "".join(f"{line}\n" for part in parts for line in ([part] if isinstance(part, str) else part))
