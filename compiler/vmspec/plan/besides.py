"""What a host keeps of a domain besides its definition: saved states, snapshots, checkpoints, jobs, layers of images."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.record import record
from vmspec.plan.chain import NOT_LOOKED, ImageLayers
from vmspec.plan.change import SourcePlace


@record(frozen=True)
class Besides:
    saved: bool = False
    """The next start goes on from a saved state (virsh managedsave)."""
    snapshots: tuple[str, ...] = ()
    checkpoints: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    """What is under way on the running guest, in words: `blockcopy of vda`, `backup`."""
    layers: ImageLayers = NOT_LOOKED


NOTHING_BESIDES = Besides()


@record(frozen=True, slots=True)
class Note:
    """Something on the host that a plan keeps, and that whoever reads the plan has to know."""

    kind: str
    """overlay, moved, unknown, saved-state, snapshot, checkpoint, job, missing, absent, unseen, clash, rename, unfinished, variables"""
    path: str
    """What it is about, as the language calls it; "" for the VM as a whole."""
    message: str
    where: SourcePlace = SourcePlace()
    """The line that brings it about."""


def _stay(some: tuple[str, ...]) -> str:
    return "stays" if len(some) == 1 else "stay"


def besides_notes(name: str, besides: Besides, changes: bool) -> Iterator[Note]:
    """What there is to say of it. `changes`: the configuration is to be another."""
    if besides.saved:
        text = "its next start goes on from a saved state"
        if changes:
            text += ", with the configuration of that time: what changes counts from the start after that, or once"
            text += f" virsh managedsave-remove {name} has dropped the state"
        yield Note("saved-state", "", text)
    if besides.snapshots:
        yield Note("snapshot", "", f"has {_named('snapshot', besides.snapshots)}, which {_stay(besides.snapshots)}")
    if besides.checkpoints:
        yield Note("checkpoint", "", f"has {_named('checkpoint', besides.checkpoints)}, which {_stay(besides.checkpoints)}")
    if besides.jobs:
        yield Note("job", "", f"{', '.join(besides.jobs)} under way: it is not restarted before that has ended")


def _named(what: str, names: tuple[str, ...]) -> str:
    return f"the {what}{'s' * (len(names) != 1)} {', '.join(names)}"
