"""`vmc import`: libvirt XML as sources."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.cli.command import Argument, Command, Exit, Option
from vmspec.cli.reporting import Reporting, report, say
from vmspec.definitions import read
from vmspec.emit.tree_codes import CANNOT_WRITE, OUTPUT_CLASH
from vmspec.ingest.source import label_for, vm_source
from vmspec.sources import SPEC, files_of


@dataclass(frozen=True, kw_only=True)
class Import(Reporting):
    """Turn libvirt XML into sources, losing nothing: what the model does not know becomes an `xml` part and is listed.

    An imported VM says `resolve = false` and emits exactly what it says.
    """

    paths: Annotated[tuple[str, ...], Argument("Domain XML, or directories of it.", metavar="XML")]
    output: Annotated[str | None, Option(("--output", "-o"), "Write a file for each domain here; without it, print.", "DIR")] = None


def run(options: Import) -> Exit:
    files, wrong = files_of(map(Path, options.paths), (".xml",))
    found = [*wrong]
    texts: dict[str, str] = {}
    for file in files:
        source, ingested, problems = read(file)
        found += problems
        if ingested is None:
            continue
        name = label_for(ingested.domain, Path(source.path).stem)
        if name in texts:
            found.append(Diagnostic(OUTPUT_CLASH, f"{file} and another file both hold a domain {name}"))
        texts[name] = vm_source(ingested.domain, name, ingested.comments)
        if ingested.untyped and options.output_format == "full":
            places = ", ".join(dict.fromkeys(each.place or "its own element" for each in ingested.untyped))
            say(f"vmc: {name}: kept as XML: {places}\n", sys.stderr)
    if not has_errors(found):
        found += _write(texts, options)
    return report(found, options)


def _write(texts: dict[str, str], options: Import) -> list[Diagnostic]:
    if options.output is None:
        say("\n".join(texts.values()), sys.stderr if options.machine else sys.stdout)
        return []
    folder = Path(options.output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            with (folder / f"{name}{SPEC}").open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
    except OSError as error:
        return [Diagnostic(CANNOT_WRITE, f"{error.filename or folder} cannot be written: {(error.strerror or str(error)).lower()}")]
    return []


COMMAND = Command(Import, run)
