"""The folder of a host in the state directory: found by which host it is, claimed under its lock; what an earlier vmc kept is moved."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from vmspec.deploy import codes, lines
from vmspec.deploy.binding import HostError
from vmspec.deploy.calls import Patience
from vmspec.deploy.failpoints import act
from vmspec.deploy.host import HostConnection, connected
from vmspec.deploy.identity import Identity, embedded_identity, identity
from vmspec.deploy.journal import UNREADABLE, History, base_of, by_uri, journals, locked, own_folder

VERSION = 1
_names: dict[str, str] = {}
"""Key of a host → what it called itself, in this process."""
_lock = threading.Lock()


@dataclass(frozen=True)
class Store:
    """One host's memory."""

    folder: Path
    identity: Identity
    uri: str

    @property
    def earlier(self) -> Path:
        """Where its journals lay before hosts were known by their UUID."""
        return by_uri(self.folder.parent, self.uri)

    def history(self) -> History:
        """To be read; where nothing has been moved yet, from both places."""
        self.checked()
        if self.earlier == self.folder or not journals(self.earlier):
            return History(self.folder)
        own_folder(self.earlier, make=False)
        old, new = journals(self.earlier), journals(self.folder)
        return History(self.earlier, self.folder) if not new or max(old) < min(new) else History(self.folder)

    def checked(self) -> None:
        """Refused where another host claims to be this one, or where the folder leads elsewhere."""
        own_folder(self.folder, make=False)
        if not self.identity.name:
            return
        with _lock:
            known = _known_as(self.folder) or _names.setdefault(self.identity.key, self.identity.name)
        if _short(known) != _short(self.identity.name):
            message = f"{self.uri} is {self.identity.name}, and says the UUID of {known}"
            help = (
                f"give one of them a UUID of its own (host_uuid in libvirtd.conf, /etc/machine-id); if it was renamed, remove {self.about}"
            )
            raise HostError(codes.HOST_CONFLICT, message, help)

    @property
    def about(self) -> Path:
        return self.folder / "host.json"

    def claim(self) -> History:
        """Under the lock: what lies elsewhere is moved here, and the URI is remembered."""
        self.checked()
        self._move()
        uris = _uris(self.folder)
        if self.uri not in uris:
            plain = {"version": VERSION, "host": self.identity.key, "name": self.identity.name, "uris": [*uris, self.uri]}
            scratch = self.about.with_suffix(".new")
            with act("write host.json"):
                scratch.unlink(missing_ok=True)
                _new_file(scratch, (json.dumps(plain, indent=1) + "\n").encode())
                scratch.replace(self.about)
        return History(self.folder, set_aside=True)

    def _move(self) -> None:
        if (self.folder / READY).is_dir():
            _finish(self.earlier, self.folder)
        if self.earlier == self.folder or not journals(self.earlier):
            return
        own_folder(self.earlier, make=False)
        old, new = journals(self.earlier), journals(self.folder)
        if new and max(old) >= min(new):
            _merge(self.earlier, self.folder)
            _finish(self.earlier, self.folder)
            return
        for number in sorted(old):
            with act("move a journal"):
                old[number].rename(self.folder / old[number].name)


READY = "merged"
"""A folder of journals that are about to take the place of those that they were made of."""
ORIGINALS = "originals"
"""A file in it: the originals have not all been put away."""


def _merge(old: Path, new: Path) -> None:
    """Two spellings of a URI have each had journals of their own: they are put in the order of their times, and numbered anew."""
    found = [(_when(file), folder, number, file) for folder in (old, new) for number, file in journals(folder).items()]
    order = sorted(found, key=lambda each: (each[0], each[1] == new, each[2]))
    numbers = {(folder, number): place for place, (_, folder, number, _) in enumerate(order, 1)}
    scratch = new / "merging"
    scratch.mkdir(mode=0o700, exist_ok=True)
    for stale in scratch.iterdir():
        stale.unlink()
    for _, folder, number, file in order:
        suffix = UNREADABLE if file.suffix == UNREADABLE else ""
        of = {other: place for (where, other), place in numbers.items() if where == folder}
        _new_file(scratch / f"{numbers[folder, number]:06d}.jsonl{suffix}", _renumbered(file.read_bytes(), of))
    _new_file(scratch / ORIGINALS, b"")
    with act("merge journals"):
        scratch.rename(new / READY)


