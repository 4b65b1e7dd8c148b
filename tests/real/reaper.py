"""Reaping of daemons that libvirt leaves behind, for processes that run the embedded driver.

The embedded driver starts QEMU as a daemon and later waits, up to 80 s a call, until `kill(pid, 0)` fails. Where nobody reaps
orphans (a container whose pid 1 does not), the dead QEMU stays a zombie and each destroy and each capability probe costs those 80 s
(observed with libvirt 9.0.0). So this process becomes the child subreaper (prctl(2), PR_SET_CHILD_SUBREAPER) and reaps the adopted.

As a command, `python -m tests.real.reaper CMD ARG...` runs CMD under a subreaper and exits as CMD does.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_PERIOD = 0.02  # seconds; a destroy waits for this long at most
_DAEMONS = frozenset({"swtpm", "virtiofsd", "passt"})  # these call setsid() after one fork, so they lead the session they run in


@dataclass(frozen=True)
class _Child:
    pid: int
    name: str
    parent: int
    session: int
    dead: bool


def adopt_orphans() -> None:
    """Makes this process the parent of every orphan below it and reaps those that were daemons; once is enough."""
    global _running
    if _running:
        return
    _running = True
    _become_subreaper()
    threading.Thread(target=_reap_forever, name="reaper", daemon=True).start()


_running = False


def _become_subreaper() -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def _reap_forever() -> None:
    while True:
        time.sleep(_PERIOD)
        with contextlib.suppress(ChildProcessError):
            if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                _reap_adopted()


def _reap_adopted() -> None:
    """Reaps dead daemons only: our own children, and libvirt's direct ones, belong to whoever waits for them."""
    me, session = os.getpid(), os.getsid(0)
    for child in _children(me):
        # A daemon was forked once more after setsid(), so it neither shares our session nor leads one.
        adopted = child.session not in (session, child.pid) or child.name in _DAEMONS
        if child.dead and adopted:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, os.WNOHANG)


def _children(parent: int) -> Iterator[_Child]:
    """The children of `parent` from /proc/PID/stat (proc(5)); the name stands in brackets and may itself hold any."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            head, _, rest = (entry / "stat").read_text("utf-8", "replace").rpartition(")")
        except OSError:
            continue
        state, ppid, _, sid = rest.split()[:4]
        if int(ppid) == parent:
            yield _Child(int(entry.name), head.partition("(")[2], parent, int(sid), state == "Z")


def main(argv: list[str]) -> int:
    """Runs a command with this process as the parent of all it leaves behind; what still lives at its end is killed."""
    _become_subreaper()
    command = subprocess.Popen(argv)
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == command.pid:
            break
    for child in list(_children(os.getpid())):
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(child.pid, 9)
            os.waitpid(child.pid, 0)
    return os.waitstatus_to_exitcode(status) & 0xFF


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
