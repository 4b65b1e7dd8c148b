"""Runs the rules over a fleet: each block meets the rules that its features call for, once per distinct block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from vmspec.base.diagnostic import Diagnostic, Edit, Fix, Label, in_source_order
from vmspec.base.provenance import StepKind
from vmspec.base.source import Span
from vmspec.build.fleet import Fleet, HostObject, Vm
from vmspec.check.registry import FLEET, HOST, PLAIN, VM
from vmspec.check.rule import Finding, Rule
from vmspec.check.subject import Subject
from vmspec.model.block import Block

if TYPE_CHECKING:
    from vmspec.check.rule import AnyObject

_SETTING = re.compile(r"[\w.\s-]+?\s*\??=\s*([^\s(){}\[\],;=]+|\"[^\"]*\")")
_MEMO_LIMIT = 20_000
"""Blocks remembered at a time; a fleet that shares blocks has few, one that does not gains nothing by more."""

Found = tuple[Rule, Finding]


def check(fleet: Fleet) -> tuple[Diagnostic, ...]:
    """Everything that the rules say of a fleet, in source order."""
    checker = Checker()
    found = [diagnostic for vm in fleet.vms for diagnostic in checker.vm(vm)]
    found += (diagnostic for host in fleet.hosts for diagnostic in checker.host(host, tuple(fleet.on(host.name))))
    found += checker.fleet(fleet)
    return in_source_order(found)


class Checker:
    """Remembers which rules a set of features calls for, and what was found on a block; blocks must outlive it."""

    def __init__(self) -> None:
        self._subjects = VM
        self._rules: dict[tuple[int, frozenset[str]], tuple[tuple[Rule, ...], tuple[Rule, ...]]] = {}
        self._found: dict[tuple[int, int], tuple[Found, ...]] = {}

    def vm(self, vm: Vm) -> Iterator[Diagnostic]:
        """The rules about one VM by itself."""
        spec = vm.spec
        if not vm.resolve:
            yield from (diagnostic(vm, rule, finding) for rule in PLAIN.all() for finding in rule.check(spec))
        for index, subject in enumerate(self._subjects):
            if not subject.block:
                alone, _ = self._called_for(index, subject, spec)
                for rule in alone:
                    for finding in rule.check(spec):
                        yield diagnostic(vm, rule, finding)
                continue
            value = getattr(spec, subject.block)
            if not value:
                continue
            for block in value if isinstance(value, tuple) else (value,):
                alone, within = self._called_for(index, subject, block)
                for rule, finding in self._alone(index, alone, block):
                    yield diagnostic(vm, rule, finding)
                for rule in within:
                    for finding in rule.check(block, spec):
                        yield diagnostic(vm, rule, finding)

    def host(self, host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Diagnostic]:
        """The rules about a host and the VMs on it."""
        features = _features(host.spec).union(*(_features(vm.spec) for vm in vms))
        for rule in HOST.for_features(features):
            for finding in rule.check(host, vms):
                yield diagnostic(finding.of or host, rule, finding)

    def fleet(self, fleet: Fleet) -> Iterator[Diagnostic]:
        """The rules across VMs."""
        features = frozenset[str]().union(*(_features(vm.spec) for vm in fleet.vms))
        for rule in FLEET.for_features(features):
            for finding in rule.check(fleet):
                assert finding.of is not None
                yield diagnostic(finding.of, rule, finding)

    def _called_for(self, index: int, subject: Subject, block: Block) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
        key = index, _features(block)
        rules = self._rules.get(key)
        if rules is None:
            every = subject.for_features(key[1])
            rules = tuple(r for r in every if r.alone), tuple(r for r in every if not r.alone)
            self._rules[key] = rules
        return rules

    def _alone(self, index: int, rules: tuple[Rule, ...], block: Block) -> Iterable[Found]:
        if not rules:
            return ()
        key = index, id(block)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MEMO_LIMIT:
                self._found.clear()
            found = self._found[key] = tuple((rule, finding) for rule in rules for finding in rule.check(block))
        return found


def _features(block: Block) -> frozenset[str]:
    return frozenset([name for name, value in vars(block).items() if value is not None and value != ()])


def diagnostic(owner: AnyObject, rule: Rule, finding: Finding) -> Diagnostic:
    """A finding with its places: spans, labels and, where the value was written as such, the fix."""
    labels = [Label(owner.where(path), message) for path, message in finding.labels]
    labels += (Label(other.where(path), message) for other, path, message in finding.others)
    return Diagnostic(
        rule.code,
        finding.message,
        owner.where(finding.at),
        rule.severity if owner.resolve else rule.severity_on_plain_xml(),
        tuple(labels),
        finding.notes,
        finding.help,
        _fix(owner, finding),
    )


def _fix(owner: AnyObject, finding: Finding) -> Fix | None:
    trail = owner.trails.get(finding.at)
    if finding.instead is None or not trail:
        return None
    last = trail[-1]
    if last.kind is not StepKind.SET or last.span is None:
        return None
    # A setting's span is the whole statement. A value that was written in another way than `name = value` is left to people.
    match = _SETTING.fullmatch(last.span.text)
    if match is None:
        return None
    start = last.span.start + match.start(1)
    return Fix(f"write {finding.instead}", (Edit(Span(last.span.source, start, start + len(match[1])), finding.instead),))