def _finish(old: Path, new: Path) -> None:
    """Also where a kill came in between: the originals are put away, and kept, then the merged ones take their place."""
    ready, away = new / READY, new / "before-merge"
    away.mkdir(mode=0o700, exist_ok=True)
    if (ready / ORIGINALS).exists():
        for folder in (new, old):
            for file in journals(folder).values():
                with act("put a journal away"):
                    file.rename(away / f"{folder.name[-10:]}-{file.name}")
        (ready / ORIGINALS).unlink()
    for file in sorted(ready.iterdir()):
        with act("place a journal"):
            file.rename(new / file.name)
    ready.rmdir()


def _new_file(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


def _when(file: Path) -> str:
    with suppress(lines.UnreadableJournal, HostError):
        head = lines.read(file).head
        return "" if head is None else head.when
    return ""


def _renumbered(data: bytes, numbers: dict[int, int]) -> bytes:
    """With the new numbers of the deploys that a rollback undid."""
    first, newline, rest = data.partition(b"\n")
    with suppress(ValueError):
        head = json.loads(first)
        if isinstance(head, dict) and isinstance(head.get("of"), list):
            head["of"] = [numbers.get(each, each) for each in head["of"]]
            return json.dumps(head, separators=(",", ":")).encode() + newline + rest
    return data


def _about(folder: Path) -> dict[str, object]:
    """An unreadable one is none: it is written anew."""
    with suppress(OSError, ValueError):
        held = json.loads((folder / "host.json").read_text(encoding="utf-8"))
        if isinstance(held, dict) and held.get("version") == VERSION:
            return held
    return {}


def _uris(folder: Path) -> list[str]:
    held = _about(folder).get("uris")
    return [each for each in held if isinstance(each, str)] if isinstance(held, list) else []


def _known_as(folder: Path) -> str:
    held = _about(folder).get("name")
    return held if isinstance(held, str) else ""


def _short(name: str) -> str:
    """Whether a host says its domain as well depends on its resolver."""
    return name.partition(".")[0].casefold()


# ------------------------------------------------------------------------------------------------------- found


def _store(state_dir: str | None, known: Identity, uri: str) -> Store:
    return Store(base_of(state_dir) / known.folder, known, uri)


def store_of(state_dir: str | None, host: HostConnection) -> Store:
    return _store(state_dir, identity(host), host.uri)


def store_without(state_dir: str | None, uri: str) -> Store | None:
    """Without a connection: of an embedded driver, or by a URI that has been used before; None where only the host can tell."""
    inside = embedded_identity(uri)
    if inside is not None:
        return _store(state_dir, inside, uri)
    base = base_of(state_dir)
    for folder in sorted(base.iterdir()) if base.is_dir() else ():
        if uri in _uris(folder) and not folder.is_symlink():
            return Store(folder, Identity(str(_about(folder).get("host")), folder.name), uri)
    return None


@contextmanager
def held(uri: str, state_dir: str | None, lock_timeout: float, patience: Patience) -> Iterator[tuple[HostConnection, Store, History]]:
    """A connection, and the lock of the host that it leads to. An embedded root is locked first: libvirt opens it for one process alone."""
    inside = embedded_identity(uri)
    if inside is not None:
        store = _store(state_dir, inside, uri)
        own_folder(store.folder, make=False)
        with locked(store.folder, uri, lock_timeout, patience.stop), connected(uri, change=True, patience=patience) as host:
            yield host, store, store.claim()
        return
    with connected(uri, change=True, patience=patience) as host:
        store = store_of(state_dir, host)
        store.checked()
        with locked(store.folder, uri, lock_timeout, patience.stop):
            yield host, store, store.claim()
