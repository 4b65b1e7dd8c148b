"""`vmc lock renew`: a VM is laid out as if it had never been built."""

import sys
from typing import Annotated

from vmspec.base.diagnostic import has_errors
from vmspec.base.record import record, replace
from vmspec.cli.command import Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.lock_text import change_text, differences, unknown, with_entry
from vmspec.cli.reporting import Reporting, report, say
from vmspec.driver.build import write_lock
from vmspec.driver.compilation import Compilation
from vmspec.lower.codes import LAID_OUT_ANEW
from vmspec.report.terminal import safe

AFTERWARDS = "It keeps its UUID, MAC addresses and host. The guest sees the rest as new hardware at its next start (guest-abi).\n"


@record(frozen=True, kw_only=True)
class LockRenew(Inputs, Reporting):
    """Lay a VM out anew, as if it had never been built: machine type, places of devices, target names, order.

    UUID, MAC addresses and host stay. What changes is printed, and vmspec.lock is written.
    """

    vm: Annotated[str, PositionalArgument("The VM.", metavar="VM")]
    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    dry_run: Annotated[bool, Option(("--dry-run",), "Print what would change, and write nothing.")] = False


def run(options: LockRenew) -> Exit:
    plain, wrong = compile_(options.paths, options)
    found = [*wrong]
    compilation = Compilation(plain.paths, replace(plain.options, renewed=(options.vm,)))
    if not wrong:
        found += compilation.diagnostics
    if not has_errors(found) and all(vm.name != options.vm for vm in compilation.fleet.vms):
        found.append(unknown(options.vm, (vm.name for vm in compilation.fleet.vms), options.env, compilation.lock_before))
    if has_errors(found):
        return report(found, options, compilation.name)
    found = [each for each in found if each.code is not LAID_OUT_ANEW]
    before, env = compilation.lock_before, options.env
    after = with_entry(before, env, options.vm, compilation.lock.vm(env, options.vm))
    changed = differences(before, after, env).get(options.vm, [])
    if not options.machine:
        say(change_text(options.vm, changed) + AFTERWARDS if changed else f"{safe(options.vm)}: nothing changes\n", sys.stdout)
    if changed and not options.dry_run:
        found += write_lock(compilation, after)
    return report(found, options, compilation.name)


COMMAND = Command(LockRenew, run)
