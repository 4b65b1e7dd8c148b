"""JUnit XML for CI servers: a failed test case for each error, a passed one for each warning, one passed case if there is nothing.

No standard exists; the form is what Jenkins' and GitLab's readers agree on (testsuites/testsuite/testcase/failure).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.base.record import record
from vmspec.report.location import SourceNames, locate, own_path
from vmspec.report.terminal import safe, safe_lines

_COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)


@record(frozen=True)
class Case:
    """One `<testcase>`. `failure` is None where it passed."""

    group: str
    name: str
    failure: str | None = None
    kind: str = ""
    output: str = ""
    file: str = ""
    line: int = 0


def render(diagnostics: Sequence[Diagnostic], names: SourceNames = own_path, tests: Iterable[Case] = ()) -> str:
    """Render test results, if there are any, then the diagnostics."""
    cases = [*tests, *(_case(d, names) for d in diagnostics)] or [Case("vmspec", "no diagnostics")]
    failures = sum(case.failure is not None for case in cases)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0"'
    body = "".join(map(_xml, cases))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<testsuites name="vmspec" {counts}>\n  <testsuite name="vmspec" {counts}>\n{body}  </testsuite>\n</testsuites>\n'


def _case(diagnostic: Diagnostic, names: SourceNames) -> Case:
    at = None if diagnostic.primary is None else locate(diagnostic.primary, names)
    lines = [safe(diagnostic.message), *(safe(f"{locate(label.span, names)}: {label.message}") for label in diagnostic.labels)]
    lines += [f"note: {note}" for note in diagnostic.notes]
    lines += [f"help: {diagnostic.help}"] if diagnostic.help else []
    text = "\n".join(lines)
    error = diagnostic.severity is Severity.ERROR
    return Case(
        group=at.file if at else "vmspec",
        name=f"{diagnostic.code} {at}" if at else str(diagnostic.code),
        failure=text if error else None,
        kind=str(diagnostic.code),
        output="" if error else f"warning: {text}",
        file=at.file if at else "",
        line=at.line if at else 0,
    )


def _xml(case: Case) -> str:
    place = f' file="{_escape(safe(case.file))}" line="{case.line}"' if case.file else ""
    head = f'    <testcase classname="{_escape(safe(case.group))}" name="{_escape(safe(case.name))}"{place}'
    if case.failure is not None:
        message = case.failure.partition("\n")[0]
        failure = f'<failure message="{_escape(message)}" type="{_escape(case.kind or "failed")}">{_escape(case.failure)}</failure>'
        return f"{head}>\n      {failure}\n    </testcase>\n"
    if case.output:
        return f"{head}>\n      <system-out>{_escape(case.output)}</system-out>\n    </testcase>\n"
    return f"{head}/>\n"


def _escape(text: str) -> str:
    """For text and attributes; what XML 1.0 cannot hold at all is spelled out, and so is what a log would take for a command of its own.

    GitHub's runner obeys a line of a log that begins with `::` (docs.github.com, "Workflow commands for GitHub Actions").
    """
    text = _COMMAND.sub(r"\1\\u{3a}:", safe_lines(text)).replace("\ufffe", "\\u{fffe}").replace("\uffff", "\\u{ffff}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
