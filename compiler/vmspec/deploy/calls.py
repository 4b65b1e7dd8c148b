"""Calls of libvirt, each of which ends: with an answer, or after its limit with the connection given up.

A call that waits for libvirtd cannot be interrupted, but Python's binding lets other threads run meanwhile. So each is made by a thread
that may stay behind: it is a daemon's (threading.Thread.daemon), and does not keep the process alive.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from vmspec.base.diagnostic import Diagnostic
from vmspec.deploy import codes
from vmspec.deploy.binding import HostError, libvirt, said
from vmspec.deploy.stop import Stop

T = TypeVar("T")
LIMIT = 60.0
"""Seconds a call has, unless the person says otherwise."""
SLOW = {"create": 10, "createWithFlags": 10, "destroy": 3, "destroyFlags": 3}
"""How many times the limit others have: a start may have to clear hundreds of gigabytes of huge pages first."""
KEEPALIVE = 5, 3
"""Seconds between two questions to libvirtd whether it is there, and how many may stay without an answer (virConnectSetKeepAlive)."""
GRACE = 10.0
"""Seconds that a call under way has left once somebody has asked us to end."""
TICK = 0.2
GOODBYE = 3.0
"""Seconds for the end of a connection."""
LOCAL = frozenset(("name", "UUIDString", "UUID", "connect", "usageType", "usageID"))
"""Methods of the binding that ask nobody."""
READS = (
    "open",
    "close",
    "list",
    "lookup",
    "secretLookup",
    "get",
    "is",
    "value",
    "XMLDesc",
    "autostart",
    "state",
    "info",
    "memoryStats",
    "blockIoTune",
)
DOES = {
    "defineXMLFlags": "defined",
    "undefine": "undefined",
    "undefineFlags": "undefined",
    "rename": "renamed",
    "create": "started",
    "shutdown": "asked to shut down",
    "destroy": "stopped",
    "setAutostart": "autostart set",
    "setValue": "value set",
}
_left_behind: list[object] = []
"""Connections that were given up: to let go of one would call it once more."""


@dataclass(frozen=True)
class Patience:
    """How long a call may take, and who may cut it short."""

    limit: float = LIMIT
    stop: Stop = field(default_factory=Stop)


class GivenUp(HostError):
    """The connection has been given up: libvirt does not answer, the connection broke, or somebody asked us to end."""

    def __init__(self, why: Diagnostic, call: str | None) -> None:
        super().__init__(why.code, why.message, why.help)
        self.perhaps = None if call is None else DOES.get(call, None if call.startswith(READS) else "changed while running")
        """In words, what the call without an answer may have done."""


class _Job:
    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self.done = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._call()
        except BaseException as error:
            self.error = error
        self.done.set()


class _Worker:
    """A thread that makes one call after another."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        threading.Thread(target=self._run, name="libvirt-call", daemon=True).start()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()
            del job

    def give(self, job: _Job | None) -> None:
        self._jobs.put(job)


