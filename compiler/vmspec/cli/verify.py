"""`vmc verify`: what differs on hosts from the program."""

import json
import sys
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import record, replace
from vmspec.cli import hosts
from vmspec.cli.command import DIFFERENCES, FINE, Command, Exit, Option
from vmspec.cli.facts_still import is_stale
from vmspec.cli.hosts import HostCalls
from vmspec.cli.plan import Asked, Plan, ended, error_code, prepare, told
from vmspec.cli.reporting import colours, report, say
from vmspec.cli.secrets import Secrets
from vmspec.cli.setting_origin import plain_setting, setting_line
from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.concurrency import on_all
from vmspec.deploy.facts.gather import where
from vmspec.deploy.planning import planned
from vmspec.deploy.probes.probe import ProbeState
from vmspec.deploy.runtime import runtime
from vmspec.deploy.stop import Stop, listening
from vmspec.deploy.target import HostResult, HostTarget
from vmspec.plan import data
from vmspec.plan.drift import DriftFinding, DriftKind, findings, prometheus
from vmspec.plan.text import by_hand
from vmspec.plan.text import where as placed
from vmspec.report.style import style
from vmspec.report.terminal import safe


@record(frozen=True, kw_only=True)
class Verify(Secrets, HostCalls):
    """Compare configured and running guests, and with --host-files the host's files, with the program; exits with 3 where they differ.

    What only waits for a restart since our last deploy is named, and is no difference.
    """

    runtime: Annotated[
        bool, Option(("--runtime",), "Look too at what the kernel, systemd and QEMU's threads have: here, or by ssh as the URI says.")
    ] = False
    ssh: Annotated[str | None, Option(("--ssh",), "With --runtime: the machine that ssh reaches by this name.", "HOST")] = None
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
    if wrong := _unfit(options, asked):
        return report(wrong, options)

    def look(target: HostTarget) -> HostResult:
        result = planned(target, asked.settings)
        return _with_runtime(result, options, asked) if options.runtime else result

    with listening(stop):
        results = on_all(asked.targets, look, asked.parallel, stop=stop)
    return ended(_said(options, asked, results), results, stop)


def _unfit(options: Verify, asked: Asked) -> list[Diagnostic]:
    if not options.runtime:
        return [Diagnostic(codes.BAD_CALL, "--ssh is for --runtime")] if options.ssh is not None else []
    if options.root is not None:
        return [Diagnostic(codes.BAD_CALL, "--runtime looks at a running host, and --root at a tree of files")]
    if options.ssh is not None and len(asked.targets) > 1:
        return [Diagnostic(codes.BAD_CALL, "--ssh names one machine: name the one host")]
    return [
        Diagnostic(codes.BAD_CALL, f"{each.name} is no host of the program: what is meant of its kernel?", help=f"say NAME={each.name}")
        for each in asked.targets
        if each.host is None
    ]


def _with_runtime(result: HostResult, options: Verify, asked: Asked) -> HostResult:
    """A host whose libvirt does not answer is looked at all the same; its first error is the one that is told."""
    host = result.target.host
    assert host is not None
    try:
        found = runtime(host, asked.compilation.fleet.on(host.name), where(result.target.uri, options.ssh, None))
    except HostError as error:
        return replace(result, error=result.error or error.diagnostic)
    return replace(result, probed=found)


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
    shown = _json(found, unseen, results, asked) if options.format == "json" else _text(found, unseen, results, asked)
    say(shown, sys.stdout)
    if failed:
        return error_code(results)
    return DIFFERENCES if any(finding.counts for finding in found) or _not_taken(results) or is_stale(asked.found) else FINE


def _not_taken(results: list[HostResult]) -> int:
    return sum(each.state is ProbeState.NOT_TAKEN for result in results for each in result.probed)


def _json(found: list[DriftFinding], unseen: list[str], results: list[HostResult], asked: Asked) -> str:
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
    drift = any(each.counts for each in found) or bool(_not_taken(results)) or (None if unseen else False)
    settings = {
        result.target.name: [plain_setting(each, result.target.host, asked.compilation) for each in result.probed]
        for result in results
        if result.target.host is not None and result.probed
    }
    text = json.dumps({"version": 1, "drift": drift, "not_verified": unseen, "findings": plain, "settings": settings}, indent=1)
    return text + "\n"


def _text(found: list[DriftFinding], unseen: list[str], results: list[HostResult], asked: Asked) -> str:
    look = style(colours(sys.stdout))
    lines = []
    for each in found:
        kind = look.warning("pending restart") if each.kind is DriftKind.PENDING else look.error(each.kind.value)
        at = placed(each.change.where) + by_hand(each.change) if each.change is not None else ""
        lines.append(f"{safe(each.target)}: {safe(each.name)}: {kind}: {safe(each.message)}{safe(at)}")
    for result in results:
        lines += _settings(result, asked)
    count = sum(each.counts for each in found) + _not_taken(results)
    lines += [f"{safe(name)}: not verified" for name in unseen]
    total = [f"{count} difference{'' if count == 1 else 's'}"] if count or not unseen else []
    return "".join(f"{line}\n" for line in [*lines, *total])


def _settings(result: HostResult, asked: Asked) -> list[str]:
    """Settings that are not as meant, those that nothing tells, and how many are as meant."""
    host = result.target.host
    if host is None or not result.probed:
        return []
    look, name = style(colours(sys.stdout)), safe(result.target.name)
    kinds = {
        ProbeState.NOT_TAKEN: look.error("not taken"),
        ProbeState.AFTER_RESTART: look.warning("after the restart"),
        ProbeState.UNSEEN: "not to be seen",
    }
    told = [(kinds[each.state], each) for each in result.probed if each.state in kinds]
    lines = [f"{name}: {kind}: {setting_line(each, host, asked.compilation)}" for kind, each in told]
    return [*lines, f"{name}: {len(result.probed) - len(told)} of {len(result.probed)} settings seen as meant"]


COMMAND = Command(Verify, run)
