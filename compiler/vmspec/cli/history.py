"""`vmc history`: what has been done to hosts from this machine."""

import json
import sys
from collections.abc import Sequence

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.cli import hosts
from vmspec.cli.command import DEPLOY_FAILED, FINE, Command, Exit
from vmspec.cli.hosts import Reached
from vmspec.cli.reporting import report, say
from vmspec.deploy.binding import HostError, Refused
from vmspec.deploy.calls import Patience
from vmspec.deploy.codes import NO_CONNECTION
from vmspec.deploy.host import connected
from vmspec.deploy.journal import History
from vmspec.deploy.past import Past, past
from vmspec.deploy.stop import Stop, listening
from vmspec.deploy.store import store_of, store_without
from vmspec.deploy.target import HostTarget
from vmspec.report.terminal import safe


@record(frozen=True, kw_only=True)
class Log(Reached):
    """List the deploys and rollbacks of hosts, numbered, with when, who, how many VMs, and what became of them; the newest last.

    They are those of this machine: the journal of a host is where it was deployed from. `vmc rollback --to N` goes back to one.
    """


def run(options: Log) -> Exit:
    stop, wrong = Stop(), hosts.unlike(options)
    patience = hosts.patience(options, stop, wrong)
    if wrong:
        return report(wrong, options)
    targets, found = _targets(options)
    if not targets or has_errors(found):
        return report(found, options)
    listed: list[tuple[HostTarget, list[Past]]] = []
    failed: list[Diagnostic] = []
    with listening(stop):
        for target in targets:
            try:
                history = _history(target, options, patience)
                listed.append((target, past(history)[::-1]))
                found += history.warnings
            except HostError as error:
                failed.append(error.diagnostic)
            except (Refused, OSError) as error:
                failed.append(Diagnostic(NO_CONNECTION, f"{target.uri}: {error}"))
    report([*found, *failed], options)
    say(_json(listed) if options.format == "json" else "".join(f"{line}\n" for each in listed for line in _text(*each)), sys.stdout)
    return stop.exit_code if stop.asked else DEPLOY_FAILED if failed else FINE


def _targets(options: Log) -> tuple[list[HostTarget], list[Diagnostic]]:
    """A URI needs no program."""
    words, paths = hosts.split(options.words, options.all)
    if words and not options.all and not paths and all("://" in word for word in words):
        return [HostTarget(name if "://" in uri else word, uri or word) for word in words for name, _, uri in [_parts(word)]], []
    compilation, wrong = hosts.compiled(options, paths, {})
    if has_errors(wrong):
        return [], wrong
    made, wrong = hosts.program(compilation)
    return ([], wrong) if made is None else hosts.targets(words, options, made)


def _parts(word: str) -> tuple[str, str, str]:
    name, equals, uri = word.partition("=")
    return (name, equals, uri) if "://" not in name else (word, "", "")


def _history(target: HostTarget, options: Log, patience: Patience) -> History:
    """The host is asked only where its URI is new here."""
    known = store_without(options.state_dir, target.uri)
    if known is not None:
        return known.history()
    with connected(target.uri, change=False, patience=patience) as host:
        return store_of(options.state_dir, host).history()


def _text(target: HostTarget, listed: Sequence[Past]) -> list[str]:
    if not listed:
        return [f"{safe(target.name)}: nothing has been deployed from here"]
    return [f"{safe(target.name)}:", *(f"  {safe(_line(each))}" for each in listed)]


def _line(each: Past) -> str:
    counts = ((each.created, "created"), (each.changed, "restored" if each.kind == "rollback" else "changed"), (each.pruned, "pruned"))
    parts = [f"{count} {what}" for count, what in counts if count] + ["files"] * each.files
    what = f"{each.kind} of {', '.join(map(str, sorted(each.of)))}" if each.of else each.kind
    whose = " ".join(part for part in (each.by and f"by {each.by}", each.target) if part)
    return f"{each.number:>4}  {each.when:<20}  {what:<14}  {each.state:<11}  {', '.join(parts) or 'nothing'}  {whose}".rstrip()


def _json(listed: Sequence[tuple[HostTarget, Sequence[Past]]]) -> str:
    plain = [{"target": target.name, "uri": target.uri, "history": [_plain(each) for each in entries]} for target, entries in listed]
    return json.dumps({"version": 1, "hosts": plain}, indent=1) + "\n"


def _plain(each: Past) -> dict[str, object]:
    return {
        "number": each.number,
        "when": each.when,
        "kind": each.kind,
        "state": each.state,
        "by": each.by,
        "target": each.target,
        "project": each.project,
        "created": each.created,
        "changed": each.changed,
        "pruned": each.pruned,
        "files": each.files,
        "of": list(each.of),
        "vmc": each.vmc,
    }


COMMAND = Command(Log, run)
