"""What has come in between a saved plan and the one that is made now, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.json_text import Json
from vmspec.plan.data import plain
from vmspec.plan.verdict import HostPlan

SHOWN = 5
SETTINGS = ("changes", "live", "pending")
WORDS = {"definition": "what it is to be made of is another definition", "found": "its definition on the host is another one"}


def what_changed(saved: Json, now: HostPlan) -> str:
    """VMs and their settings; empty where both plans say the same, of other definitions."""
    (host,) = (each for each in _list(plain([now])["hosts"]))
    before, after = ({str(vm.get("name")): vm for vm in _list(each.get("vms"))} for each in (_map(saved), host))
    names = dict.fromkeys((*before, *after))
    found = [f"{name} ({words})" for name in names if (words := _of_one(before.get(name), after.get(name)))]
    found += [key for key in ("files", "secrets", "unpruned") if _map(saved).get(key) != host.get(key)]
    return ", ".join(found[:SHOWN]) + (" …" if len(found) > SHOWN else "")


def _of_one(before: Mapping[str, Json] | None, after: Mapping[str, Json] | None) -> str:
    if before is None or after is None:
        return "is new in the plan" if before is None else "is no longer in the plan"
    if before.get("action") == "create" != after.get("action") and after.get("found") is not None:
        return "is on the host by now"
    keys = [key for key in after if key not in (*SETTINGS, *WORDS, "due") and before.get(key) != after[key]]
    found = list(dict.fromkeys((*_settings(before, after), *keys)))[:SHOWN]
    # What shows in nothing else: a VM that is only made has no changes, and what libvirt has may differ in what is not compared.
    return ", ".join(found or [word for key, word in WORDS.items() if before.get(key) != after.get(key)])


def _settings(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[str]:
    for kind in SETTINGS:
        old, new = _list(before.get(kind)), _list(after.get(kind))
        yield from (str(each.get("path")) for each in (*old, *new) if each not in old or each not in new)


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Mapping[str, Json]]:
    return [_map(each) for each in value] if isinstance(value, list) else []
