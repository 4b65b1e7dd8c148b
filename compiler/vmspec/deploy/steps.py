"""The steps of a deploy or a rollback, as its journal keeps them: the union `JournalStep`, and what stands at a journal's head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from vmspec.base.record import field, record
from vmspec.plan.chain import ImageKey
from vmspec.plan.files import KnownFile
from vmspec.plan.restore import Before


@record(frozen=True)
class JournalHead:
    """What a journal is about."""

    kind: str = ""
    """`deploy` or `rollback` (`PlanMode`)."""
    uri: str = ""
    target: str = ""
    """The host as the person called it."""
    project: str = ""
    of: tuple[int, ...] = ()
    """Of a rollback: the deploys that it undoes."""
    when: str = ""
    """In UTC, as 2026-11-27T10:00:00Z."""
    by: str = ""
    """The person and the machine; the first vmc did not say."""
    vmc: str = ""
    """The version that wrote it."""


@record(frozen=True)
class Defined:
    """libvirt has defined a domain."""

    name: str
    uuid: str
    result: bytes
    """What it made of the definition, without secrets."""
    kept: Mapping[str, ImageKey] = field(default_factory=dict)
    """By target, what the program named for a disk whose image stayed, since it was the host's."""


@record(frozen=True)
class Pruned:
    """A domain has been undefined."""

    name: str
    uuid: str


@record(frozen=True)
class Stopping:
    """A guest is about to be stopped for a restart, or for a move from another host."""

    uuid: str
    origin: str = ""
    """The host that it moves from."""


@record(frozen=True)
class LeftRunning:
    """A guest did not stop, or is back where it was."""

    uuid: str


@record(frozen=True)
class Started:
    """A guest runs again, or is no longer ours to start."""

    uuid: str


@record(frozen=True)
class RefusedLive:
    """libvirt has refused to change these paths of a running guest."""

    uuid: str
    paths: tuple[str, ...]


@record(frozen=True)
class FileBefore:
    """A file of ours as it was, with its content where the deploy changes it and it was there."""

    known: KnownFile
    data: bytes | None = None


@record(frozen=True)
class FilesBefore:
    """The files of the host below a root that were ours."""

    root: str
    files: tuple[FileBefore, ...] = ()


@record(frozen=True)
class SecretSet:
    """A secret of libvirt has got its value."""

    uuid: str


@record(frozen=True)
class LeftEarly:
    """The host was left before all was done."""

    why: str


@record(frozen=True)
class NotWhole:
    """A rollback came to its end, and not all of it went well: the next one does it again."""


@record(frozen=True)
class Ended:
    """It came to its end."""

    ok: bool


@record(frozen=True)
class Reported:
    """The person has been told of a rollback."""


JournalStep: TypeAlias = (
    Before
    | Defined
    | Pruned
    | Stopping
    | LeftRunning
    | Started
    | RefusedLive
    | FilesBefore
    | SecretSet
    | LeftEarly
    | NotWhole
    | Ended
    | Reported
)
