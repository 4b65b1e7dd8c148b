"""`vmc import`: libvirt XML, of files or of a live host, as sources."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.provenance import show_path
from vmspec.base.record import record
from vmspec.base.source import position
from vmspec.cli.command import FINE, USAGE, Command, Exit, Option, PositionalArgument
from vmspec.cli.reporting import Reporting, report, say
from vmspec.driver.sources import files_of
from vmspec.emit.output_dir_codes import CANNOT_WRITE
from vmspec.importing.adoption import Adopted, Sources, adopted, factored, one_text, plain, with_others
from vmspec.importing.definitions import Definition, read_files, read_text
from vmspec.importing.domain import Ingested
from vmspec.importing.live import configuration_of
from vmspec.importing.others import OtherDefinition, read_others, told
from vmspec.report.terminal import safe, safe_lines

URI = re.compile(r"[a-z][a-z0-9+.-]*://.*")


@record(frozen=True, kw_only=True)
class Import(Reporting):
    """Turn libvirt XML into sources, losing nothing: what the model does not know becomes an `xml` part and is listed.

    An imported VM says `resolve = false` and emits exactly what it says. A URI of libvirt stands for the configuration of every domain
    there; passwords that libvirt shows to nobody unasked are not asked for.
    """

    paths: Annotated[tuple[str, ...], PositionalArgument("libvirt's XML, directories of it, or URIs of libvirt.", metavar="XML|DIR|URI")]
    output: Annotated[str | None, Option(("--output", "-o"), "Write a file for each domain here; without it, print.", "DIR")] = None
    factor: Annotated[bool, Option(("--factor",), "Write what several domains have in common as profiles, the meaning unchanged.")] = False


def run(options: Import) -> Exit:
    definitions, others, found = _read(options.paths)
    if has_errors(found):
        return _report(found, options)
    read = [configuration_of(each) for each in definitions]
    domains = adopted([definition for definition, _ in read])
    running = [f"vmc: {definition.source.path}: {live}" for definition, live in read if live is not None]
    made = with_others(factored(domains) if options.factor else plain(domains), others)
    found += _write(made, options)
    if not has_errors(found):
        _tell(domains, others, made, options, running)
    return _report(found, options)


def _report(found: Sequence[Diagnostic], options: Import) -> Exit:
    from vmspec.deploy.codes import NO_BINDING

    code = report(found, options)
    return USAGE if code != FINE and any(each.code is NO_BINDING for each in found) else code


# --------------------------------------------------------------------------------------------------- reading


def _read(words: Sequence[str]) -> tuple[list[Definition], tuple[OtherDefinition, ...], list[Diagnostic]]:
    """Every definition that is meant: domains of files in the order of their paths, then those of each URI by name; other kinds."""
    uris = [word for word in dict.fromkeys(words) if URI.fullmatch(word) and not Path(word).exists()]
    paths = [Path(word) for word in words if word not in uris]
    files, wrong = files_of(paths, (".xml",)) if paths else ((), ())
    others, files = read_others(files)
    definitions, more = read_files(files, [path for path in paths if not path.is_dir()])
    known, found = [*definitions], [*wrong, *more]
    for uri in uris:
        there, wrong = _live(uri)
        known += there
        found += wrong
    return known, others, found


def _live(uri: str) -> tuple[list[Definition], tuple[Diagnostic, ...]]:
    """The configuration of every domain of a libvirt."""
    from vmspec.deploy.binding import HostError, Refused, said
    from vmspec.deploy.calls import Patience
    from vmspec.deploy.codes import NO_CONNECTION
    from vmspec.deploy.host import absent, connected
    from vmspec.deploy.stop import Stop, listening

    try:
        if absent(uri):
            raise HostError(NO_CONNECTION, f"no connection to {uri}: nothing has ever run there")
        stop = Stop()
        with listening(stop), connected(uri, change=False, patience=Patience(stop=stop)) as host:
            texts = {each.name: each.inactive.data for each in host.domains()}
    except HostError as error:
        return [], (error.diagnostic,)
    except Refused as error:
        return [], (Diagnostic(NO_CONNECTION, f"{uri} does not tell its domains: {said(error)}"),)
    read = [read_text(texts[name], f"{uri} {name}") for name in sorted(texts)]
    return [each for each, _ in read if each is not None], tuple(problem for _, found in read for problem in found)


# --------------------------------------------------------------------------------------------------- writing


def _write(made: Sources, options: Import) -> list[Diagnostic]:
    """All files or none: what is there already is not touched."""
    if options.output is None:
        stream = sys.stderr if options.machine else sys.stdout
        text = one_text(made)
        say(safe_lines(text) if stream.isatty() else text, stream)
        return []
    folder = Path(options.output)
    there = [name for name in made.files if (folder / name).exists()]
    if there:
        return [Diagnostic(CANNOT_WRITE, f"{folder / name} is there already, and an import replaces nothing") for name in there]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in made.files.items():
            with (folder / name).open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
    except OSError as error:
        return [Diagnostic(CANNOT_WRITE, f"{error.filename or folder} cannot be written: {(error.strerror or str(error)).lower()}")]
    return []


def _tell(domains: Sequence[Adopted], others: Sequence[OtherDefinition], made: Sources, options: Import, running: Sequence[str]) -> None:
    """What a person should know of the result, on standard error: it is the one stream that belongs to nobody else."""
    lines = [*running, *_untyped(domains, others), *told(others)]
    for family in made.families:
        lines.append(f"vmc: profile {family.profile}: {len(family.members)} VMs")
    lines += [
        f"vmc: {each.label}: the password of its {screen.type} is in the source now: declare `param $pw: secret`, and write `passwd = $pw`"
        for each in domains
        for screen in each.definition.ingested.domain.graphics
        if screen.passwd
    ]
    lines += [f"vmc: {label}: written in full; in a profile it would not have meant the same" for label in made.whole]
    if options.output is not None or options.factor:
        profiles = f", {_count(len(made.families), 'profile')}" if options.factor else ""
        files = f": {_count(len(made.files), 'file')} in {options.output}" if options.output else ""
        besides = f", {_count(len(others), 'other object')}" if others else ""
        lines.append(_count(len(domains), "VM") + besides + profiles + files)
    say("".join(f"{safe(line)}\n" for line in lines), sys.stderr)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + "s" * (number != 1)


def _untyped(domains: Sequence[Adopted], others: Sequence[OtherDefinition]) -> Iterator[str]:
    """What no line of the model claims: each place once, with where it is first and in how many more."""
    places: dict[str, list[str]] = {}
    read: list[tuple[str, str, Ingested | OtherDefinition]] = [
        (each.label, each.definition.source.path, each.definition.ingested) for each in domains
    ]
    read += [(each.label, each.source.path, each) for each in others]
    for label, path, whole in read:
        for part in whole.untyped:
            span = whole.spans.get(part.block)
            at = path if span is None else f"{span.source.path}:{position(span.source, span.start).line}"
            place = f"{show_path(part.block)}: " * bool(part.block) + (part.place or "its own text")
            places.setdefault(place, []).append(f"{label}, {at}")
    for place, found in places.items():
        more = f"; and {len(found) - 1} more" if len(found) > 1 else ""
        yield f"vmc: kept as XML: {place} ({found[0]}{more})"


COMMAND = Command(Import, run)
