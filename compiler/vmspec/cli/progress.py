"""Says how far long work is: a bar on a terminal, a line now and then elsewhere, nothing within the first second."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from vmspec.report.terminal import safe

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

QUIET = 1.0
"""Seconds before anything is said."""
EVERY = 5.0
"""Seconds between two lines where there is no terminal."""
STRIDE = 64
"""Steps between two looks at the clock."""


class Progress:
    """`what` is the plural of what is counted. Writes to standard error."""

    def __init__(self, what: str, total: int, wanted: bool = True) -> None:
        self._what, self._total, self._wanted = what, total, wanted
        self._next = time.monotonic() + QUIET
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._done = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def at(self, done: int) -> None:
        """Of quick work, for which a look at the clock is much."""
        if done % STRIDE == 0:
            self._say(done, "")

    def expect(self, count: int) -> None:
        """More is to be done; the quiet second begins with the first of it."""
        with self._lock:
            if self._total == 0:
                self._next = time.monotonic() + QUIET
            self._total += count

    def done(self, what: str) -> None:
        """Of slow work, by several threads: one more, and which."""
        with self._lock:
            self._done += 1
            self._say(self._done, what)

    def _say(self, done: int, what: str) -> None:
        now = time.monotonic()
        if not self._wanted or now < self._next:
            return
        if sys.stderr.isatty():
            self._next = now + 0.1
            self._show(done)
        else:
            self._next = now + EVERY
            last = f": {safe(what)}" if what else ""
            sys.stderr.write(f"vmc: {done:,} of {self._total:,} {self._what}{last}\n")

    def _show(self, done: int) -> None:
        if self._bar is None or self._task is None:
            from rich.console import Console
            from rich.progress import Progress as Bar

            self._bar = Bar(console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self._what, total=self._total)
            self._bar.start()
        self._bar.update(self._task, completed=done, total=self._total)
