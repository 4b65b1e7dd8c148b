"""`vmc dev coverage`: what a libvirt's schema has and no line of the model claims."""

import sys
from pathlib import Path
from typing import Annotated

from vmspec.base.record import record
from vmspec.cli.command import DIFFERENCES, FINE, USAGE, Command, Exit, Option
from vmspec.cli.reporting import say
from vmspec.report.terminal import safe
from vmspec.validate.folders import INSTALLED


@record(frozen=True, kw_only=True)
class DevCoverage:
    """List every element and attribute of libvirt's domain schema that no line of the model claims, for the news of a newer libvirt.

    What is deliberately untyped is listed apart, each with its reason. Exits with 3 where something is missing.
    """

    schema_dir: Annotated[str, Option(("--schema-dir",), "The folder with libvirt's RELAX NG.", "DIR")] = str(INSTALLED)


def run(options: DevCoverage) -> Exit:
    from fnmatch import fnmatchcase

    from vmspec.model.coverage import UNTYPED
    from vmspec.validate.relaxng_walk import domain_coverage

    try:
        found = domain_coverage(Path(options.schema_dir))
    except (OSError, ValueError, KeyError) as problem:
        say(f"{safe(str(options.schema_dir))}: no domain schema can be read there: {safe(str(problem))}\n", sys.stderr)
        return USAGE
    lines = [f"{place}\n" for place in found.missing]
    for place in found.untyped:
        reason = next(why for pattern, why in UNTYPED.items() if fnmatchcase(place, pattern))
        lines.append(f"{place}  untyped: {reason}\n")
    lines.append(f"{found.claimed} places claimed, {len(found.untyped)} deliberately untyped, {len(found.missing)} missing\n")
    say("".join(lines), sys.stdout)
    return DIFFERENCES if found.missing else FINE


COMMAND = Command(DevCoverage, run)
