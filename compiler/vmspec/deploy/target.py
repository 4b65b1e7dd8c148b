"""What a call asks of a host, and what became of it: the records that planning, applying and the commands share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.json_text import Json
from vmspec.deploy.apply import DeployOptions, Outcome
from vmspec.deploy.calls import Patience
from vmspec.deploy.neighbours import Neighbours, Other
from vmspec.deploy.otherfiles import PlaceFinder
from vmspec.deploy.probes.probe import ProbedSetting, ProbeState
from vmspec.lower.fleet import HostObject
from vmspec.plan.change import SourcePlace
from vmspec.plan.files import FilesPlan
from vmspec.plan.state import Desired
from vmspec.plan.verdict import HostPlan, PlanOptions


@dataclass(frozen=True)
class HostTarget:
    """One libvirt and what is wanted of it."""

    name: str
    """As the person called it."""
    uri: str
    vms: tuple[Desired, ...] = ()
    host: HostObject | None = None
    where: PlaceFinder = lambda host, paths: SourcePlace()
    """Of the host's settings."""
    elsewhere: frozenset[str] = frozenset()
    """UUIDs and names of VMs of the program that belong to other hosts, where that may be this libvirt too."""
    placed: Mapping[str, tuple[str, Desired]] = field(default_factory=dict)
    """VMs of the program that are placed on other hosts, by UUID, with the host."""
    others: tuple[Other, ...] = ()
    """The other hosts of the program that can be looked at."""
    shared: tuple[str, ...] = ()
    """Paths of the host whose data other hosts see too."""
    trial: bool = False
    """It is no host of the program."""


@dataclass(frozen=True)
class Settings:
    """Of one call."""

    wishes: PlanOptions
    state_dir: str | None = None
    lock_timeout: float = 0.0
    patience: Patience = field(default_factory=Patience)
    """With calls of libvirt."""
    options: DeployOptions = field(default_factory=DeployOptions)
    files_root: str | None = None
    """Where the files of the host are planned and written; None: not at all."""
    run_commands: bool = False
    to: int | None = None
    """Of a rollback: the deploy that it goes back to; None: to the one before the last."""
    keep_files: bool = False
    """Of a rollback: files that the deploy changed are not to be brought back."""
    neighbours: Neighbours = field(default_factory=Neighbours)
    expected: Mapping[str, Json] | None = None
    """Of a saved plan: by target what it says."""
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Values for secrets of libvirt, by the name that the program has for them."""


@dataclass(frozen=True)
class HostResult:
    """What became of one host."""

    target: HostTarget
    plan: HostPlan | None = None
    outcomes: tuple[Outcome, ...] = ()
    commands: tuple[str, ...] = ()
    failed_commands: tuple[str, ...] = ()
    error: Diagnostic | None = None
    files: FilesPlan | None = None
    """What was to be done to the files of the host."""
    journal: Path | None = None
    """Of a rollback that is whole, until the person has been told."""
    warnings: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    """For people: from which deploy to which a rollback went."""
    files_left: tuple[str, ...] = ()
    """Roots whose files the deploy changed, and the rollback did not."""
    probed: tuple[ProbedSetting, ...] = ()
    """Settings of the host, as it has them: those of the files that a deploy changed, or all for verify."""

    @property
    def ok(self) -> bool:
        refused = self.plan is not None and bool(self.plan.refused)
        fine = not refused and not self.failed_commands and all(outcome.ok for outcome in self.outcomes)
        return self.error is None and fine and all(each.state is not ProbeState.NOT_TAKEN for each in self.probed)
