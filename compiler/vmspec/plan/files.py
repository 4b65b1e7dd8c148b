"""Files of a host: what is emitted, what lies there, and what our manifest says that we put there, as one plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from hashlib import sha256

from vmspec.base.record import field, record
from vmspec.plan.change import Change, Effect, SourcePlace


class FileAction(Enum):
    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"


@record(frozen=True)
class FileSetting:
    """One setting of a file: how the language or the file calls it, its text there, and where it comes from."""

    name: str
    value: str
    where: SourcePlace = SourcePlace()


@record(frozen=True)
class WantedFile:
    """`path` is absolute on the host. `after` and `undone` are the commands that make its presence and its absence count."""

    path: str
    data: bytes
    after: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    reboot: bool = False
    settings: tuple[FileSetting, ...] = ()


@record(frozen=True)
class KnownFile:
    """What the manifest on the host says of a file that we put there."""

    path: str
    digest: str
    undone: tuple[str, ...] = ()
    reboot: bool = False
    after: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """What its settings were: name → text."""
    earlier: str = ""
    """The digest of what it was, while it is being replaced: a killed run leaves the one or the other."""


@record(frozen=True)
class FileStep:
    action: FileAction
    path: str
    data: bytes = b""
    commands: tuple[str, ...] = ()
    reboot: bool = False
    drift: bool = False
    """It is not what we put there."""
    changes: tuple[Change, ...] = ()
    """Setting by setting; none where the file alone is otherwise than we left it."""

    @property
    def effect(self) -> Effect:
        return Effect.HOST_REBOOT if self.reboot else Effect.LIVE


@record(frozen=True, slots=True)
class Elsewhere:
    """A setting of ours that a file of others on the host sets otherwise: `theirs` is what that file says, `why` what follows."""

    file: str
    line: int
    setting: FileSetting
    theirs: str
    why: str

    def __str__(self) -> str:
        meant = f", and {self.setting.value} is meant" if self.setting.value else ""
        return f"{self.setting.name}: {self.file}:{self.line} has {self.theirs}{meant}: {self.why}"


@record(frozen=True)
class FilesPlan:
    steps: tuple[FileStep, ...]
    known: tuple[KnownFile, ...]
    """The manifest as it will be."""
    left: tuple[str, ...] = ()
    """Commands that an earlier run left to be run."""
    stale: tuple[str, ...] = ()
    """Paths whose owners have their files back, and whose backups a killed run has left."""
    owed: bool = False
    """A killed run has left the host to be restarted."""
    unlisted: bool = False
    """The manifest is otherwise than it will be, though no file is."""
    elsewhere: tuple[Elsewhere, ...] = ()
    restored: tuple[str, ...] = ()
    """Commands that give settings of the running system the values that they had before us."""

    @property
    def due(self) -> bool:
        return bool(self.steps or self.left or self.stale or self.unlisted or self.restored)

    @property
    def reboot(self) -> bool:
        return self.owed or any(step.reboot for step in self.steps)

    @property
    def commands(self) -> tuple[str, ...]:
        """Each once, in order: those that stop something before those that read files anew."""
        return tuple(dict.fromkeys((*self.left, *(command for step in self.steps for command in step.commands), *self.restored)))


def plan_files(
    wanted: Sequence[WantedFile],
    there: Mapping[str, bytes | None],
    known: Sequence[KnownFile],
    backups: Collection[str] = (),
) -> FilesPlan:
    """`there` holds the content of each wanted and known path; None where nothing lies. `backups`: where others' files lay before."""
    ours = {each.path: each for each in known}
    steps: list[FileStep] = []
    for file in sorted(wanted, key=lambda each: each.path):
        found = there.get(file.path)
        if found != file.data:
            action = FileAction.CREATE if found is None else FileAction.UPDATE
            before = ours.get(file.path)
            drift = before is not None and _digest(found) not in (before.digest, before.earlier)
            changes = _changes({} if before is None or found is None else before.settings, file.settings, file.reboot)
            steps.append(FileStep(action, file.path, file.data, file.after, file.reboot, drift, changes))
    names = {file.path for file in wanted}
    for gone in sorted(known, key=lambda each: each.path):
        if gone.path not in names and (there.get(gone.path) is not None or gone.path in backups):
            drift = _digest(there.get(gone.path)) not in (gone.digest, gone.earlier)
            changes = _changes(gone.settings, (), gone.reboot)
            steps.append(FileStep(FileAction.REMOVE, gone.path, b"", gone.undone, gone.reboot, drift, changes))
    return FilesPlan(tuple(steps), tuple(_known(file) for file in sorted(wanted, key=lambda each: each.path)))


def _known(file: WantedFile) -> KnownFile:
    settings = {each.name: each.value for each in file.settings}
    return KnownFile(file.path, _digest(file.data), file.undone, file.reboot, file.after, settings)


def _changes(before: Mapping[str, str], after: Sequence[FileSetting], reboot: bool) -> tuple[Change, ...]:
    effect = Effect.HOST_REBOOT if reboot else Effect.LIVE
    found = [
        Change(each.name, _shown(before.get(each.name)), _shown(each.value), effect, each.where)
        for each in after
        if before.get(each.name) != each.value
    ]
    kept = {each.name for each in after}
    return (*found, *(Change(name, _shown(value), None, effect) for name, value in before.items() if name not in kept))


def _shown(value: str | None) -> str | None:
    """A setting that is there or not has no text of its own."""
    return "set" if value == "" else value


def _digest(data: bytes | None) -> str:
    return "" if data is None else sha256(data).hexdigest()
