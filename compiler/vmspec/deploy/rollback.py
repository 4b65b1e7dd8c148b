"""Back to the definitions before the last deploy, from the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vmspec.deploy.apply import DeployOptions, Outcome, Watch
from vmspec.deploy.besides import NOTHING_APPLIED, AppliedImages, with_images_that_stay
from vmspec.deploy.binding import Refused
from vmspec.deploy.calls import GivenUp
from vmspec.deploy.entry import Before, JournalEntry
from vmspec.deploy.host import HostConnection
from vmspec.deploy.journal import Journal
from vmspec.deploy.lines import JournalLine
from vmspec.emit.domain import domain_xml
from vmspec.importing.host_domain import HostDefinition, mark_of, read_host_domain
from vmspec.plan.chain import shown_place
from vmspec.plan.naming import freeing_first
from vmspec.plan.preserve import with_passwords
from vmspec.plan.state import Actual, passwords_in


@dataclass(frozen=True)
class Back:
    """What is to be done to one domain."""

    before: Before
    there: Actual | None
    applied: AppliedImages = NOTHING_APPLIED
    """What the deploy made of it."""

    @property
    def action(self) -> str:
        return "refuse" if self.refusal else self._action

    @property
    def refusal(self) -> str:
        """Why one host alone cannot undo it: the other one has it, or had it."""
        before = self.before
        if before.moved_from and self._action != "nothing":
            return f"a deploy moved it here from {before.moved_from}, where nobody has it now: set its place to that and deploy"
        if before.moved_to and self.there is None:
            return f"a deploy moved it to {before.moved_to}, which has it now: set its place back to this host and deploy"
        return ""

    @property
    def _action(self) -> str:
        match self.before.definition, self.there:
            case None, None:
                return "nothing"
            case None, _:
                return "undefine"
            case _, None:
                return "define"
            case _, there:
                assert there is not None
                same = there.inactive.data == self.before.definition and there.name == self.before.name
                return "nothing" if same and there.autostart == self.before.autostart else "restore"


def backs(entries: Sequence[JournalEntry], actual: Sequence[Actual]) -> list[Back]:
    """Of deploys that went on with one another, the newest first, the oldest knows what was there before all of them."""
    first: dict[str, Before] = {}
    created: dict[str, str] = {}
    applied: dict[str, AppliedImages] = {}
    for entry in entries:
        first |= {each.uuid or each.name: each for each in entry.before}
        created |= entry.created
        applied = {uuid: AppliedImages(HostDefinition(made), entry.kept.get(uuid, {})) for uuid, made in entry.applied.items()} | applied
    there: Mapping[str, Actual] = {each.uuid: each for each in actual}
    # A name alone is nobody's: where the host gave the UUID, it is the one that was given.
    uuids = [each.uuid or created.get(each.name, "") for each in first.values()]
    return [Back(each, there.get(uuid), applied.get(uuid, NOTHING_APPLIED)) for each, uuid in zip(first.values(), uuids, strict=True)]


@dataclass(frozen=True)
class Undo:
    """One host, and how far a rollback may go."""

    host: HostConnection
    journal: Journal
    options: DeployOptions
    stop: bool
    """Guests that the deploy created may be stopped to be undefined."""
    interrupted: frozenset[str]
    """Guests that a killed deploy had stopped for a restart."""
    watch: Watch


def roll_back(undo: Undo, found: Sequence[Back]) -> list[Outcome]:
    undo.host.calls.changing = True
    undo.watch.expect(len(found))
    return [_outcome(undo, each) for each in _in_order(found)]


def _in_order(found: Sequence[Back]) -> list[Back]:
    """What was made goes first, since it may have a name that another had before."""
    made, others = [back for back in found if back.action == "undefine"], [back for back in found if back.action != "undefine"]
    return [*made, *freeing_first(others, lambda back: back.there.name if back.there else "", lambda back: back.before.name)]


def _outcome(undo: Undo, back: Back) -> Outcome:
    why = undo.host.calls.why_no_more
    if why is not None and back.action != "nothing":
        return Outcome(back.before.name, error=why, begun=False)
    try:
        done = [*_one(undo, back), *_started(undo, back)]
        outcome = Outcome(back.before.name, tuple(done))
    except (Refused, GivenUp) as error:
        perhaps = error.perhaps if isinstance(error, GivenUp) else None
        outcome = Outcome(back.before.name, () if perhaps is None else (f"perhaps {perhaps}",), str(error))
    undo.watch.done(f"{back.before.name} {'failed' if outcome.error else back.action}")
    return outcome


def _started(undo: Undo, back: Back) -> list[str]:
    """What we stopped does not stay so."""
    uuid = back.before.uuid
    if uuid not in undo.interrupted or back.action == "undefine" or undo.host.is_running(uuid):
        return []
    undo.host.start(back.before.name, uuid)
    undo.journal.write([{"step": "started", "uuid": uuid}], sync=False)
    return ["started"]


def _one(undo: Undo, back: Back) -> list[str]:
    host, before, there = undo.host, back.before, back.there
    if back.refusal:
        raise Refused(back.refusal)
    match back.action:
        case "nothing":
            return []
        case "undefine":
            assert there is not None
            if there.running and not undo.stop:
                raise Refused("the deploy created it and it runs: stop it, or say --prune-running")
            if there.running:
                host.shut_down(there.name, there.uuid, undo.options.shutdown_timeout, undo.options.force_off)
            host.undefine(there.name, there.uuid)
            undo.journal.write([{"step": "pruned", "name": there.name, "uuid": there.uuid}], sync=False)
            return ["undefined, as it was not there before"]
    assert before.definition is not None
    definition = with_secrets(before, b"" if there is None else host.inactive(there.uuid, secure=True))
    definition, kept = (definition, ()) if there is None else with_images_that_stay(host, definition, there, back.applied)
    if there is not None and there.name != before.name:
        host.rename(there.uuid, there.name, before.name)
    if there is not None and there.running and there.persistent and there.mark is None:
        # The guest goes on as it is: what it then has otherwise is of our doing.
        host.mark(there.name, there.uuid, mark_of(there.inactive.data))
    result = host.inactive(host.define(before.name, definition, validate=False))
    line: JournalLine = {"step": "defined", "name": before.name, "uuid": before.uuid, "result": result.decode()}
    named = {each.target: list(each.named) for each in kept}
    undo.journal.write([line | ({"kept": named} if named else {})], sync=False)
    if there is None or there.autostart != before.autostart:
        host.set_autostart(before.name, before.uuid, before.autostart)
    return ["restored", *(f"{each.target} stays on {shown_place(each.there)}" for each in kept)]


def with_secrets(before: Before, secure: bytes) -> bytes:
    """A definition from the journal has no passwords: those of displays that are there now, in `secure`, stay.

    Refused where a display that had one would be left open.
    """
    assert before.definition is not None
    now = passwords_in(read_host_domain(secure)) if secure else {}
    lost = sorted(before.passwords - now.keys())
    if lost:
        raise Refused(f"its {lost[0]} display had a password, which is kept nowhere: deploy the older sources")
    if not now:
        return before.definition
    was = read_host_domain(before.definition)
    domain = with_passwords(was, now)
    return before.definition if domain is was else domain_xml(domain).encode()
