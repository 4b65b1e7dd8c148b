"""The rules of the language, one idea a case: names, inheritance, values, each with its error or its result."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import golden
from tests.cases import Case, differences, params, read
from vmspec.base.diagnostic import Diagnostic, has_errors, in_source_order
from vmspec.base.provenance import Step
from vmspec.base.source import Span, position
from vmspec.evaluate.evaluate import EvaluateOptions, evaluate
from vmspec.evaluate.evaluated import Evaluated
from vmspec.model.show import show
from vmspec.resolve.loader import Loader
from vmspec.resolve.resolve import resolve

HERE = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", list(params(HERE)))
def test_case(case: Case, tmp_path: Path) -> None:
    """A block `options` gives `env = NAME` and `NAME = param`; `values` lists `VM:path = value`, or `VM:path` for absent; `trails` lists
    `VM:path = steps`, weakest first; `details` is all that the findings say, in order."""
    settled, diagnostics = compile_case(case, tmp_path)
    wrong = differences(case, diagnostics)
    if "details" in case.others:
        have = "".join(f"{line}\n" for d in diagnostics for line in details(d))
        wrong += [] if have == case.others["details"] else [f"the details are\n{have}"]
    for line in case.others.get("trails", "").splitlines():
        address, _, steps = line.partition(" = ")
        have = trail(address, settled)
        wrong += [] if have == steps else [f"{address} = {have}"]
    for line in case.others.get("values", "").splitlines():
        if line.strip():
            wrong += check_value(line.strip(), settled)
    assert not wrong, f"{case.place}\n" + "\n".join(wrong)


@pytest.mark.parametrize("file", sorted(HERE.glob("*.md")), ids=lambda file: file.stem)
def test_said(file: Path, tmp_path: Path) -> None:
    """All that is said of a page's cases, and how each value came to be: a word, a label or a step that changes is seen."""
    parts: list[str] = []
    for number, case in enumerate(read(file)):
        settled, diagnostics = compile_case(case, tmp_path / str(number))
        lines = [line for d in diagnostics for line in finding(d)]
        lines += provenance(settled) if settled is not None else []
        parts.append("".join(f"{line}\n" for line in (f"# {case.name}", *lines)))
    golden.same("\n".join(parts), HERE.parent / "golden" / f"{file.stem}.txt")


def finding(d: Diagnostic) -> list[str]:
    """The code and place of a finding, and below it all that it says."""
    at = "nowhere" if d.primary is None else f"{Path(d.primary.source.path).name}:{place(d.primary)}"
    return [f"{d.severity.value}[{d.code.number}] {at}", *(f"    {line}" for line in details(d))]


def provenance(settled: Evaluated) -> list[str]:
    """The values that somebody wrote, each with the steps that led to it."""
    lines: list[str] = []
    for each in settled.objects:
        for path, value in each.values.items():
            steps = [shown_step(step) for step in value.trail]
            if any(not step.startswith("default") for step in steps):
                lines += [f"{each.name}:{'.'.join(path)} = {show(value.value)}", *(f"    {step}" for step in steps)]
    return lines


def compile_case(case: Case, folder: Path) -> tuple[Evaluated | None, tuple[Diagnostic, ...]]:
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    options = dict(line.split(" = ", 1) for line in case.others.get("options", "").splitlines() if line)
    env = options.pop("env", None)
    program, found = resolve((folder / "main.vmspec",), Loader(folder))
    if has_errors(found):
        return None, in_source_order(found)
    settled, more = evaluate(program, EvaluateOptions(env, options))
    return settled, in_source_order((*found, *more))


def check_value(line: str, settled: Evaluated | None) -> list[str]:
    address, equals, wanted = line.partition(" = ")
    name, _, path = address.partition(":")
    found = next((o for o in settled.objects if o.name == name), None) if settled is not None else None
    if found is None:
        return [f"no object {name}"]
    values = {".".join(p): show(v.value) for p, v in found.values.items()}
    have = values.get(path)
    if equals:
        return [] if have == wanted else [f"{address} is {have}, not {wanted}"]
    return [] if have is None else [f"{address} is {have}, and should be absent"]


def details(d: Diagnostic) -> list[str]:
    """The message, labels, notes, help and fix, each with its place."""
    lines = [f"says {d.message}"]
    lines += [f"label {place(label.span)} {label.message}" for label in d.labels]
    lines += [f"note {note}" for note in d.notes]
    if d.help is not None:
        lines.append(f"help {d.help}")
    if d.fix is not None:
        edits = ", ".join(f"{place(edit.span)} {edit.text!r}" for edit in d.fix.edits)
        lines.append(f"fix {d.fix.title}: {edits}")
    return lines


def place(span: Span) -> str:
    at = position(span.source, span.start)
    return f"{at.line}:{at.column}+{span.end - span.start}"


def trail(address: str, settled: Evaluated | None) -> str:
    """How a value came to be: `default model; overridden profile p; set vm v (weak)`."""
    assert settled is not None
    name, _, path = address.partition(":")
    value = next(o for o in settled.objects if o.name == name).values[tuple(path.split("."))]
    return "; ".join(shown_step(step) for step in value.trail)


def shown_step(step: Step) -> str:
    strength = "" if step.strength == "plain" else f" ({step.strength})"
    where = "" if step.span is None else f" {place(step.span)}"
    more = "".join(f" reads {operand}" for operand in step.operands) + "".join(f" ${each.name}" for each in step.inputs)
    return f"{step.kind.value} {step.origin}{where}{strength}{' *' if step.wildcard else ''}{more}"
