"""Runs `test` blocks: evaluates their objects, applies the rules, and checks the assertions; nothing is emitted."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TypeAlias

from vmspec.base.diagnostic import Diagnostic, Label, Severity, has_errors, in_source_order
from vmspec.base.source import position
from vmspec.base.unspoken import unspoken
from vmspec.evaluate import codes
from vmspec.evaluate.evaluate import EvaluateOptions, check_env, options_of, settle_templates, templates_of
from vmspec.evaluate.evaluated import Evaluated, SettledObject, TestResult
from vmspec.evaluate.expression import evaluate as evaluate_expression
from vmspec.evaluate.expression import text_of
from vmspec.evaluate.instances.instance import Template
from vmspec.evaluate.merge.mro import Lineages
from vmspec.evaluate.merge.statements import Layer
from vmspec.evaluate.session import ErrorValue, Frame, OutOfBudgetError, Session
from vmspec.resolve import codes as names
from vmspec.resolve.program import OBJECT_KINDS, ObjectDef, ProfileDef, Program, Unit
from vmspec.syntax import tree

Rules: TypeAlias = "Callable[[Evaluated], tuple[Diagnostic, ...]]"
"""What the build and the rules say of settled objects without an error."""


def run_tests(program: Program, options: EvaluateOptions, rules: Rules, known: Container[int]) -> tuple[TestResult, ...]:
    """Run all tests in source order. With `fails = 2104`, a test passes if it gets that diagnostic and no other error; `known` are all
    numbers."""
    return tuple(_run(block, unit, program, options, rules, known) for block, unit in program.tests)


def _run(block: tree.Block, unit: Unit, program: Program, options: EvaluateOptions, rules: Rules, known: Container[int]) -> TestResult:
    assert block.label is not None
    session = Session(program, options.env)
    trial = _Trial(block, unit, session, known)
    everything: list[Diagnostic] = session.diagnostics
    try:
        options_of(session, options)
        objects = trial.run()
        if not has_errors(session.diagnostics):
            everything = [*session.diagnostics, *rules(Evaluated(tuple(objects), session.env))]
    except OutOfBudgetError:
        pass
    found = [d for d in in_source_order(everything) if d.severity is Severity.ERROR]
    head = block.path.span.to(block.label.span)
    messages = tuple(_line(d) for d in found)
    if trial.fails is not None:
        passed = any(d.code.number == trial.fails for d in everything) and all(d.code.number == trial.fails for d in found)
        return TestResult(block.label.name, head, passed, () if passed else messages or (f"the error {trial.fails:04d} does not occur",))
    return TestResult(block.label.name, head, not found, messages)


def _line(d: Diagnostic) -> str:
    at = f"{d.primary.source.path}:{position(d.primary.source, d.primary.start).line}: " if d.primary is not None else ""
    return f"{at}{unspoken(d.message)} [{d.code}]"


class _Trial:
    """One test: settings such as `env` and `fails`, and its lets, profiles, objects and assertions."""

    def __init__(self, block: tree.Block, unit: Unit, session: Session, known: Container[int]) -> None:
        self.block = block
        self.session = session
        self.unit = Unit(unit.source, unit.file, unit.folder, dict(unit.lets), dict(unit.profiles), unit.namespaces)
        self.known = known
        self.fails: int | None = None
        self.said: dict[str, tree.Set] = {}

    def run(self) -> list[SettledObject]:
        definitions: list[ObjectDef] = [o for o in self.session.program.objects if o.kind != "vm"]
        own: list[ObjectDef] = []
        for statement in self.block.body.statements:
            match statement:
                case tree.Let():
                    self.unit.lets[statement.name.name] = (statement, self.unit)
                case tree.Profile():
                    self.unit.profiles[statement.name.name] = ProfileDef(statement, self.unit, statement.name.name)
                case tree.Block() if statement.path.segments[0].name in OBJECT_KINDS and statement.label is not None:
                    own.append(ObjectDef(statement.path.segments[0].name, statement, self.unit))
                case tree.Set():
                    self.setting(statement)
                case tree.Assert():
                    pass
                case _:
                    self.session.say(names.MISPLACED, "a test holds objects, profiles, lets, assertions, `env` and `fails`", statement.span)
        asserted = [s for s in self.block.body.statements if isinstance(s, tree.Assert)]
        if not own and not asserted and self.fails is None:
            assert self.block.label is not None
            self.session.say(
                codes.EMPTY_TEST, f"the test {self.block.label.name} holds no machine and asserts nothing", self.block.path.span
            )
        elif not own:
            self.assertions(asserted)
        lineages = Lineages(self.session)
        templates = templates_of(self.session, (*definitions, *own), lineages)
        return settle_templates(self.session, templates, self.check)

    def setting(self, node: tree.Set) -> None:
        name = ".".join(s.name for s in node.path.segments)
        first = self.said.setdefault(name, node)
        if first is not node:
            labels = (Label(first.span, "said here first"),)
            self.session.say(codes.SET_TWICE, f"a test says {name} once", node.span, labels=labels)
        elif name == "env" and isinstance(node.value, tree.Ref):
            self.session.env = node.value.dotted
            check_env(self.session, node.value.span)
        elif name == "fails" and isinstance(node.value, tree.Int):
            self.fails = node.value.value
            if self.fails not in self.known:
                help_ = "`vmc docs` lists them all"
                self.session.say(codes.BAD_ARGUMENT, f"no diagnostic has the number {self.fails}", node.value.span, help=help_)
        elif name in ("env", "fails"):
            takes = "the name of an environment" if name == "env" else "the number of a diagnostic"
            self.session.say(codes.BAD_ARGUMENT, f"{name} takes {takes}, without quotes", node.value.span)
        else:
            self.session.say(names.MISPLACED, f"a test has no {name}: only `env = NAME` and `fails = CODE`", node.path.span)

    def assertions(self, asserted: list[tree.Assert]) -> None:
        """Check the assertions of a test without objects, about variables and functions."""
        assert self.block.label is not None
        frame = self.session.root(self.unit)
        for node in asserted:
            value = evaluate_expression(node.condition, frame, self.session)
            if isinstance(value, ErrorValue) or value is True:
                continue
            if value is not False:
                self.session.say(codes.BAD_OPERAND, "`assert` takes a boolean", node.condition.span)
                continue
            message = text_of(node.message, frame, self.session) if node.message is not None else node.condition.span.line
            said = message if isinstance(message, str) else "the assertion is false"
            self.session.say(codes.ASSERTION, f"{self.block.label.name}: {said}".replace("\n", " "), node.condition.span)

    def check(self, template: Template) -> None:
        """Check the test's assertions on an object that has just been evaluated."""
        if template.definition.unit is not self.unit or template.shared is None:
            return
        assert self.block.label is not None
        frame: Frame = self.session.root(self.unit)
        evaluator = template.evaluator(template.shared.structure, template.shared.lineage, template.shared.resolve)
        for statement in self.block.body.statements:
            if isinstance(statement, tree.Assert):
                evaluator.check(statement, frame, Layer(0, f"test {self.block.label.name}", 0))
