"""What is to be done to one domain and to one host, and what the person asked for: the records of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from hashlib import sha256

from vmspec.base.record import field, record, replace
from vmspec.model.domain import Domain
from vmspec.plan.besides import Note
from vmspec.plan.change import Change
from vmspec.plan.changes import LiveStep
from vmspec.plan.files import FilesPlan
from vmspec.plan.keeping import Kept
from vmspec.plan.mode import PlanMode
from vmspec.plan.moves import NOTHING_SEEN, Seen, Sighting
from vmspec.plan.only import Only
from vmspec.plan.secrets import Doing, SecretPlan
from vmspec.plan.state import Actual, Desired, WantedSeed


class Action(Enum):
    NOTHING = "nothing"
    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    MOVE = "move"
    PRUNE = "prune"
    REFUSE = "refuse"


@record(frozen=True)
class VmPlan:
    """What is to be done to one domain."""

    name: str
    uuid: str | None
    action: Action
    changes: tuple[Change, ...] = ()
    live: tuple[LiveStep, ...] = ()
    pending: tuple[Change, ...] = ()
    """What the running guest has otherwise, until it is restarted."""
    running: bool = False
    autostart: bool | None = None
    """To be set to this; None: it stays."""
    start: bool = False
    restart: bool = False
    power: tuple[str, str] | None = None
    """What it does, and what the program says it is to do."""
    stop: bool = False
    resume: bool = False
    blocked: str = ""
    """What keeps it from being restarted, though somebody asked for that."""
    old_name: str | None = None
    reason: str = ""
    """Of a refusal."""
    notes: tuple[Note, ...] = ()
    """What the host has, and keeps."""
    kept: tuple[Kept, ...] = ()
    """The images that stay, though the program names others."""
    move: Sighting | None = field(default=None, compare=False)
    """Where it comes from."""
    domain: Domain | None = None
    """The definition that is to be."""
    spelling: bytes | None = field(default=None, compare=False)
    """The bytes that say `domain`, where they are defined as they are: a definition that comes back."""
    actual: Actual | None = None
    desired: Desired | None = field(default=None, compare=False)
    kept_passwords: tuple[str, ...] = ()
    """Parameters that were not given: the displays keep the passwords that they have."""
    seed: WantedSeed | None = field(default=None, compare=False)
    """To be written to the host."""
    lacks: tuple[str, ...] = ()
    """Secrets of libvirt that it names and that the host has not, or has no value of: it is neither started nor restarted."""

    @property
    def digest(self) -> str:
        """Of the definition that is to be. Of a password nothing: a hash that stands in a file could be tried out."""
        if self.domain is None:
            return ""
        if self.desired is not None and self.domain is self.desired.domain:
            return self.desired.digest
        shown = self.domain.but(graphics=tuple(each.but(passwd=None) for each in self.domain.graphics))
        return sha256(repr(shown).encode()).hexdigest()[:32]

    @property
    def due(self) -> bool:
        """Whether there is something to do."""
        acts = (
            self.action not in (Action.NOTHING, Action.REFUSE)
            or self.autostart is not None
            or self.start
            or self.restart
            or self.stop
            or self.resume
            or bool(self.blocked)
            or self.seed is not None
        )
        return acts or any(not step.waits for step in self.live)


@record(frozen=True)
class Leaving:
    name: str
    running: bool
    host: str
    """Where the program places it."""
    unfinished: bool = False
    """A move there was cut off after it had been stopped here."""


@record(frozen=True)
class HostPlan:
    """What is to be done to one host."""

    target: str
    uri: str
    vms: tuple[VmPlan, ...] = ()
    files: FilesPlan | None = None
    foreign: int = 0
    """Domains that are none of ours, and stay as they are."""
    unpruned: tuple[str, ...] = ()
    """Ours, no longer in the program, and kept since nobody said `--prune`."""
    fingerprint: str = ""
    leaving: tuple[Leaving, ...] = ()
    """VMs of the program that are here, and are placed on another host."""
    secrets: tuple[SecretPlan, ...] = ()
    """Of libvirt's own that the VMs name."""
    mode: PlanMode = PlanMode.DEPLOY
    undoes: tuple[int, ...] = ()
    """Of a rollback: the deploys that it undoes, the newest first. Of none, where the host is there already."""
    route: str = ""
    """Of a rollback, in words: from which deploy to which."""

    @property
    def due(self) -> bool:
        return self.due_here or any(vm.due for vm in self.vms)

    def with_secrets(self, secrets: tuple[SecretPlan, ...]) -> HostPlan:
        """A guest that would not find its secret does not start: it is not stopped for that, either."""
        if not secrets:
            return self
        lacking = {vm: each.name for each in secrets if each.lacks for vm in each.vms}
        vms = tuple(_unstarted(vm, lacking[vm.name]) if vm.name in lacking else vm for vm in self.vms)
        digest = sha256(self.fingerprint.encode())
        digest.update(repr([(each.name, each.kind, each.uuid, each.doing.value) for each in secrets]).encode())
        return replace(self, vms=vms, secrets=secrets, fingerprint=digest.hexdigest())

    def with_files(self, files: FilesPlan) -> HostPlan:
        digest = sha256(self.fingerprint.encode())
        steps = [(step.action.value, step.path, sha256(step.data).hexdigest(), step.drift) for step in files.steps]
        digest.update(repr((steps, [file.digest for file in files.known], files.left, files.stale)).encode())
        return replace(self, files=files, fingerprint=digest.hexdigest())

    @property
    def due_here(self) -> bool:
        """Whether there is something to do besides moves, which come after all else."""
        secrets = any(each.doing is Doing.SET for each in self.secrets)
        return secrets or any(vm.due for vm in self.vms if vm.move is None) or bool(self.files and self.files.due)

    @property
    def refused(self) -> tuple[VmPlan, ...]:
        return tuple(vm for vm in self.vms if vm.action is Action.REFUSE)


def _unstarted(vm: VmPlan, secret: str) -> VmPlan:
    """What runs on another host is not stopped for a start that would fail."""
    if vm.move is not None:
        reason = f"it cannot move: the host lacks its secret {secret}"
        return VmPlan(vm.name, vm.uuid, Action.REFUSE, reason=reason, actual=vm.actual, notes=vm.notes)
    return replace(vm, start=False, restart=False, lacks=(*vm.lacks, secret))


@record(frozen=True)
class PlanOptions:
    """What the person asked for besides the program."""

    project: str
    prune: bool = False
    prune_running: bool = False
    start: bool = False
    restart: bool = False
    renames: Mapping[str, str] = field(default_factory=dict)
    """Old name → new name."""
    elsewhere: frozenset[str] = frozenset()
    """UUIDs and names of VMs of the program that are another host's, and that this libvirt may have all the same: none is pruned."""
    only: Only | None = None
    """The choice of VMs that the person made; nothing is done to any other."""
    interrupted: Mapping[str, str] = field(default_factory=dict)
    """Guests that a killed deploy had stopped for a restart, and those that it moved, with the host that they came from: they are started
    again."""
    placed: Mapping[str, str] = field(default_factory=dict)
    """UUIDs of VMs of the program that are placed on another host, and that host."""
    seen: Seen = NOTHING_SEEN
    """What the other hosts of the program have of the VMs that are to be made or started."""
    trial: bool = False
    """The target is no host of the program."""
    discarded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By VM, the disks that are to go back to the images that the program names."""
    mode: PlanMode = PlanMode.DEPLOY
