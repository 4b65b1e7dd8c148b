"""`vmc lock show`: what the lock keeps of VMs."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated

from vmspec.base.diagnostic import has_errors
from vmspec.base.json_text import Json
from vmspec.base.record import record
from vmspec.cli.command import FINE, Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.lock_text import is_reserved, shown, unknown, values, vm_and_paths
from vmspec.cli.reporting import Reporting, report, say
from vmspec.lower.lock import DEFAULT_ENV, VmLock
from vmspec.lower.passes.devices import kept_keys


@record(frozen=True, kw_only=True)
class LockShow(Inputs, Reporting):
    """Print what vmspec.lock keeps of a VM, or of all: machine type, places, target names, numbers, order, identity.

    What is reserved for devices that are gone is marked.
    """

    vm: Annotated[str | None, PositionalArgument("The VM; all of them unless one is named.", metavar="VM")] = None
    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    format: Annotated[str, Option(("--format",), "How to print it.", "FORMAT", ("text", "json"))] = "text"


def run(options: LockShow) -> Exit:
    asked, paths = vm_and_paths(options.vm, options.paths)
    compilation, wrong = compile_(paths, options)
    found = [*wrong, *(() if wrong else (*compilation.given_diagnostics, *compilation.lock_diagnostics))]
    if has_errors(found):
        return report(found, options, compilation.name)
    entries = compilation.lock_before.vms.get(options.env or DEFAULT_ENV, {})
    if asked is not None and asked not in entries:
        return report([unknown(asked, entries, options.env, compilation.lock_before)], options, compilation.name)
    there = kept_keys(compilation.fleet) if not has_errors(compilation.diagnostics) else None
    chosen = {name: entry for name, entry in sorted(entries.items()) if asked in (None, name)}
    if options.format == "json":
        plain: Json = {name: _plain(entry, there, name) for name, entry in chosen.items()}
        say(json.dumps(plain, indent=2) + "\n", sys.stdout)
        return FINE
    texts = [shown(name, entry, (there or {}).get(name), there is not None and name not in there) for name, entry in chosen.items()]
    say("\n".join(texts) or "the lock keeps nothing\n", sys.stdout)
    return FINE


def _plain(entry: VmLock, there: Mapping[str, frozenset[str]] | None, name: str) -> Json:
    kept: dict[str, Json] = dict(values(entry))
    keys = (there or {}).get(name)
    reserved: list[Json] = [path for path in kept if keys is not None and is_reserved(path, keys)]
    return {"kept": kept, "reserved": reserved, "in_program": name in there if there is not None else None}


COMMAND = Command(LockShow, run)
