"""What the commands that talk to hosts share: which hosts are meant, which VMs belong to them, and how results are said."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from vmspec.base.diagnostic import Diagnostic, Severity, has_errors
from vmspec.base.files import FileError, write_whole
from vmspec.base.record import record
from vmspec.cli.command import Option, PositionalArgument
from vmspec.cli.inputs import Inputs, params
from vmspec.cli.reporting import Reporting
from vmspec.deploy import codes
from vmspec.driver.compilation import BuildOptions, Compilation
from vmspec.emit.output_dir_codes import CANNOT_WRITE
from vmspec.lower.fleet import HostObject

if TYPE_CHECKING:
    from vmspec.deploy.calls import Patience
    from vmspec.deploy.stop import Stop
    from vmspec.deploy.target import HostTarget
    from vmspec.plan.only import Only
    from vmspec.plan.program import PlannedProgram

_NAMED_URI = re.compile(r"([^/:=]+)=([^/]+://.*|[a-z+]+:///.*)", re.DOTALL)


@record(frozen=True, kw_only=True)
class Reached(Inputs, Reporting):
    """Which hosts are meant, and how they are reached."""

    words: Annotated[
        tuple[str, ...],
        PositionalArgument(
            "Hosts of the program, URIs of libvirt, or NAME=URI; then files, or directories of files.", metavar="TARGET… [PATH…]"
        ),
    ] = ()
    all: Annotated[bool, Option(("--all",), "Every host of the program that has a `uri`.")] = False
    format: Annotated[str, Option(("--format",), "How to print the result.", "FORMAT", ("text", "json", "markdown"))] = "text"
    locked: Annotated[bool, Option(("--locked",), "Fail with 4 where vmspec.lock would change.")] = False
    state_dir: Annotated[str | None, Option(("--state-dir",), "Where journals are kept.", "DIR")] = None
    timeout: Annotated[str, Option(("--timeout",), "Seconds that a call of libvirt may take; a start has ten times that.", "SECONDS")] = (
        "60"
    )


@record(frozen=True, kw_only=True)
class HostCalls(Reached):
    """What is done there, and to what."""

    only: Annotated[
        tuple[str, ...], Option(("--only",), "Only these VMs: a name, a pattern, tag:TAG or host:HOST; several with commas.", "WHAT")
    ] = ()
    parallel: Annotated[str, Option(("--parallel",), "Hosts at a time.", "N")] = "4"
    host_files: Annotated[bool, Option(("--host-files",), "The files of the host too: of this machine, or below --root.")] = False
    root: Annotated[str | None, Option(("--root",), "Files of the host lie below this directory; implies --host-files.", "DIR")] = None


def split(words: Sequence[str], every: bool) -> tuple[list[str], list[str]]:
    """Targets and paths: the first word is a target; of the others, what has a scheme or is nothing on the disk."""
    targets: list[str] = []
    paths: list[str] = []
    for number, word in enumerate(words):
        is_path = (os.path.exists(word) or word.endswith(".vmspec") or "/" in word) and "://" not in word  # noqa: PTH110
        (paths if is_path and (number or every) else targets).append(word)
    return targets, paths


def compiled(options: Reached, paths: Sequence[str], renames: dict[str, str]) -> tuple[Compilation, list[Diagnostic]]:
    """The compilation and all that was found in it."""
    values, wrong = params(options.param)
    compilation = Compilation(tuple(paths) or (".",), BuildOptions(options.env, values, options.locked, renames))
    return compilation, [*wrong, *(() if wrong else compilation.diagnostics)]


def program(compilation: Compilation, secrets: Mapping[str, str] | None = None) -> "tuple[PlannedProgram | None, list[Diagnostic]]":
    """Everything that is wanted of hosts, checked against the schemas."""
    from vmspec.importing.raw_rules import judge
    from vmspec.plan.program import program_of
    from vmspec.validate.schemas import Schemas

    schemas, wrong = Schemas.load(())
    if has_errors(wrong):
        return None, list(wrong)
    made = program_of(compilation, judge(schemas, compilation.trail_of), secrets)
    return made, [*wrong, *made.found, *_not_deployed(compilation)]


def _not_deployed(compilation: Compilation) -> list[Diagnostic]:
    from vmspec.model.kinds import definitions

    fleet = compilation.fleet
    found = [each for kind in definitions() for each in fleet.of(kind)]
    message = "the {0.kind} {0.name} is not deployed: only domains and files of hosts are"
    return [Diagnostic(codes.NOT_DEPLOYED, message.format(each), each.span, severity=Severity.WARNING) for each in found]


def targets(words: Sequence[str], options: Reached, made: "PlannedProgram") -> "tuple[list[HostTarget], list[Diagnostic]]":
    """What each word means."""
    from vmspec.cli.only import only

    found: list[Diagnostic] = []
    targets: list[HostTarget] = []
    if options.all:
        words = [*words, *(name for name, host in made.hosts.items() if host.spec.uri is not None and name not in words)]
    if not words:
        return [], [Diagnostic(codes.BAD_CALL, "no target is given", help="a host of the program, a URI, NAME=URI, or --all")]
    for word in dict.fromkeys(words):
        target = _target(word, made, found)
        if target is not None and (target.name, target.uri) not in {(each.name, each.uri) for each in targets}:
            targets.append(target)
    if not isinstance(options, HostCalls):
        return targets, found
    targets = _with_neighbours(targets, made)
    chosen = only(options.only, made, found, beside=getattr(options, "prune", False))
    targets = targets if chosen is None else [_among(target, chosen) for target in targets]
    if files_root(options) is not None:
        found += one_host(targets, options)
        nameless = [each for each in targets if each.host is None]
        found += [_no_files_of(each.name) for each in nameless]
    return targets, found


def _among(target: "HostTarget", chosen: "Only") -> "HostTarget":
    """With the chosen VMs alone; the others are not to be pruned."""
    from dataclasses import replace

    others = frozenset(vm.uuid for vm in target.vms if vm.uuid is not None and not chosen.fits(vm.name))
    return replace(target, vms=tuple(vm for vm in target.vms if chosen.fits(vm.name)), elsewhere=target.elsewhere | others)


def _no_files_of(target: str) -> Diagnostic:
    return Diagnostic(codes.BAD_CALL, f"{target} is no host of the program: whose files are meant?", help=f"say NAME={target}")


def _target(word: str, made: "PlannedProgram", found: list[Diagnostic]) -> "HostTarget | None":
    from vmspec.deploy.target import HostTarget

    named = _NAMED_URI.fullmatch(word)
    name, uri = (named[1], named[2]) if named else (None, word) if "://" in word else (word, None)
    if name is None:
        assert uri is not None
        same = [host for host in made.hosts if made.hosts[host].spec.uri == uri]
        if len(same) == 1:
            return HostTarget(
                same[0], uri, tuple(made.vms.get(same[0], ())), made.hosts[same[0]], made.where, _elsewhere(made, same[0], uri)
            )
        if any(host is not None for host in made.vms):
            message = f"{uri} is the uri of no host of the program: all {len(made.every())} VMs are meant for it, wherever they are placed"
            found.append(Diagnostic(codes.ALL_VMS, message, severity=Severity.WARNING))
        only = next((host for host in made.hosts.values() if len(made.hosts) == 1 and host.spec.uri is None), None)
        return HostTarget(uri, uri, tuple(made.every()), only, made.where)
    host = made.hosts.get(name)
    if host is None:
        from vmspec.base.suggest import did_you_mean

        found.append(Diagnostic(codes.UNKNOWN_TARGET, f"there is no host {name}", help=did_you_mean(name, made.hosts)))
        return None
    uri = uri or host.spec.uri
    if uri is None:
        message = f"the host {name} has no uri"
        found.append(Diagnostic(codes.UNKNOWN_TARGET, message, host.span, help=f"set `uri`, or say {name}=qemu+ssh://{name}/system"))
        return None
    return HostTarget(name, uri, tuple(made.vms.get(name, ())), host, made.where, _elsewhere(made, name, uri))


def _with_neighbours(targets: "list[HostTarget]", made: "PlannedProgram") -> "list[HostTarget]":
    """Each with the other hosts of the program, under the URI by which this call reaches them, and the VMs that are placed there."""
    from vmspec.deploy.neighbours import Other

    uris = {name: host.spec.uri for name, host in made.hosts.items()} | {each.name: each.uri for each in targets if each.name in made.hosts}
    others = [Other(name, uri, shared_paths(made.hosts[name])) for name, uri in uris.items() if uri is not None]
    found: list[HostTarget] = []
    for target in targets:
        trial = target.name not in made.hosts and any(host is not None for host in made.vms)
        elsewhere = (
            {} if target.name not in made.hosts else {host: group for host, group in made.vms.items() if host not in (None, target.name)}
        )
        placed = {vm.uuid: (host, vm) for host, group in elsewhere.items() if host for vm in group if vm.uuid}
        around = tuple(other for other in others if other.name != target.name and other.uri != target.uri)
        shared = () if target.host is None else shared_paths(target.host)
        found.append(replace(target, placed=placed, others=around, shared=shared, trial=trial))
    return found


ALWAYS_SHARED = ("nfs", "ceph")


def shared_paths(host: HostObject) -> tuple[str, ...]:
    """Of a host, whose data other hosts see too."""
    places = host.spec.storage
    return tuple(
        each.path for each in places if each.path is not None and (each.shared or (each.shared is None and each.kind in ALWAYS_SHARED))
    )


def unknown_hosts(names: Sequence[str], made: "PlannedProgram") -> list[Diagnostic]:
    return [Diagnostic(codes.UNKNOWN_TARGET, f"--gone {name}: there is no host {name}") for name in names if name not in made.hosts]


def _elsewhere(made: "PlannedProgram", name: str, uri: str) -> frozenset[str]:
    """UUIDs and names of the VMs of other hosts, but for those whose libvirt is surely another: what was moved there may be pruned here."""
    overridden = made.hosts[name].spec.uri != uri
    others = {host: group for host, group in made.vms.items() if host != name}
    unsure = [host for host in others if overridden or host is None or made.hosts[host].spec.uri in (None, uri)]
    return frozenset(known for host in unsure for vm in others[host] for known in (vm.uuid, vm.name) if known is not None)


def one_host(targets: "Sequence[HostTarget]", options: HostCalls) -> list[Diagnostic]:
    """Files are written on this machine only, and are those of one host."""
    if len(targets) > 1:
        return [Diagnostic(codes.BAD_CALL, "--host-files and --root are about one host's files: name the one host")]
    if options.root is not None and not Path(options.root).is_dir():
        return [Diagnostic(codes.BAD_CALL, f"--root {options.root} is no directory")]
    if options.root is None and any(urlsplit(each.uri).hostname is not None for each in targets):
        return [Diagnostic(codes.BAD_CALL, f"--host-files writes to this machine, and {targets[0].uri} is another: say --root")]
    return []


def unlike(options: Reached) -> list[Diagnostic]:
    """Of commands whose results are no tables for a pull request."""
    if options.format == "markdown":
        return [Diagnostic(codes.BAD_CALL, "--format markdown is for plan and deploy")]
    return []


def only_here(options: HostCalls, commands: bool) -> list[Diagnostic]:
    """Commands would act on this machine, whatever tree the files lie in."""
    if commands and options.root is not None and Path(options.root).resolve() != Path("/"):
        return [Diagnostic(codes.BAD_CALL, f"--run-commands acts on this machine, and not on {options.root}")]
    return []


def patience(options: Reached, stop: "Stop", found: list[Diagnostic]) -> "Patience":
    from vmspec.deploy.calls import Patience

    limit = number(options.timeout, "--timeout", found)
    if not limit and not found:
        found.append(Diagnostic(codes.BAD_CALL, "--timeout 0 leaves no time for any call"))
    return Patience(limit, stop)


def number(text: str, flag: str, found: list[Diagnostic]) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        found.append(Diagnostic(codes.BAD_CALL, f"{flag} {text} is not a number"))
        return 0.0
    return value


def renames(given: Sequence[str], found: list[Diagnostic]) -> dict[str, str]:
    known: dict[str, str] = {}
    for text in given:
        old, equals, new = text.partition("=")
        if not equals or not old or not new or old in known or new in known.values() or old == new:
            found.append(Diagnostic(codes.BAD_CALL, f"--rename {text} is not OLD=NEW, or says something twice"))
        known[old] = new
    return known


def disks(given: Sequence[str], flag: str, found: list[Diagnostic]) -> dict[str, frozenset[str]]:
    """VM:DISK, by VM."""
    known: dict[str, frozenset[str]] = {}
    for text in given:
        vm, colon, disk = text.rpartition(":")
        if not colon or not vm or not disk:
            found.append(Diagnostic(codes.BAD_CALL, f"{flag} {text} is not VM:DISK"))
        known[vm] = known.get(vm, frozenset()) | {disk}
    return known


def files_root(options: HostCalls) -> str | None:
    if options.root is not None:
        return os.path.abspath(options.root)  # noqa: PTH100
    return "/" if options.host_files else None


def write_file(path: str, text: str, mode: int | None = None) -> list[Diagnostic]:
    """Whole or not at all; what is wrong with it."""
    try:
        write_whole(path, text.encode("utf-8", "backslashreplace"), mode)
    except FileError as error:
        return [Diagnostic(CANNOT_WRITE, f"{path} {error.reason}")]
    return []


def notice(text: str) -> None:
    sys.stderr.write(text + "\n")


__all__ = ["HostCalls", "compiled", "files_root", "notice", "number", "one_host", "program", "renames", "split", "targets", "write_file"]
