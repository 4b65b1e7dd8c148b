"""A VM that another host of the program has: whether it may be made or started here, and what keeps it from moving.

A domain that runs twice destroys its disks. So the hosts that may have a UUID are looked at before it is made or started anywhere; where
one has it, the VM moves: it is stopped there and started here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from vmspec.base.record import field, record
from vmspec.model.domain import Domain
from vmspec.plan.file_uses import FileKey, FileUse, HostPlaces, uses
from vmspec.plan.state import Actual, AppliedState


@record(frozen=True)
class SharedStorage:
    """Which places two hosts both see."""

    paths: tuple[str, ...] = ()
    pools: frozenset[str] = frozenset()

    def has(self, key: FileKey) -> bool:
        kind, name = key[0], key[1]
        if kind == "path":
            return any(name == path or name.startswith(path.rstrip("/") + "/") for path in self.paths)
        # Servers answer every host; a controller is of one.
        return name in self.pools if kind == "volume" else kind not in ("nvme", "variables")


@record(frozen=True)
class Sighting:
    """A domain on another host of the program."""

    host: str
    uri: str
    there: Actual
    foreign: bool = False
    """It says that it is of another project."""
    storage: SharedStorage = SharedStorage()
    """What that host and the one of the plan both see."""
    places: HostPlaces = HostPlaces()
    tpm: str | None = None
    """The folder of TPM states there, one a UUID."""
    saves: str | None = None
    """The folder of saved states there."""
    memory: AppliedState | None = field(default=None, compare=False)
    """What is known of that host from earlier deploys."""


@record(frozen=True)
class Seen:
    """What a look at the other hosts has found, by UUID."""

    found: Mapping[str, tuple[Sighting, ...]] = field(default_factory=dict)
    hidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The hosts that may have it and could not be looked at."""
    gone: Mapping[str, AppliedState] = field(default_factory=dict)
    """Of hosts that somebody says are off, by their name: what is known of them."""


NOTHING_SEEN = Seen()


@record(frozen=True)
class MoveRuling:
    """Of one VM: refused, moved from somewhere, or neither; and what is to be said."""

    reason: str = ""
    move: Sighting | None = None
    note: str = ""


def ruling(uuid: str, here: Actual | None, begins: bool, unfinished: bool, restart: bool, trial: bool, seen: Seen) -> MoveRuling:
    """`begins`: it is to be made or started here. `unfinished`: a deploy had stopped it and did not live to start it. `restart`: guests may
    be stopped for this. `trial`: the host is none of the program's, and nothing moves there."""
    hidden, found = seen.hidden.get(uuid, ()), seen.found.get(uuid, ())
    runs_here = here is not None and here.running
    running = [each for each in found if each.there.running]
    if hidden and begins and not trial:
        return MoveRuling(
            f"{_and(hidden)} cannot be looked at, and may have it: say --gone {hidden[0]} only where that host is off for sure"
        )
    if runs_here and running:
        return MoveRuling(f"it runs here and on {_and([each.host for each in running])}: stop it on one of them, now")
    if runs_here:
        return MoveRuling(note=_left(found))
    if not found or not (begins or running):
        return MoveRuling(note=_left(found))
    if trial:
        return MoveRuling(f"it runs on {_and([each.host for each in running])}") if running else MoveRuling()
    if len(running) > 1:
        return MoveRuling(f"it runs on {_and([each.host for each in running])}: stop it on all but one")
    move = (running or list(found))[0]
    if here is not None and not running and not unfinished:
        return MoveRuling(note=_left(found))
    return _move(move, restart)


def _move(move: Sighting, restart: bool) -> MoveRuling:
    there = move.there
    if move.foreign:
        return MoveRuling(f"{move.host} has a domain with its UUID that is of another project: it is not touched")
    if there.running and not restart:
        return MoveRuling(f"it runs on {move.host}: --allow-restart stops it there and starts it here")
    if there.besides.jobs:
        return MoveRuling(f"it runs on {move.host}, where {', '.join(there.besides.jobs)} is under way")
    behind = list(left_behind(move))
    if behind:
        return MoveRuling(f"it cannot move from {move.host}, which alone has {', '.join(behind)}")
    return MoveRuling(move=move)


def _left(found: Sequence[Sighting]) -> str:
    return (
        f"{_and([each.host for each in found])} has a definition of it too, which does not run; --prune there removes it" if found else ""
    )


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# ----------------------------------------------------------------------------------------------- what stays behind

STATE = ("image", "copy", "firmware", "firmware variables", "TPM state", "TPM", "persistent store", "nvdimm memory", "virtio-pmem memory")
"""What is a guest's own of the files that it writes. Sockets and logs are the host's."""


def left_behind(move: Sighting) -> Iterator[str]:
    """The state of a guest that its new host does not see, in words, each once."""
    there, besides = move.there, move.there.besides
    definition = there.inactive.readable
    both = (definition, None if there.live is None else there.live.readable)
    held = dict.fromkeys(use for each in both if each is not None for use in uses(each, move.places))
    yield from dict.fromkeys(_shown(use, there.name) for use in held if use.what in STATE and _stays(use, move.storage))
    if definition is not None:
        yield from dict.fromkeys(_tpm(move, definition))
        yield from dict.fromkeys(_folders(definition, move.storage))
    if besides.saved:
        path = f" {move.saves}/{there.name}.save" if move.saves else ""
        yield f"its saved state{path}"
    for what, names in (("snapshot", besides.snapshots), ("checkpoint", besides.checkpoints)):
        if names:
            yield f"its {what}{'s' * (len(names) != 1)} {', '.join(names)}"


def _stays(use: FileUse, storage: SharedStorage) -> bool:
    """A disk that several guests may use is on storage that several hosts see: libvirt does not copy one either (qemuMigrationAnyCopyDisk,
    src/qemu/qemu_migration.c 9.0.0)."""
    return not use.shareable and not storage.has(use.key)


def _shown(use: FileUse, name: str) -> str:
    return f"the firmware variables of {name}" if use.key[0] == "variables" else f"{use.shown} ({use.what})"


def _tpm(move: Sighting, definition: Domain) -> Iterator[str]:
    """An emulated TPM whose definition says no place for its state."""
    for tpm in definition.tpm:
        path = None if move.tpm is None else f"{move.tpm}/{move.there.uuid}"
        own = str(tpm.backend) == "emulator" and tpm.source is None
        if own and not (path is not None and move.storage.has(("path", path))):
            yield f"{path} (TPM state)" if path else "its TPM state"


def _folders(definition: Domain, storage: SharedStorage) -> Iterator[str]:
    """Folders of the host that the guest may write to."""
    for each in definition.filesystem:
        held = {} if each.source is None else vars(each.source)
        path = held.get("dir") or held.get("file")
        if path and not each.readonly and not storage.has(("path", str(path))):
            yield f"{path} (filesystem)"


def common(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """The shared paths that both hosts name."""
    also = {path.rstrip("/") for path in other}
    return tuple(path for path in one if path.rstrip("/") in also)
