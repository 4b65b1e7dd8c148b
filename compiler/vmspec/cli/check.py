"""`vmc check`: everything but writing, for sources and for libvirt's domain XML."""

import os
from pathlib import Path
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.cli.built import others
from vmspec.cli.command import Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.progress import Progress
from vmspec.cli.reporting import Reporting, report
from vmspec.driver.compilation import Compilation
from vmspec.driver.output import is_domain
from vmspec.driver.sources import SPEC, files_of

XML = ".xml"


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
    given = options.paths or (".",)
    files, wrong = files_of(map(Path, given), (SPEC, XML))
    found = [*wrong]
    domains = others([file for file in files if file.name.endswith(XML)], map(Path, given))
    specs = tuple(path for path in given if any(_in(file, path) for file in files if not file.name.endswith(XML)))
    compilation, misused = compile_(specs, options, options.locked)
    found += misused
    if not has_errors(found) and specs:
        found += sources(compilation, options)
    if not has_errors(wrong) and domains:
        found += xml(domains, options)
    return report(found, options, compilation.name)


def _in(file: Path, given: str) -> bool:
    """Whether the file is the path that was given, or lies below it."""
    return Path(os.path.abspath(file)).is_relative_to(os.path.abspath(given))


def xml(domains: list[Path], options: Check) -> list[Diagnostic]:
    """What is wrong with libvirt's own XML."""
    from vmspec.importing.definitions import check_files
    from vmspec.validate.schemas import Schemas

    schemas, wrong = Schemas.load(tuple(map(Path, options.schema_dir)))
    return [*wrong, *check_files(domains, schemas, [Path(path) for path in options.paths])]


def sources(compilation: Compilation, options: Check) -> list[Diagnostic]:
    """What a build would find."""
    from vmspec.importing.raw_rules import judge
    from vmspec.validate.raw_text import overwritten
    from vmspec.validate.schemas import Schemas

    found = [*compilation.diagnostics]
    if has_errors(found):
        return found
    schemas, wrong = Schemas.load(tuple(map(Path, options.schema_dir)))
    found += wrong
    if has_errors(found):
        return found
    judged = judge(schemas, compilation.trail_of)
    with Progress("VMs", len(compilation.fleet.vms), not options.machine) as progress:
        for number, artifact in enumerate(compilation.artifacts()):
            progress.at(number)
            if is_domain(artifact.path):
                found += judged(artifact)
            else:
                found += overwritten(artifact, compilation.trail_of)
    return found


COMMAND = Command(Check, run)
