"""`vmc test`: the `test` blocks of the sources."""

import sys
from typing import Annotated

from vmspec.base.diagnostic import has_errors
from vmspec.base.json_text import Json
from vmspec.base.record import record
from vmspec.cli.command import ERRORS, FINE, Command, Exit, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, colours, exit_code, report, say, write
from vmspec.evaluate.evaluated import TestResult
from vmspec.report import TEXT_FORMATS
from vmspec.report.json import place
from vmspec.report.junit import Case
from vmspec.report.location import SourceNames, locate
from vmspec.report.style import style
from vmspec.report.terminal import counted, safe, safe_lines


@record(frozen=True, kw_only=True)
class Test(Inputs, Reporting):
    """Run the test blocks of the sources; exit with 1 where one fails."""

    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()


def run(options: Test) -> Exit:
    compilation, wrong = compile_(options.paths, options)
    found = [*wrong, *(() if wrong else compilation.diagnostics)]
    results = [] if has_errors(found) else list(compilation.tests)
    failed = sum(not result.passed for result in results)
    if options.output_format == "junit":
        from vmspec.report import junit

        write(junit.render(found, compilation.name, [_case(result, compilation.name) for result in results]), options)
        code = exit_code(found, options.error_on_warning)
    elif options.output_format == "json":
        import json

        from vmspec.report.json import VERSION, plain

        tests = [_plain(result, compilation.name) for result in results]
        shown = {"version": VERSION, "diagnostics": [plain(d, compilation.name) for d in found], "tests": tests}
        write(json.dumps(shown, indent=2) + "\n", options)
        code = exit_code(found, options.error_on_warning)
    else:
        code = report(found, options, compilation.name)
        if options.output_format in TEXT_FORMATS and not has_errors(found):
            say(_text(results, compilation.name), sys.stdout)
    return code or (ERRORS if failed else FINE)


def _text(results: list[TestResult], names: SourceNames) -> str:
    look = style(colours(sys.stdout))
    lines = []
    for result in results:
        verdict = look.added("passed") if result.passed else look.error("FAILED")
        lines.append(f"{verdict}  {safe(result.name)}" + ("" if result.passed else f"  {safe(str(locate(result.span, names)))}"))
        lines += [f"        {line}" for message in result.messages for line in safe_lines(message).split("\n")]
    failed = sum(not result.passed for result in results)
    return "\n".join([*lines, f"{counted(len(results), 'test')}: {len(results) - failed} passed, {failed} failed"]) + "\n"


def _case(result: TestResult, names: SourceNames) -> Case:
    at = locate(result.span, names)
    failure = None if result.passed else "\n".join(result.messages) or "failed"
    return Case(at.file, result.name, failure, "test", file=at.file, line=at.line)


def _plain(result: TestResult, names: SourceNames) -> Json:
    return {"name": result.name, "passed": result.passed, "messages": list(result.messages), **place(result.span, names)}


COMMAND = Command(Test, run)
