"""Files of firmware variables that a domain has left behind on a host: libvirt gives them to whoever gets its name next.

It makes the file from the template only where there is none (qemuPrepareNVRAM, src/qemu/qemu_process.c 9.0.0), and we undefine with
VIR_DOMAIN_UNDEFINE_KEEP_NVRAM.
"""

from __future__ import annotations

from vmspec.base.record import record
from vmspec.model.domain import Domain
from vmspec.plan.besides import Note
from vmspec.plan.file_uses import FileKey, HostPlaces, variables_key
from vmspec.plan.preserve import nvram_path
from vmspec.plan.state import Actual, AppliedState
from vmspec.plan.verdict import VmPlan


@record(frozen=True)
class FoundVariables:
    """The file that libvirt would give a domain which has no variables yet, where it is there already, or may be."""

    key: FileKey
    own: bool
    """The domain of this very UUID had it last."""
    seen: bool
    """It is there; False: nobody can see that from here."""


def found_variables(vm: VmPlan, places: HostPlaces, memory: AppliedState) -> FoundVariables | None:
    """None for a domain that has its file, or whose source names one, and where there is no such file."""
    key = None if vm.domain is None else _usual(vm.domain, vm.name, places)
    if key is None or key[0] != "path" or (vm.actual is not None and _key(vm.actual.inactive.readable, vm.actual.name, places) is not None):
        return None
    seen = places.exists(key[1])
    if seen is False:
        return None
    before = next(memory.deployed(vm.uuid or ""), None)
    own = before is not None and _key(before.readable, vm.name, places) == key
    return FoundVariables(key, own or seen is None, bool(seen)) if seen or not own else None


def variables_to_make(domain: Domain, name: str, places: HostPlaces) -> str | None:
    """The file of variables that a start would copy from the template; None where it need not, or nobody can see that."""
    key = variables_key(domain, name, places)
    return key[1] if key is not None and key[0] == "path" and places.exists(key[1]) is False else None


def variables_note(found: FoundVariables, path: str | None) -> Note:
    """`path`: the one that the domain gets instead."""
    where = found.key[1]
    if not found.seen:
        return Note("variables", "firmware", f"nobody can see from here whether another guest has left {where}: it would start with that")
    if path is None:
        return Note("variables", "firmware", f"{where}, which it had before, is there: it starts with that")
    text = f"{where} is there, left by another guest or by one that nobody remembers: that stays, and this one gets {path}"
    return Note("variables", "firmware", f'{text}; to go on with it, say firmware.nvram.path = "{where}"')


def variables_left(there: Actual, places: HostPlaces) -> tuple[Note, ...]:
    """Of a domain that is undefined."""
    key = _key(there.inactive.readable, there.name, places)
    if key is None or key[0] != "path" or places.exists(key[1]) is False:
        return ()
    return (Note("variables", "firmware", f"its variables stay in {key[1]}"),)


def _key(domain: Domain | None, name: str, places: HostPlaces) -> FileKey | None:
    return None if domain is None else variables_key(domain, name, places)


def _usual(domain: Domain, name: str, places: HostPlaces) -> FileKey | None:
    """The file that libvirt chooses; None where the definition names one."""
    key = variables_key(domain, name, places)
    usual = None if places.variables is None else ("path", f"{places.variables}/{name}_VARS.fd")
    return key if key is not None and key == usual and not nvram_path(domain) else None
