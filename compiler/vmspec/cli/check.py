"""`vmc check`: everything but writing, for sources and for libvirt's domain XML."""

from pathlib import Path
from typing import Annotated

from vmspec.base.record import record
from vmspec.cli.command import Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, params, target_of
from vmspec.cli.progress import Progress
from vmspec.cli.reporting import Reporting, report
from vmspec.driver.compilation import BuildOptions
from vmspec.importing.check_paths import check_paths


@record(frozen=True, kw_only=True)
class Check(Inputs, Reporting):
    """Everything but writing; also takes libvirt domain XML.

    On XML, an error is what libvirt refuses at define; what it accepts and then fails to start, alters or ignores is a warning. XML that a
    build has made is passed over, unless it is named.
    """

    paths: Annotated[
        tuple[str, ...], PositionalArgument("Sources, domain XML, or directories of either.", default_help="this directory")
    ] = ()
    locked: Annotated[bool, Option(("--locked",), "Fail with 4 where a build would change the lock.")] = False
    schema_dir: Annotated[tuple[str, ...], Option(("--schema-dir",), "Schemas of a libvirt to check against; may be repeated.", "DIR")] = ()


def run(options: Check) -> Exit:
    values, wrong = params(options.param)
    software, unknown = target_of(options.target)
    if wrong or unknown:
        return report((*wrong, *unknown), options)
    with Progress("VMs", 0, not options.machine) as progress:
        asked = BuildOptions(options.env, values, options.locked, target=software)
        checked = check_paths(options.paths, asked, tuple(map(Path, options.schema_dir)), progress)
    return report(checked.diagnostics, options, checked.name)


COMMAND = Command(Check, run)
