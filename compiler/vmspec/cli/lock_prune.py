"""`vmc lock prune`: what the lock keeps for VMs and devices that are gone is forgotten."""

import sys
from typing import Annotated

from vmspec.base.diagnostic import has_errors
from vmspec.base.record import record
from vmspec.cli.command import Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.lock_text import change_text, differences, unknown, vm_and_paths
from vmspec.cli.reporting import Reporting, report, say
from vmspec.driver.build import write_lock
from vmspec.driver.compilation import Compilation
from vmspec.lower.lock import DEFAULT_ENV, pruned
from vmspec.lower.passes.devices import kept_keys


@record(frozen=True, kw_only=True)
class LockPrune(Inputs, Reporting):
    """Forget what is reserved for devices that are gone; of all VMs, or of one. VMs that are gone are forgotten whole.

    What is forgotten is printed, and vmspec.lock is written. No device that is there moves. Where PATHs are given, a VM that is not
    in them is left alone unless it is named.
    """

    vm: Annotated[str | None, PositionalArgument("The VM; all of them unless one is named.", metavar="VM")] = None
    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    dry_run: Annotated[bool, Option(("--dry-run",), "Print what would be forgotten, and write nothing.")] = False


def run(options: LockPrune) -> Exit:
    asked, paths = vm_and_paths(options.vm, options.paths)
    compilation, wrong = compile_(paths, options)
    found = [*wrong, *(() if wrong else compilation.diagnostics)]
    if has_errors(found):
        return report(found, options, compilation.name)
    before, env = compilation.lock_before, options.env
    entries = before.vms.get(env or DEFAULT_ENV, {})
    if asked is not None and asked not in entries:
        return report([*found, unknown(asked, entries, env, before)], options, compilation.name)
    after = pruned(before, env, kept_keys(compilation.fleet), chosen(asked, paths, compilation))
    changed = differences(before, after, env)
    if not options.machine:
        say("\n".join(change_text(name, some) for name, some in changed.items()) or "nothing is kept for what is gone\n", sys.stdout)
    if changed and not options.dry_run:
        found += write_lock(compilation, after)
    return report(found, options, compilation.name)


def chosen(asked: str | None, paths: tuple[str, ...], compilation: Compilation) -> tuple[str, ...]:
    """The VMs that may change; () stands for all of the lock. Paths may leave out files, and a VM in one of those is not gone."""
    if asked is not None:
        return (asked,)
    return tuple(vm.name for vm in compilation.fleet.vms) or ("",) if paths else ()


COMMAND = Command(LockPrune, run)