class Calls:
    """The calls of one connection."""

    def __init__(self, uri: str, patience: Patience) -> None:
        self._uri, self.patience = uri, patience
        self._idle: list[_Worker] = []
        self._connection: Any = None
        self.over: Diagnostic | None = None
        """Why the connection has been given up."""
        self.changing = False
        """Whether the host may have been changed: a call under way then gets a while more where somebody asks us to end."""

    @property
    def why_no_more(self) -> str | None:
        """Why no further domain is begun."""
        if self.over is not None:
            return "its host no longer answers"
        return "asked to end before it" if self.patience.stop.asked else None

    def open(self) -> Any:
        """The connection; its calls, and those of all that is got through it, are limited."""
        module = libvirt()
        self._connection = self.run("open", lambda: module.open(self._uri))
        with suppress(module.libvirtError, AttributeError):  # not every driver has it
            self._connection.setKeepAlive(*KEEPALIVE)
        return Remote(self._connection, self)

    def close(self) -> None:
        if self._connection is None:
            return
        if self.over is None:
            connection = self._connection
            with suppress(libvirt().libvirtError, GivenUp):
                self.run("close", connection.close, GOODBYE)
        if self.over is not None:
            _left_behind.append(self._connection)
        self._connection = None
        while self._idle:
            self._idle.pop().give(None)

    def run(self, name: str, call: Callable[[], T], limit: float | None = None) -> T:
        """The call's result or error; GivenUp where it takes too long, or where the connection is gone."""
        self._still_there()
        job = _Job(call)
        worker = self._worker()
        worker.give(job)
        self._await(name, job, limit or self.patience.limit * SLOW.get(name, 1))
        self._idle.append(worker)
        if job.error is None:
            result: T = job.result
            return result
        self._unless_lost(name, job.error)
        raise job.error

    def _worker(self) -> _Worker:
        try:
            return self._idle.pop()
        except IndexError:
            return _Worker()

    def _await(self, name: str, job: _Job, limit: float) -> None:
        begun = time.monotonic()
        end, hurried = begun + limit, False
        while not job.done.wait(max(0.0, min(TICK, end - time.monotonic()))):
            now = time.monotonic()
            if self.patience.stop.asked and not hurried:
                end, hurried = min(end, now + (GRACE if self.changing else 0.0)), True
            if self.over is None and now >= end:
                self._give_up(job, _unanswered(self._uri, name, now - begun, hurried and not self.changing))
            self._still_there(name, job)

    def _give_up(self, job: _Job, why: Diagnostic) -> None:
        self.over = why
        _left_behind.append(job)

    def _still_there(self, name: str | None = None, job: _Job | None = None) -> None:
        if job is None and self.over is None and self.patience.stop.asked and not self.changing:
            self.over = _interrupted(self._uri)
        if self.over is not None:
            if job is not None:
                _left_behind.append(job)
            raise GivenUp(self.over, name)

    def _unless_lost(self, name: str, error: BaseException) -> None:
        """A call also fails because the connection has ended under it; libvirt's own client knows whether it has, and asks nobody."""
        module = libvirt()
        if self._connection is None or not isinstance(error, module.libvirtError):
            return
        try:
            alive = self._connection.isAlive() != 0
        except module.libvirtError:
            alive = True
        if not alive:
            self.over = Diagnostic(codes.NO_ANSWER, f"the connection to {self._uri} has ended: {said(error)}", help=AGAIN)
            raise GivenUp(self.over, name)


AGAIN = "the same command, run again, goes on from here"


def _unanswered(uri: str, name: str, seconds: float, only_read: bool) -> Diagnostic:
    if only_read:
        return _interrupted(uri)
    return Diagnostic(
        codes.NO_ANSWER, f"{uri} has not answered within {seconds:.0f} s (call {name})", help=f"{AGAIN}; --timeout waits longer"
    )


def _interrupted(uri: str) -> Diagnostic:
    return Diagnostic(codes.INTERRUPTED, f"{uri}: asked to end before anything was done there")


class Remote:
    """The binding's connection, or an object that was got through it, each call of which is limited."""

    __slots__ = ("_calls", "_held")

    def __init__(self, held: Any, calls: Calls) -> None:
        self._held, self._calls = held, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._held, name)
        return found if name in LOCAL or not callable(found) else partial(self._call, name, found)

    def _call(self, name: str, method: Callable[..., Any], *given: Any) -> Any:
        plain = [_plain(each) for each in given]
        return self._wrapped(self._calls.run(name, lambda: method(*plain)))

    def _wrapped(self, result: Any) -> Any:
        if isinstance(result, (list, tuple)):
            return type(result)(map(self._wrapped, result))
        return Remote(result, self._calls) if type(result).__module__ == "libvirt" else result


def _plain(given: Any) -> Any:
    if isinstance(given, list):
        return [_plain(each) for each in given]
    return given._held if isinstance(given, Remote) else given
