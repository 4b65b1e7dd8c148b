"""libvirt's QEMU driver inside this process, `qemu:///embed?root=DIR`: what it needs that libvirtd would give it.

It needs an event loop, or a monitor never answers; settings without a daemon, a namespace or another user (libvirt 9.0.0
src/qemu/qemu.conf.in); and somebody who reaps: after a guest's end the driver waits, up to 80 s a call, until the process is gone, and
in a container whose first process does not reap, a dead QEMU stays. So this process adopts orphans (prctl(2), PR_SET_CHILD_SUBREAPER).
"""

from __future__ import annotations

import ctypes
import os
import re
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.events import run_event_loop
from vmspec.deploy.failpoints import act

AS_ROOT = """\
user = "root"
group = "root"
swtpm_user = "root"
swtpm_group = "root"
"""
SETTINGS = """\
stdio_handler = "file"
security_driver = "none"
namespaces = []
dynamic_ownership = 0
remember_owner = 0
"""
LONGEST_ROOT = 60
"""The path of a guest's monitor lies below it, and a socket's path ends at 107 bytes (unix(7))."""
PR_SET_CHILD_SUBREAPER = 36
PERIOD = 0.02
DAEMONS = frozenset(("swtpm", "virtiofsd", "passt"))
"""These lead the session they run in: they fork once after setsid()."""

_running = False


def root_of(uri: str) -> Path | None:
    """The root directory of such a URI; None for another URI."""
    parts = urlsplit(uri)
    if parts.path != "/embed" or not parts.scheme.startswith("qemu"):
        return None
    root = (parse_qs(parts.query).get("root") or [""])[0]
    if not root.startswith("/"):
        raise HostError(codes.UNKNOWN_TARGET, f"{uri} does not say its root: qemu:///embed?root=/absolute/path")
    if len(os.fsencode(root)) > LONGEST_ROOT:
        raise HostError(codes.UNKNOWN_TARGET, f"the root {root} is longer than {LONGEST_ROOT} bytes: sockets below it would have no room")
    return Path(root)


def prepare(root: Path) -> None:
    """The root with its settings, where nobody has made them yet."""
    config = root / "etc" / "qemu.conf"
    if not config.exists():
        with act(f"write {config}"):
            config.parent.mkdir(parents=True, exist_ok=True)
            config.write_text((AS_ROOT if os.geteuid() == 0 else "") + SETTINGS, encoding="utf-8")


def remedy(message: str) -> str | None:
    """What helps where the driver does not open. Run by root it looks up the user that it was built with before it reads any setting
    (virQEMUDriverConfigNew, src/qemu/qemu_conf.c), and Debian 12 makes that user with the daemon only."""
    found = re.search(r"Failed to parse (?:user|group) '([^']+)'", message)
    if found is None:
        return None
    return f"libvirt was built for the system user {found[1]}: install the daemon (libvirt-daemon-system), or useradd --system {found[1]}"


def run_daemon_duties() -> None:
    """The event loop and the reaping, for as long as this process lives; once is enough."""
    global _running
    if _running:
        return
    _running = True
    run_event_loop()
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0:
        threading.Thread(target=_reap, name="reaper", daemon=True).start()


def _reap() -> None:
    while True:
        time.sleep(PERIOD)
        with suppress(ChildProcessError):
            if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                _reap_adopted()


def _reap_adopted() -> None:
    """Dead daemons only: our own children, and libvirt's direct ones, belong to whoever waits for them."""
    me, session = os.getpid(), os.getsid(0)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _is_adopted(entry, me, session):
            with suppress(ChildProcessError):
                os.waitpid(int(entry.name), os.WNOHANG)


def _is_adopted(entry: Path, me: int, session: int) -> bool:
    """Whether a process is dead, our child, and was started as a daemon; from its stat (proc(5)), whose name may hold brackets."""
    try:
        head, _, rest = (entry / "stat").read_text("utf-8", "replace").rpartition(")")
    except OSError:
        return False
    state, parent, _, own = rest.split()[:4]
    if state != "Z" or int(parent) != me:
        return False
    return int(own) not in (session, int(entry.name)) or head.partition("(")[2] in DAEMONS
