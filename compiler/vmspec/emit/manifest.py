"""The manifest of an output directory: what it was made from, by what, and every file with its hash; no time, no absolute path."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

import vmspec
from vmspec.base import json_text
from vmspec.base.record import field, record
from vmspec.base.source import Source
from vmspec.base.unspoken import has_password
from vmspec.emit.due import Due

NAME = "manifest.json"
TOOL = "vmspec"
VERSION = 1


@record(frozen=True)
class UntypedPart:
    """A part of an artifact that the model does not know: checked by the schemas alone."""

    file: str
    place: str
    source: str
    line: int


@record
class Manifest:
    """Filled while a build writes."""

    project: str
    env: str | None
    model: str
    """The version of what the compiler adds by itself: defaults, layout of addresses."""
    sources: Mapping[str, str | None] = field(default_factory=dict)
    """Path from the project's root → SHA-256 of the text; None of one that holds a password, which the hash would tell of by trial."""
    params: Mapping[str, str] = field(default_factory=dict)
    files: dict[str, str | None] = field(default_factory=dict)
    """The same of what was written."""
    untyped: list[UntypedPart] = field(default_factory=list)
    secrets: list[Due] = field(default_factory=list)
    """Passwords that stand as the empty text, since only a deploy is given them."""
    unplaced: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """What VMs that are placed nowhere ask of the host that they will land on: VM → path → value."""

    def text(self) -> str:
        return (
            json.dumps(
                {
                    "version": VERSION,
                    "tool": {"name": TOOL, "version": vmspec.__version__, "model": self.model},
                    "project": self.project,
                    "env": self.env,
                    "params": dict(sorted(self.params.items())),
                    "sources": dict(sorted(self.sources.items())),
                    "files": dict(sorted(self.files.items())),
                    "untyped": [vars(part) for part in sorted(self.untyped, key=lambda part: (part.file, part.place))],
                    "secrets": [vars(each) for each in self.secrets],
                    "unplaced": {vm: dict(sorted(asked.items())) for vm, asked in sorted(self.unplaced.items())},
                },
                indent=1,
            )
            + "\n"
        )


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def source_digests(sources: Iterable[tuple[str, Source]], unhashed: frozenset[str]) -> dict[str, str | None]:
    """Of the text as the compiler reads it, so that they are the same on every system; not of those in which a password stands."""
    return {
        name: None if source.path in unhashed or has_password(source.text) else digest(source.text.encode("utf-8", "surrogatepass"))
        for name, source in sources
    }


def files_in(data: bytes) -> frozenset[str] | None:
    """The paths that a manifest.json lists; None where it was not written by us."""
    try:
        found = json_text.loads(data.decode())
    except ValueError:
        return None
    tool = found.get("tool") if isinstance(found, dict) else None
    listed = found.get("files") if isinstance(found, dict) else None
    if not isinstance(tool, dict) or tool.get("name") != TOOL or not isinstance(listed, dict):
        return None
    return frozenset(map(str, listed))
