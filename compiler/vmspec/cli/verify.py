"""`vmc verify`: what differs on hosts from the program."""

import json
import sys
from typing import Annotated

from vmspec.base.record import record
from vmspec.cli import hosts
from vmspec.cli.command import DIFFERENCES, FINE, Command, Exit, Option
from vmspec.cli.facts_still import is_stale
from vmspec.cli.hosts import HostCalls
from vmspec.cli.plan import Asked, Plan, ended, error_code, prepare, told
from vmspec.cli.reporting import colours, report, say
from vmspec.cli.secrets import Secrets
from vmspec.deploy.concurrency import on_all
from vmspec.deploy.planning import planned
from vmspec.deploy.stop import Stop, listening
from vmspec.deploy.target import HostResult
from vmspec.plan import data
from vmspec.plan.drift import DriftFinding, DriftKind, findings, prometheus
from vmspec.plan.text import where
from vmspec.report.style import style
from vmspec.report.terminal import safe


@record(frozen=True, kw_only=True)
class Verify(Secrets, HostCalls):
    """Compare configured and running guests, and with --host-files the host's files, with the program; exits with 3 where they differ.

    What only waits for a restart since our last deploy is named, and is no difference.
    """

    prometheus: Annotated[str | None, Option(("--prometheus",), "Write metrics for node_exporter's textfile collector.", "FILE")] = None


def run(options: Verify) -> Exit:
    if wrong := hosts.unlike(options):
        return report(wrong, options)
    stop = Stop()
    asked = prepare(
        Plan(**{name: getattr(options, name) for name in (*HostCalls.__dataclass_fields__, *Secrets.__dataclass_fields__)}), stop
    )
    if isinstance(asked, int):
        return asked
    with listening(stop):
        results = on_all(asked.targets, lambda target: planned(target, asked.settings), asked.parallel, stop=stop)
    return ended(_said(options, asked, results), results, stop)


def _said(options: Verify, asked: Asked, results: list[HostResult]) -> Exit:
    failed = [result.error for result in results if result.error is not None]
    report([*asked.found, *told(results)], options, asked.names)
    found = [finding for result in results if result.plan is not None for finding in findings(result.plan)]
    if options.prometheus is not None:
        metrics = prometheus(found, [(result.target.name, result.plan is not None) for result in results])
        unwritten = hosts.write_file(options.prometheus, metrics)
        if unwritten:
            return report(unwritten, options)
    unseen = [result.target.name for result in results if result.plan is None]
    say(_json(found, unseen) if options.format == "json" else _text(found, unseen), sys.stdout)
    if failed:
        return error_code(results)
    return DIFFERENCES if any(finding.counts for finding in found) or is_stale(asked.found) else FINE


def _json(found: list[DriftFinding], unseen: list[str]) -> str:
    """`drift` is null where nothing was found, and not all was looked at."""
    plain = [
        {
            "host": each.target,
            "name": each.name,
            "kind": each.kind.value,
            "message": each.message,
            "change": None if each.change is None else data.change(each.change),
        }
        for each in found
    ]
    drift = any(each.counts for each in found) or (None if unseen else False)
    return json.dumps({"version": 1, "drift": drift, "not_verified": unseen, "findings": plain}, indent=1) + "\n"


def _text(found: list[DriftFinding], unseen: list[str]) -> str:
    look = style(colours(sys.stdout))
    lines = []
    for each in found:
        kind = look.warning("pending restart") if each.kind is DriftKind.PENDING else look.error(each.kind.value)
        at = where(each.change.where) + (" [changed by hand]" if each.change.drift else "") if each.change is not None else ""
        lines.append(f"{safe(each.target)}: {safe(each.name)}: {kind}: {safe(each.message)}{safe(at)}")
    count = sum(each.counts for each in found)
    lines += [f"{safe(name)}: not verified" for name in unseen]
    total = [f"{count} difference{'' if count == 1 else 's'}"] if count or not unseen else []
    return "".join(f"{line}\n" for line in [*lines, *total])


COMMAND = Command(Verify, run)
