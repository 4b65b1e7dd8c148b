"""Entries of the lock for people: what is kept of a VM, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.suggest import did_you_mean
from vmspec.lower.lock import DEFAULT_ENV, PARTS, PLACED, Lock, VmLock

NOT_IN_LOCK = Code(
    1907,
    "no-such-lock-entry",
    """
    What: `vmc lock` is asked about a VM that is neither in the lock nor in the program, or to renew one that the program does not have.
    Why: The lock has a section for each environment: `--env` says which one is meant.
    """,
)
SCALARS = ("machine", "layout", "uuid", *PLACED, "instance_id")


def unknown(name: str, known: Iterable[str], env: str | None, lock: Lock) -> Diagnostic:
    where = f"env {env}" if env else "the builds without --env"
    others = [each for each, vms in sorted(lock.vms.items()) if name in vms and each != (env or DEFAULT_ENV)]
    help_ = f"the lock has one in {' and '.join(map(_asked, others))}" if others else did_you_mean(name, known)
    return Diagnostic(NOT_IN_LOCK, f"there is no VM {name} in {where}", help=help_)


def _asked(env: str) -> str:
    return "the builds without --env" if env == DEFAULT_ENV else f"`--env {env}`"


def vm_and_paths(first: str | None, paths: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """A first word that is a path, which no name of a VM can be, stands for no VM."""
    is_path = first is not None and (first in (".", "..") or "/" in first or first.endswith(".vmspec"))
    return (None, (str(first), *paths)) if is_path else (first, paths)


def values(entry: VmLock) -> Iterator[tuple[str, str]]:
    """What is kept, as `path` and text: `machine`, `addresses.disk.vda`."""
    for name in SCALARS:
        value = getattr(entry, name)
        if value is not None:
            yield name, str(value)
    for part in PARTS:
        held: Mapping[str, str | tuple[str, ...]] = getattr(entry, part)
        for key in sorted(held):
            text = held[key]
            yield f"{part}.{key}", text if isinstance(text, str) else ", ".join(text)


def shown(name: str, entry: VmLock, there: frozenset[str] | None, gone: bool) -> str:
    """The entry of a VM; `there` are the keys of its devices, where they are known, `gone` says that the program does not have it."""
    lines = [f"{name}  (not in the program)" if gone else name]
    width = max((len(path) for path, _ in values(entry)), default=0)
    for path, text in values(entry):
        reserved = there is not None and is_reserved(path, there)
        lines.append(f"  {path:{width}}  {text}" + ("  (reserved: the device is gone)" if reserved else ""))
    return "\n".join([*lines, ""])


def is_reserved(path: str, there: frozenset[str]) -> bool:
    part, _, key = path.partition(".")
    kind = {"targets": "disk.", "mac": "interface."}.get(part, "")
    return part in ("targets", "mac", "numbers", "addresses") and not key.startswith("bridge.") and f"{kind}{key}" not in there


def with_entry(lock: Lock, env: str | None, name: str, entry: VmLock) -> Lock:
    """The lock with one VM's entry in place of what it held of it."""
    section = env or DEFAULT_ENV
    return Lock({**lock.vms, section: {**lock.vms.get(section, {}), name: entry}}, lock.packages)


def differences(before: Lock, after: Lock, env: str | None) -> dict[str, list[tuple[str, str | None, str | None]]]:
    """By VM: path, what was kept and what will be."""
    section = env or DEFAULT_ENV
    old, new = before.vms.get(section, {}), after.vms.get(section, {})
    found: dict[str, list[tuple[str, str | None, str | None]]] = {}
    for name in sorted(old.keys() | new.keys()):
        was, will = dict(values(old.get(name, VmLock()))), dict(values(new.get(name, VmLock())))
        changed = [(path, was.get(path), will.get(path)) for path in dict.fromkeys((*was, *will)) if was.get(path) != will.get(path)]
        if changed:
            found[name] = changed
    return found


def change_text(name: str, changed: list[tuple[str, str | None, str | None]]) -> str:
    width = max(len(path) for path, _, _ in changed)
    lines = [f"  {path:{width}}  {was or '-'} → {will or '-'}" for path, was, will in changed]
    return "\n".join([name, *lines, ""])
