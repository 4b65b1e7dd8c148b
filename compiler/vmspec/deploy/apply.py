"""One host's plan, carried out: domain by domain, each step written down before and after it is taken.

A domain that fails leaves the others as they are. What is defined is read back; where libvirt made something else of it than was
predicted, the previous definition is put back.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from vmspec.base.provenance import show_path
from vmspec.base.record import replace
from vmspec.deploy import live, seeds
from vmspec.deploy.besides import jobs
from vmspec.deploy.binding import Refused
from vmspec.deploy.calls import GivenUp
from vmspec.deploy.host import AT_ONCE, HostConnection, Left
from vmspec.deploy.journal import Journal
from vmspec.deploy.powering import Powering
from vmspec.deploy.steps import Defined, LeftRunning, Pruned, RefusedLive, Started, Stopping
from vmspec.emit.domain import domain_xml
from vmspec.importing.host_domain import HostDefinition, mark_of, read_host_domain
from vmspec.plan.chain import shown_place
from vmspec.plan.change import Difference, Effect
from vmspec.plan.expected import unexpected
from vmspec.plan.mode import PlanMode
from vmspec.plan.naming import freeing_first
from vmspec.plan.preserve import nvram_path, with_passwords, with_variables
from vmspec.plan.restore import Before
from vmspec.plan.state import Actual, Passwords, WantedSeed, passwords_in
from vmspec.plan.verdict import Action, HostPlan, VmPlan


class ChangedUnderneath(Refused):
    """Somebody else was at work on a domain, or it ended by itself."""


@dataclass(frozen=True)
class DeployOptions:
    """How far a deploy may go."""

    shutdown_timeout: float = 120.0
    force_off: bool = False
    batch: int | None = None
    """Guests of a host that are restarted at once; None: as the VMs say, or one."""
    health: str | None = None
    """What has to be seen of one before the next batch: none, running, agent or address; None: as the VM says, or running."""
    health_timeout: float = 120.0


@dataclass(frozen=True)
class Outcome:
    """What became of one domain."""

    name: str
    done: tuple[str, ...] = ()
    """In words: created, updated, started…"""
    error: str | None = None
    refused: tuple[tuple[str, str], ...] = ()
    """Live changes that libvirt refused, with its words: they wait for a restart."""
    pending: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    """Of the running guest, which does them when its drivers get to it, or never."""
    moved: bool = False
    """It was no longer what the plan was made for, so that the rest was not done."""
    begun: bool = True
    """Whether anything was tried: nothing is, once the connection has been given up or somebody has asked us to end."""

    @property
    def ok(self) -> bool:
        return self.error is None and not self.refused


class Watch(Protocol):
    """Told how the work goes on, from several threads."""

    def expect(self, count: int) -> None:
        """So many more domains are to be done."""

    def done(self, what: str) -> None:
        """One domain is done: its name, and what was done."""


@dataclass
class Work:
    """One host and what is done to it."""

    host: HostConnection
    journal: Journal
    options: DeployOptions
    watch: Watch
    mode: PlanMode = PlanMode.DEPLOY
    replaced: dict[str, bytes] = field(default_factory=dict, repr=False)
    """By UUID, the definitions that were replaced, with their secrets."""

    def carry_out(self, plan: HostPlan) -> list[Outcome]:
        due = [vm for vm in plan.vms if vm.due and vm.action not in (Action.REFUSE, Action.MOVE)]
        self._write_before(due)
        self.host.calls.changing = True
        self.watch.expect(len(due))
        # What goes or is renamed leaves its name to another, which may be new.
        taken = {vm.name for vm in due if vm.action is not Action.PRUNE}
        leaving = [vm for vm in due if vm.action is Action.PRUNE and vm.name in taken]
        renames = [vm for vm in due if vm.action is Action.RENAME]
        first = [*leaving, *freeing_first(renames, lambda vm: vm.old_name or vm.name, lambda vm: vm.name)]
        found = {id(vm): self._one(vm) for vm in first}
        others = [vm for vm in due if id(vm) not in found]
        with ThreadPoolExecutor(max_workers=_workers(due)) as pool:
            found |= {id(vm): outcome for vm, outcome in zip(others, pool.map(self._one, others), strict=True)}
        outcomes = [found[id(vm)] for vm in due]
        for vm, outcome in zip(due, outcomes, strict=True):
            if not (outcome.ok and changes_power(vm)):
                self._told(outcome)
        return Powering(self, self._told).carry_out(due, outcomes)

    def _write_before(self, due: Sequence[VmPlan]) -> None:
        """A rollback is not undone, but by a deploy. A guest without a definition has none to go back to: it keeps the one that it gets."""
        known = [vm for vm in due if vm.actual is None or vm.actual.persistent]
        if known and self.mode is PlanMode.DEPLOY:
            self.journal.write(*(before(self._with_passwords(vm)) for vm in known))

    def _with_passwords(self, vm: VmPlan) -> VmPlan:
        """Of one that goes, with whether its displays have passwords: it is none of those whose passwords were compared."""
        there = vm.actual
        if vm.action is not Action.PRUNE or there is None or b"<graphics" not in there.inactive.data:
            return vm
        held = Passwords(passwords_in(read_host_domain(self.host.inactive(there.uuid, secure=True))), {})
        return replace(vm, actual=replace(there, passwords=held))

    def _told(self, outcome: Outcome) -> None:
        self.watch.done(f"{outcome.name} {'failed' if outcome.error else ', '.join(outcome.done) or 'unchanged'}")

    def unless_asked(self, what: str) -> None:
        """A point at which work on a domain can be left: what is defined is defined, and the next plan does the rest."""
        if self.host.calls.patience.stop.asked:
            raise Left(f"asked to end before it was {what}")

    def _one(self, vm: VmPlan) -> Outcome:
        why = self.host.calls.why_no_more
        if why is not None:
            return Outcome(vm.name, error=why, begun=False)
        done: list[str] = []
        refused: list[tuple[str, str]] = []
        try:
            self._steps(vm, done, refused)
        except (Refused, GivenUp) as error:
            if isinstance(error, GivenUp) and error.perhaps is not None:
                done.append(f"perhaps {error.perhaps}")
            return Outcome(vm.name, tuple(done), str(error), tuple(refused), moved=isinstance(error, ChangedUnderneath))
        if self.mode is PlanMode.ROLLBACK:
            return Outcome(vm.name, _undone(vm) if done else ())
        pending = () if vm.restart else _waiting(vm)
        asked = () if vm.restart else tuple(step.change.path for step in vm.live if step.waits)
        return Outcome(vm.name, tuple(done), None, tuple(refused), pending, asked)

    def _steps(self, vm: VmPlan, done: list[str], refused: list[tuple[str, str]]) -> None:
        if vm.action is Action.PRUNE:
            self._prune(vm, done)
            return
        self._unchanged_since(vm)
        uuid = vm.uuid or ""
        if vm.action is Action.RENAME:
            self._rename(vm, uuid)
            done.append(f"renamed from {vm.old_name}")
        if vm.running and vm.action is Action.UPDATE and vm.actual is not None and vm.actual.persistent and vm.actual.mark is None:
            # What the running XML hides of a change is known by the configuration that the guest was started with: this one.
            self.host.mark(vm.name, uuid, mark_of(vm.actual.inactive.data))
        if vm.action is not Action.NOTHING:
            uuid = self.define(vm, done)
        elif vm.seed is not None:
            self._put_seed(vm.seed, done)
        if vm.autostart is not None:
            self.host.set_autostart(vm.name, uuid, vm.autostart)
            done.append("autostart on" if vm.autostart else "autostart off")
        if vm.live and vm.running and vm.desired is not None and not vm.restart:
            refused += self._live(vm, uuid)
            if refused:
                self.journal.write(RefusedLive(uuid, tuple(path for path, _ in refused)), sync=False)
            if refused and not self.host.is_running(uuid):
                raise ChangedUnderneath("it has ended by itself since the plan was made")
            if len(refused) < len(vm.live):
                done.append("changed while running")
        if vm.blocked:
            raise Refused(f"it is not restarted while {vm.blocked} is under way")

    def power(self, vm: VmPlan, uuid: str) -> str:
        """Restarts, stops, resumes or starts; in words, what was done."""
        if vm.restart:
            self.unless_asked("restarted")
            self._restart(vm, uuid)
            return "restarted"
        if vm.stop:
            self.unless_asked("shut down")
            self._unless_at_work(vm.name, uuid)
            self.host.shut_down(vm.name, uuid, self.options.shutdown_timeout, self.options.force_off)
            return "shut down"
        if vm.resume:
            self.unless_asked("resumed")
            self.host.resume(vm.name, uuid)
            return "resumed"
        self.unless_asked("started")
        self.host.start(vm.name, uuid)
        self.journal.write(Started(uuid), sync=False)
        return "started"

    def _rename(self, vm: VmPlan, uuid: str) -> None:
        """The definition says first where the variables of its firmware are, so that whoever goes on from here finds them."""
        old = vm.old_name or ""
        path = None if vm.domain is None else nvram_path(vm.domain)
        if path is not None and vm.actual is not None and nvram_path(vm.actual.domain) is None:
            there = read_host_domain(self.host.inactive(uuid, secure=True))
            self.host.define(old, domain_xml(with_variables(there, path)).encode(), validate=False)
        self.host.rename(uuid, old, vm.name)

    def _unchanged_since(self, vm: VmPlan) -> None:
        """Somebody else may have been at work since the plan was made."""
        planned = vm.actual
        uuid = vm.uuid if planned is None else planned.uuid
        now = None if uuid is None else self.host.configuration(uuid)
        if planned is None:
            if now is not None:
                raise ChangedUnderneath("it has been made by somebody else since the plan was made")
            return
        if now is None:
            raise ChangedUnderneath("it has gone since the plan was made")
        if now != planned.inactive.data or self.host.running_now(planned.uuid) != planned.running:
            raise ChangedUnderneath("it has been changed since the plan was made: run the command again")

    def define(self, vm: VmPlan, done: list[str]) -> str:
        """Over the same UUID; never undefined first. What libvirt made of it must be what was predicted."""
        there = vm.actual
        previous = self._previous(there)
        imported = vm.desired is not None and vm.desired.imported
        assert vm.domain is not None
        wanted = vm.domain
        if imported and previous is not None and b"<graphics" in previous:
            wanted = with_passwords(wanted, passwords_in(read_host_domain(previous)))
        if vm.seed is not None:
            self._put_seed(vm.seed, done)
        # What comes back need not fit the schema of today.
        definition = vm.spelling or domain_xml(wanted).encode()
        uuid = self.host.define(vm.name, definition, validate=self.mode is PlanMode.DEPLOY)
        if previous is not None:
            self.replaced[uuid] = previous
        # From here on it is defined, whatever becomes of the connection.
        done.append("created" if vm.action is Action.CREATE else "updated")
        result = self.host.inactive(uuid)
        wrong = self._unpredicted(vm, result)
        if wrong:
            done.pop()
            if previous is not None:
                self.host.define(vm.name, previous, validate=False)
                raise Refused(f"libvirt made something else of it ({wrong}); the previous definition has been put back")
            if there is not None:
                raise Refused(f"libvirt made something else of it ({wrong}); it had no definition before")
            self.host.undefine(vm.name, uuid)
            raise Refused(f"libvirt made something else of it ({wrong}); it has been undefined again")
        self.journal.write(Defined(vm.name, uuid, result, {each.target: each.named for each in vm.kept}), sync=False)
        return uuid

    def _put_seed(self, seed: WantedSeed, done: list[str]) -> None:
        """Before the definition that names it, so that a guest that is started finds it."""
        seeds.put(seed)
        done.append("seed written")

    def _previous(self, there: Actual | None) -> bytes | None:
        """To be put back where need be: with secrets, which only displays have."""
        if there is None or not there.persistent:
            return None
        return self.host.inactive(there.uuid, secure=True) if b"<graphics" in there.inactive.data else there.inactive.data

    def _unpredicted(self, vm: VmPlan, result: bytes) -> str:
        """In words, what differs from the prediction; empty where nothing does."""
        # libvirt's test driver is no hypervisor: what it makes of a definition is not what any other would.
        if vm.desired is None or self.host.uri.startswith("test:"):
            return ""
        found = self._differing(vm, result)
        return ", ".join(show_path(each.path) for each in found[:5]) + (" …" if len(found) > 5 else "")

    def _differing(self, vm: VmPlan, result: bytes) -> list[Difference]:
        assert vm.domain is not None
        found = unexpected(HostDefinition(result).domain, vm.domain, self.host.version)
        if vm.desired is not None and vm.desired.imported:
            found = [each for each in found if each.after is not None]
        return [each for each in found if each.path != ("origin", "source")]

    def _live(self, vm: VmPlan, uuid: str) -> list[tuple[str, str]]:
        assert vm.desired is not None
        assert vm.actual is not None
        running = vm.actual.live_domain
        assert running is not None
        guest = live.RunningGuest(self.host, vm.name, uuid, vm.desired.domain, running, vm.live)
        return [(step.change.path, reason) for step, reason in live.apply(guest) if not step.waits]

    def _restart(self, vm: VmPlan, uuid: str) -> None:
        self._unless_at_work(vm.name, uuid)
        self.journal.write(Stopping(uuid))
        try:
            self.host.shut_down(vm.name, uuid, self.options.shutdown_timeout, self.options.force_off)
        except Left:
            raise
        except Refused:
            # It runs on; whoever ends it later means it.
            self.journal.write(LeftRunning(uuid), sync=False)
            raise
        try:
            self.host.start(vm.name, uuid)
        except Refused as error:
            self._as_before(vm, uuid, str(error))
        self.journal.write(Started(uuid), sync=False)

    def _as_before(self, vm: VmPlan, uuid: str, why: str) -> None:
        """A guest that was stopped for a definition that does not start runs again with the one that this deploy replaced."""
        previous = self.replaced.get(uuid)
        if previous is None:
            raise Refused(f"it was stopped, and does not start: {why}")
        self.host.define(vm.name, previous, validate=False)
        kept = {each.now: each.named for each in vm.kept}
        self.journal.write(Defined(vm.name, uuid, self.host.inactive(uuid), kept), sync=False)
        try:
            self.host.start(vm.name, uuid)
        except Refused as error:
            raise Refused(
                f"it was stopped, and does not start ({why}), nor with its previous definition, which it has again: {error}"
            ) from None
        self.journal.write(Started(uuid), sync=False)
        raise Refused(f"it does not start with what is wanted ({why}); it runs again, with its previous definition")

    def _unless_at_work(self, name: str, uuid: str) -> None:
        """A job that has begun since the plan was made would be lost."""
        found = jobs(self.host, uuid)
        if found:
            raise Refused(f"{name} is not stopped while {', '.join(found)} is under way")

    def _prune(self, vm: VmPlan, done: list[str]) -> None:
        assert vm.actual is not None
        uuid = vm.actual.uuid
        self._unchanged_since(vm)
        if vm.running:
            self._unless_at_work(vm.name, uuid)
            self.host.shut_down(vm.name, uuid, self.options.shutdown_timeout, self.options.force_off)
            done.append("stopped")
        if seeds.drop(vm.actual.domain, vm.name):
            done.append("seed removed")
        if vm.actual.persistent:
            self.host.undefine(vm.name, uuid)
            self.journal.write(Pruned(vm.name, uuid), sync=False)
        done.append("pruned")


def changes_power(vm: VmPlan) -> bool:
    return vm.restart or vm.stop or vm.resume or (vm.start and vm.action is not Action.PRUNE)


def _undone(vm: VmPlan) -> tuple[str, ...]:
    """In words, what a rollback has done to a domain."""
    if vm.action is Action.PRUNE:
        return ("undefined, as it was not there before",)
    return ("restored", *(f"{each.target} stays on {shown_place(each.there)}" for each in vm.kept))


def _waiting(vm: VmPlan) -> tuple[str, ...]:
    """Paths of what counts from the running guest's next start on."""
    future = (change.path for change in vm.changes if change.effect not in (Effect.LIVE, Effect.COSMETIC)) if vm.running else ()
    return tuple(dict.fromkeys((*(change.path for change in vm.pending), *future)))


def before(vm: VmPlan) -> Before:
    """Enough to bring back what was there."""
    there = vm.actual
    if there is None:
        return Before(vm.name, vm.uuid or "", None)
    passwords = frozenset(there.passwords.inactive if there.passwords is not None else ())
    return Before(there.name, vm.uuid or "", there.inactive.data, there.autostart, there.running, passwords)


def _workers(due: Sequence[VmPlan]) -> int:
    """Several definitions are under way at a time: libvirt reads its schema anew for each, and that is most of the work."""
    return max(1, min(AT_ONCE, len(due)))
