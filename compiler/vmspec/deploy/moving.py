"""A VM goes from one host of the program to another: defined there, stopped here, undefined here, started there.

Both hosts are locked, and each has its journal. In this order it runs in one place only, wherever it is cut off:

    defined on the new host              it runs on the old one; what is on the new one does not start, since the old one is looked at first
    stopped, which both journals know    it runs nowhere; the next deploy goes on from here
    undefined on the old host            and can no longer start there by itself
    the old host's journal lets go       a rollback there does not start it any more
    started on the new host              and its journal ends
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vmspec.base.record import replace
from vmspec.deploy.apply import Outcome, Work
from vmspec.deploy.besides import jobs
from vmspec.deploy.binding import Refused
from vmspec.deploy.host import HostConnection, Left
from vmspec.deploy.journal import Journal, next_number
from vmspec.deploy.steps import Ended, JournalHead, JournalStep, LeftRunning, Started, Stopping
from vmspec.importing.host_domain import read_host_domain
from vmspec.plan.preserve import with_passwords
from vmspec.plan.restore import Before
from vmspec.plan.state import passwords_in
from vmspec.plan.verdict import VmPlan


@dataclass
class Move:
    """One VM, its new host at work, and its old one."""

    vm: VmPlan
    new: Work
    old: HostConnection
    old_journal: Journal

    def carry_out(self) -> Outcome:
        done: list[str] = []
        try:
            self._steps(done)
        except Refused as error:
            return Outcome(self.vm.name, tuple(done), str(error))
        return Outcome(self.vm.name, tuple(done))

    def _steps(self, done: list[str]) -> None:
        assert self.vm.move is not None
        there = self.vm.move.there
        now = self.old.actual(there.uuid)
        if now is None or (now.inactive, now.running) != (there.inactive, there.running):
            raise Refused(f"it has changed on {self.vm.move.host} since the plan was made: run the command again")
        definition = self.old.inactive(there.uuid, secure=True)
        vm = self.vm
        if vm.desired is not None and vm.desired.imported and vm.domain is not None:
            vm = replace(vm, domain=with_passwords(vm.domain, passwords_in(read_host_domain(definition))))
        uuid = self.new.define(vm, [])
        if there.running:
            self._stop(uuid)
        if there.persistent:
            self.old.undefine(there.name, uuid)
        self.old_journal.write(Started(uuid))
        done.append(f"moved from {self.vm.move.host}")
        self._begin(uuid, definition, done)

    def _stop(self, uuid: str) -> None:
        assert self.vm.move is not None
        there, options = self.vm.move.there, self.new.options
        try:
            found = jobs(self.old, uuid)
            if found:
                raise Refused(f"{', '.join(found)} is under way on {self.vm.move.host}")
            self._write(Stopping(uuid, self.vm.move.host))
            self.old.shut_down(there.name, uuid, options.shutdown_timeout, options.force_off)
        except Left:
            # It may end yet: both journals know that we stopped it.
            raise
        except Refused:
            if self.old.is_running(uuid):
                self._write(LeftRunning(uuid))
                self._taken_back(uuid)
            raise

    def _begin(self, uuid: str, definition: bytes, done: list[str]) -> None:
        vm, host = self.vm, self.new.host
        try:
            if vm.autostart is not None:
                host.set_autostart(vm.name, uuid, vm.autostart)
            if vm.start:
                host.start(vm.name, uuid)
                self.new.journal.write(Started(uuid), sync=False)
                done.append("started")
        except Refused as error:
            if host.is_running(uuid):
                raise
            done.clear()
            self._back(uuid, definition)
            raise Refused(f"{error}; it is back on {self.vm.move.host if self.vm.move else ''}") from None

    def _back(self, uuid: str, definition: bytes) -> None:
        """To where it was, with what it was; it runs nowhere now."""
        assert self.vm.move is not None
        there = self.vm.move.there
        if there.persistent:
            self.old.define(there.name, definition, validate=False)
            if there.autostart:
                self.old.set_autostart(there.name, uuid, True)
            self._taken_back(uuid)
        if there.running and there.persistent:
            self.old.start(there.name, uuid)
        self._write(LeftRunning(uuid))

    def _taken_back(self, uuid: str) -> None:
        """What was defined on the new host, where it had none."""
        if self.vm.actual is None:
            self.new.host.undefine(self.vm.name, uuid)

    def _write(self, step: JournalStep) -> None:
        for journal in (self.old_journal, self.new.journal):
            journal.write(step)


@contextlib.contextmanager
def journal_of_old(folder: Path, head: JournalHead, vm: VmPlan, to: str) -> Iterator[Journal]:
    """The old host's journal of a move: what it had, so that a rollback there brings it back."""
    assert vm.move is not None
    there = vm.move.there
    journal = Journal(folder, next_number(folder), head)
    with contextlib.closing(journal):
        flags = there.autostart, there.running
        journal.write(Before(there.name, there.uuid, there.inactive.data, *flags, moved_to=to))
        yield journal
        journal.write(Ended(ok=True))
