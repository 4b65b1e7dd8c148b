"""`vmc lock reseed`: to cloud-init a VM is a new one."""

import re
import sys
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record, replace
from vmspec.cli.command import Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.lock_text import NOT_IN_LOCK, change_text, differences, unknown, with_entry
from vmspec.cli.reporting import Reporting, report, say
from vmspec.driver.build import write_lock
from vmspec.driver.compilation import Compilation
from vmspec.lower.identity import next_instance

AFTERWARDS = """At the next start after a deploy cloud-init does all that it does at a first one: it makes new SSH host keys, sets users and
passwords, and runs the commands of the user data again.
"""


@record(frozen=True, kw_only=True)
class LockReseed(Inputs, Reporting):
    """Give a VM a new instance id, so that cloud-init takes its next start for the first.

    It then makes new SSH host keys, and acts on the seed as it is now. vmspec.lock is written.
    """

    vm: Annotated[str, PositionalArgument("The VM.", metavar="VM")]
    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    dry_run: Annotated[bool, Option(("--dry-run",), "Print what would change, and write nothing.")] = False


def run(options: LockReseed) -> Exit:
    compilation, wrong = compile_(options.paths, options)
    found = [*wrong, *(() if wrong else compilation.diagnostics)]
    if not has_errors(found):
        found += _refused(options.vm, compilation, options.env)
    if has_errors(found):
        return report(found, options, compilation.name)
    before, env = compilation.lock, options.env
    known = before.vm(env, options.vm)
    after = with_entry(before, env, options.vm, replace(known, instance_id=next_instance(known.instance_id or "")))
    if not options.machine:
        say(change_text(options.vm, differences(before, after, env)[options.vm]) + AFTERWARDS, sys.stdout)
    if not options.dry_run:
        found += write_lock(compilation, after)
    return report(found, options, compilation.name)


def _refused(name: str, compilation: Compilation, env: str | None) -> list[Diagnostic]:
    vm = next((each for each in compilation.typed.vms if each.name == name), None)
    if vm is None:
        return [unknown(name, (each.name for each in compilation.fleet.vms), env, compilation.lock_before)]
    kept = compilation.lock.vm(env, name).instance_id
    if kept is None:
        return [Diagnostic(NOT_IN_LOCK, f"{name} has no seed of cloud-init, and so no instance id", vm.span)]
    if vm.spec.seed is not None and vm.spec.seed.instance_id is not None:
        at = vm.where(("seed", "instance-id"))
        return [Diagnostic(NOT_IN_LOCK, f"the source says the instance id of {name}", at, help="write another one there")]
    if not re.fullmatch(r"[^.]*(\.[0-9]{1,9})?", kept):
        return [Diagnostic(NOT_IN_LOCK, f"the instance id of {name}, {kept}, is none that the lock has made", vm.span)]
    return []


COMMAND = Command(LockReseed, run)
