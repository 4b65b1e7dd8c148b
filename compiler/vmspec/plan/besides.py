"""What a host keeps of a domain besides its definition: saved states, snapshots, checkpoints, jobs, layers of images."""

from __future__ import annotations

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
    """overlay, moved, unknown, saved-state, snapshot, checkpoint, job, missing, clash, rename, unfinished, variables"""
    path: str
    """What it is about, as the language calls it; "" for the VM as a whole."""
    message: str
    where: SourcePlace = SourcePlace()
    """The line that brings it about."""
