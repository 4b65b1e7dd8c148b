"""Runs `test` blocks: their own objects are settled, their assertions checked on each of them, nothing is emitted."""

from __future__ import annotations

from vmspec.base.diagnostic import Diagnostic, Severity, in_source_order
from vmspec.base.source import position
from vmspec.evaluate.instance import Template
from vmspec.evaluate.linearise import Lineages
from vmspec.evaluate.session import Frame, OutOfBudgetError, Session
from vmspec.evaluate.setting import Layer
from vmspec.evaluate.settle import Options, options_of, settle_templates, templates_of
from vmspec.evaluate.settled import TestResult
from vmspec.resolve import codes as names
from vmspec.resolve.program import OBJECT_KINDS, ObjectDef, ProfileDef, Program, Unit
from vmspec.syntax import tree


def run_tests(program: Program, options: Options) -> tuple[TestResult, ...]:
    """In source order. A test with `fails = 2104` passes where that diagnostic, and no other error, is found."""
    return tuple(_run(block, unit, program, options) for block, unit in program.tests)


def _run(block: tree.Block, unit: Unit, program: Program, options: Options) -> TestResult:
    assert block.label is not None
    session = Session(program, options.env)
    trial = _Trial(block, unit, session)
    try:
        options_of(session, options)
        trial.run()
    except OutOfBudgetError:
        pass
    found = [d for d in in_source_order(session.diagnostics) if d.severity is Severity.ERROR]
    head = block.path.span.to(block.label.span)
    messages = tuple(_line(d) for d in found)
    if trial.fails is not None:
        codes = {d.code.number for d in found}
        passed = codes == {trial.fails}
        return TestResult(block.label.name, head, passed, () if passed else messages or (f"the error {trial.fails:04d} does not occur",))
    return TestResult(block.label.name, head, not found, messages)


def _line(d: Diagnostic) -> str:
    at = f"{d.primary.source.path}:{position(d.primary.source, d.primary.start).line}: " if d.primary is not None else ""
    return f"{at}{d.message} [{d.code}]"


class _Trial:
    """One test: `env` and `fails` are its settings; lets, profiles, objects and assertions its statements."""

    def __init__(self, block: tree.Block, unit: Unit, session: Session) -> None:
        self.block = block
        self.session = session
        self.unit = Unit(unit.source, unit.file, unit.folder, dict(unit.lets), dict(unit.profiles), unit.namespaces)
        self.fails: int | None = None

    def run(self) -> None:
        definitions: list[ObjectDef] = [o for o in self.session.program.objects if o.kind == "host"]
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
        lineages = Lineages(self.session)
        templates = templates_of(self.session, (*definitions, *own), lineages)
        settle_templates(self.session, templates, self.check)

    def setting(self, node: tree.Set) -> None:
        name = ".".join(s.name for s in node.path.segments)
        if name == "env" and isinstance(node.value, tree.Ref):
            self.session.env = node.value.dotted
        elif name == "fails" and isinstance(node.value, tree.Int):
            self.fails = node.value.value
        else:
            self.session.say(names.MISPLACED, f"a test has no {name}: only `env = NAME` and `fails = CODE`", node.path.span)

    def check(self, template: Template) -> None:
        """The test's assertions, on an object of the test that has just been settled."""
        if template.definition.unit is not self.unit or template.shared is None:
            return
        assert self.block.label is not None
        frame: Frame = self.session.root(self.unit)
        evaluator = template.evaluator(template.shared.structure, template.shared.lineage, template.shared.resolve)
        for statement in self.block.body.statements:
            if isinstance(statement, tree.Assert):
                evaluator.check(statement, frame, Layer(0, f"test {self.block.label.name}", 0))
