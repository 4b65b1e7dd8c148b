"""One setting that a guest asks of the host that it is placed on, by itself or by what it has."""

from __future__ import annotations

from typing import NamedTuple

from vmspec.base.provenance import Path, Provenance
from vmspec.base.source import Span
from vmspec.model.value import Value


class Request(NamedTuple):
    """One setting that a VM asks of its host. `path` is the host's."""

    vm: str
    path: Path
    value: Value
    strength: str
    trail: Provenance
    span: Span
    asked: Path = ()
    """Where in the VM it is asked; () for `host` and the path."""
