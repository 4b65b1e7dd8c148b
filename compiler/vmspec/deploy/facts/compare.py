"""Which committed facts of a host are no longer so."""

from __future__ import annotations

import json
from collections.abc import Iterator

from vmspec.base.json_text import Json
from vmspec.base.record import record
from vmspec.model.facts import HostFacts
from vmspec.model.facts_json import entries

FOLLOWS = frozenset({"sysctls", "parameters", "kernel.args"})
"""Names follow from the kernel, whose release is compared, and arguments from the program and the host's own files."""
COMES_AND_GOES = frozenset({"speed", "driver"})
"""A link that is down has no speed, and a device that a guest has no driver of the host's: their absence is no change."""
KEYS = ("name", "address", "id", "cpus")
"""What an entry of a list is known by: the first that it has."""
CLOSE = 1
"""Per cent by which the memory of a node may differ: another kernel keeps another part for itself."""


@record(frozen=True, slots=True)
class Gone:
    """A fact that is no longer so. `now` is None where the host has it no more."""

    path: str
    was: str
    now: str | None

    def __str__(self) -> str:
        return f"{self.path} was {self.was} and is {'gone' if self.now is None else self.now}"


def gone(committed: HostFacts, now: HostFacts) -> tuple[Gone, ...]:
    """What the host has besides is no contradiction: only what the file says is looked for."""
    return tuple(_differences("", entries(committed), entries(now)))


def _differences(path: str, was: Json, now: Json | None) -> Iterator[Gone]:
    if path in FOLLOWS or was == now:
        return
    match was, now:
        case dict(), dict() | None:
            for key, value in was.items():
                other = (now or {}).get(key)
                if other is not None or key not in COMES_AND_GOES:
                    yield from _differences(f"{path}.{key}" if path else key, value, other)
        case [dict(), *_], list() | None:
            there = {_key(each): each for each in now or () if isinstance(each, dict)}
            for each in was:
                if not isinstance(each, dict):
                    continue
                key = _key(each)
                if key in there:
                    yield from _differences(f"{path}[{key}]", each, there[key])
                else:
                    yield Gone(f"{path}[{key}]", _plain(each), None)
        case list(), list() if path.startswith("guests."):
            for each in was:
                if each not in now:
                    yield Gone(path, _plain(each), None)
        case str(), str() if path.endswith(".memory") and _is_close(was, now):
            return
        case _:
            yield Gone(path, _plain(was), None if now is None else _plain(now))


def _key(entry: dict[str, Json]) -> str:
    return next((str(entry[key]) for key in KEYS if key in entry), "")


def _is_close(was: str, now: str) -> bool:
    a, b = (int(text[:-3]) << {"KiB": 10, "MiB": 20, "GiB": 30}[text[-3:]] for text in (was, now))
    return abs(a - b) * 100 <= a * CLOSE


def _plain(value: Json) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
