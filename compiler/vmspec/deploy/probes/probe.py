"""One look at one setting: what is to be read for it, what it was meant to be, and what is there."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from vmspec.base.provenance import Path
from vmspec.base.record import record
from vmspec.deploy.facts.system import Gathered
from vmspec.model.value import CpuSet

Shown = Callable[[CpuSet], str]
"""How CPUs are said: a rehearsed machine has other numbers than its host."""


class ProbeState(Enum):
    AS_MEANT = "as-meant"
    NOT_TAKEN = "not-taken"
    AFTER_RESTART = "after-restart"
    """It counts from the next boot of the host, and was written after the last."""
    UNSEEN = "unseen"
    """The machine has nothing to look at: no such hardware, module or process, or it is root's alone."""


@record(frozen=True, slots=True, kw_only=True)
class Probe:
    """`look` are lines for look.sh; `read` finds in what it printed what the setting is, or None."""

    paths: tuple[Path, ...]
    """Of the host's values, or of the guest's, that it follows from."""
    what: str
    meant: str
    read: Callable[[Gathered], str | None]
    look: tuple[str, ...] = ()
    guest: str | None = None
    """Of a thread or the memory of a guest: its name."""
    boot: bool = False
    """It counts from the next boot only."""
    rehearsed: bool = True
    """An emulated machine with a small system has what it is about: no card, no governor, no other service."""
    file: str | None = None
    """The file of the host that sets it."""


@record(frozen=True, slots=True)
class ProbedSetting:
    probe: Probe
    found: str | None
    state: ProbeState

    @property
    def path(self) -> Path:
        return self.probe.paths[0] if self.probe.paths else ()

    @property
    def what(self) -> str:
        return self.probe.what

    @property
    def meant(self) -> str:
        return self.probe.meant


def probed(probe: Probe, seen: Gathered, recent: frozenset[str] = frozenset()) -> ProbedSetting:
    """`recent`: files of the host that are newer than its boot."""
    found = probe.read(seen)
    if found is None:
        return ProbedSetting(probe, None, ProbeState.UNSEEN)
    if found == probe.meant:
        return ProbedSetting(probe, found, ProbeState.AS_MEANT)
    waits = probe.boot and probe.file in recent
    return ProbedSetting(probe, found, ProbeState.AFTER_RESTART if waits else ProbeState.NOT_TAKEN)


def cpus_or_none(show: Shown, cpus: CpuSet | None) -> str | None:
    return None if cpus is None else show(cpus) or "none"


def size_text(size: int) -> str:
    return f"{size >> 30} GiB" if size % (1 << 30) == 0 else f"{size >> 20} MiB" if size % (1 << 20) == 0 else f"{size >> 10} KiB"
