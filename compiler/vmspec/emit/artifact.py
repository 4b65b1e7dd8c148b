"""What emission makes: one file of the output, and for each of its values the trail that the source map shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from vmspec.base.provenance import Provenance
from vmspec.base.record import record
from vmspec.base.source import Span
from vmspec.model.kinds import ObjectKind

SourceMapping: TypeAlias = tuple[str, Provenance]
"""A place in the file and the trail of what stands there.

In XML the place is a path from the root: `/domain/devices/disk[2]/driver/@cache`, `/domain/vcpu` for an element's text. `[n]`
counts siblings of one name from 1; `[1]` may be left out. In a host file it is what a person would call the line: the sysctl's
name, the kernel argument, the path in sysfs. Artifacts that share a tuple of marks (the same object) share its map.
"""


@record(frozen=True, slots=True)
class Artifact:
    """One file. `path` is relative to the output directory, with `/`; a name from a source in it has not been checked
    (`tree.Tree.add` does, and refuses a second file of one path)."""

    path: str
    data: bytes
    span: Span
    """Of the object that it is about: where a message about the file as a whole points."""
    marks: Callable[[], Sequence[SourceMapping]]
    """Called when the file is written, and again where a message needs a place."""
    raw: tuple[tuple[str, Span], ...] = ()
    """Of XML: for each part that the model does not know (the `xml` of a block), the place of the element that it goes into, and where
    it was written."""
    typed: bytes | None = None
    """Of XML with such parts: the same without them."""
    object: str = ""
    """The name of the object, as in an address."""
    kind: ObjectKind | None = None
    """Of which its definition is; None for files of hosts."""
    private: bool = False
    """It holds a password: nobody but its owner may read the file."""
    digest: str = ""
    """Of XML: the hash of its source, as it stands in it where it has a place for that."""
    imported: bool = False
    """Of a VM with `resolve = false`: what refers to what in it is the user's affair and libvirt's."""


def no_marks() -> Sequence[SourceMapping]:
    """Of a file that holds nothing of the sources."""
    return ()
