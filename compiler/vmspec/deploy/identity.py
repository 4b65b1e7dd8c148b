"""Which libvirt a URI means, however it is written: the host's UUID, the driver, and in which mode it runs there."""

from __future__ import annotations

import getpass
import os
import pwd
import re
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from vmspec.deploy import embedded
from vmspec.deploy.host import HostConnection

_WORDS = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True)
class Identity:
    """`key` is equal for connections that mean one libvirt. `name` is what the host calls itself; empty where it does not matter."""

    key: str
    words: str
    """For people who look into the directory."""
    name: str = ""

    @property
    def folder(self) -> str:
        """Nothing of it leaves the directory it is in: letters, digits, `.`, `-`, and a hash."""
        words = _WORDS.sub("-", self.words).strip("-.")[:40].rstrip("-.")
        return f"{words}-{sha256(self.key.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def embedded_identity(uri: str) -> Identity | None:
    """Of the driver inside this process, which is on this machine: known before it is opened. None for another URI."""
    root = embedded.root_of(uri)
    if root is None:
        return None
    real = os.path.realpath(root)
    return Identity(f"qemu embed {real}", f"embed-{real}")


def identity(host: HostConnection) -> Identity:
    """Of a connection. A driver without a UUID of its host (libvirt's test driver) is the URI alone."""
    inside = embedded_identity(host.uri)
    if inside is not None:
        return inside
    uuid, name = host.identity()
    if uuid is None:
        return Identity(host.uri, host.uri)
    parts = urlsplit(host.uri)
    driver = parts.scheme.partition("+")[0]
    mode = _mode(host.uri)
    return Identity(f"{driver} {uuid} {mode}", f"{name.partition('.')[0]}-{mode}", name)


def _mode(uri: str) -> str:
    """`system`, or whose `session`."""
    parts = urlsplit(uri)
    path = unquote(parts.path).strip("/") or "system"
    return f"session-{_user(uri)}" if path == "session" else path


def _user(uri: str) -> str:
    """Whose session: the user that the URI names, else the owner of its socket, else we ourselves (as ssh takes it too)."""
    parts = urlsplit(uri)
    if parts.username:
        return unquote(parts.username)
    socket = (parse_qs(parts.query).get("socket") or [""])[0]
    with suppress(OSError, KeyError):
        if socket and not parts.hostname:
            return pwd.getpwuid(Path(socket).stat().st_uid).pw_name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
