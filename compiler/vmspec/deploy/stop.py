"""Whether somebody has asked the process to end: the first SIGINT, SIGTERM or SIGHUP asks, the second ends it at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ASKED = b"vmc: asked to end: what is under way is finished, nothing more is begun (once more: ends at once)\n"
AT_ONCE = b"vmc: ended at once: the same command, run again, goes on from here\n"


@dataclass
class Stop:
    """Looked at wherever work can be left: the safe points of a deploy."""

    by: signal.Signals | None = None

    @property
    def asked(self) -> bool:
        return self.by is not None

    @property
    def exit_code(self) -> int:
        """As shells say it of a process that a signal has ended."""
        return 128 + (self.by or 0)


@contextmanager
def listening(stop: Stop) -> Iterator[None]:
    """Signals ask instead of killing. One that the caller has us ignore (nohup, a shell's background job) stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, _: object) -> None:
        again, stop.by = stop.by is not None, signal.Signals(number)
        _say(AT_ONCE if again else ASKED)
        if again:
            # The kernel releases the locks; the journal ends with its last whole line.
            os._exit(stop.exit_code)

    known = {number: signal.getsignal(number) for number in SIGNALS}
    ours = [number for number, before in known.items() if before not in (signal.SIG_IGN, None)]
    for number in ours:
        signal.signal(number, ask)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, known[number])


def _say(text: bytes) -> None:
    with suppress(OSError):
        os.write(2, text)
