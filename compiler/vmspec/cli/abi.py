"""`vmc abi`: what a guest would see of another machine type."""

import sys
from typing import Annotated

from vmspec.base.record import record
from vmspec.cli.command import DIFFERENCES, FINE, USAGE, Command, Exit, PositionalArgument
from vmspec.cli.reporting import say
from vmspec.report.terminal import safe


@record(frozen=True, kw_only=True)
class Abi:
    """List the properties of devices that differ between two machine types of one family, such as pc-q35-8.2 and pc-q35-10.0.

    All of them are changes of the class guest-abi: a guest sees them from its next cold start on. Exits with 3 where there are any.
    """

    before: Annotated[str, PositionalArgument("The machine type that the guest has.")]
    after: Annotated[str, PositionalArgument("The machine type that it would get.")]


def run(options: Abi) -> Exit:
    from vmspec.model.machine_compat import newest_known, property_changes

    found = property_changes(options.before, options.after)
    if isinstance(found, str):
        say(f"{safe(found)}\n", sys.stderr)
        return USAGE
    lines = [f"{each.device}.{each.name}: {each.before or 'its default'} → {each.after or 'its default'}  (guest-abi)\n" for each in found]
    count = f"{len(found)} propert{'y' if len(found) == 1 else 'ies'} of devices"
    lines.append(f"{count} of {options.before} and {options.after} differ, by QEMU {newest_known()}\n")
    say("".join(lines), sys.stdout)
    return DIFFERENCES if found else FINE


COMMAND = Command(Abi, run)
