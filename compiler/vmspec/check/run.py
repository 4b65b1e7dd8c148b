"""Runs the rules over a fleet: each block meets the rules that its features call for, once per distinct block."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from vmspec.base.diagnostic import Diagnostic, Edit, Fix, Label, Severity, in_source_order
from vmspec.base.provenance import StepKind
from vmspec.base.source import Span
from vmspec.check.registry import FLEET, HOST, PLAIN, VM
from vmspec.check.rule import Finding, Rule
from vmspec.check.subject import Subject
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.model.block import Block
from vmspec.model.machine import DRIVER_TYPES
from vmspec.model.show import escape_unseen, quote
from vmspec.model.target import Software

if TYPE_CHECKING:
    from vmspec.check.rule import AnyObject

_SETTING = re.compile(r"[\w.\s-]+?\s*\??=\s*([^\s(){}\[\],;=]+|\"[^\"]*\")")
_PLAIN = re.compile(r"[\w.%/:-]+|\".*\"|[a-z-]+\(.*\)")
"""What stands without quotes, has them already, or is a call."""
SAY_WHICH = "say which it is: `libvirt` of the host, `--target libvirt=…`, or `[target]` in vmspec.toml"
_MEMO_LIMIT = 20_000
"""Blocks remembered at a time; a fleet that shares blocks has few, one that does not gains nothing by more."""

RuleFinding = tuple[Rule, Finding]
Called = tuple[tuple[Rule, ...], tuple[Rule, ...]]
"""The rules that look at a block alone, and those that look at its VM too."""


def check(fleet: Fleet) -> tuple[Diagnostic, ...]:
    """Everything that the rules say of a fleet, in source order."""
    checker = Checker(fleet.software)
    found = [diagnostic for vm in fleet.vms for diagnostic in checker.vm(vm)]
    found += (diagnostic for host in fleet.hosts for diagnostic in checker.host(host, fleet))
    found += checker.fleet(fleet)
    return in_source_order(found)


class Checker:
    """Remembers which rules a set of features calls for, and what was found on a block; blocks must outlive it."""

    def __init__(self, software: Callable[[Vm], Software] = lambda _: Software()) -> None:
        self._software = software
        self._of_vm = tuple(subject for subject in VM if not subject.block)
        self._of_block = tuple(subject for subject in VM if subject.block)
        self._whole: dict[frozenset[str], tuple[Rule, ...]] = {}
        self._rules: dict[tuple[str, frozenset[str]], Called] = {}
        self._met: dict[int, tuple[Called, tuple[RuleFinding, ...]]] = {}

    def vm(self, vm: Vm) -> Iterator[Diagnostic]:
        """The rules about one VM by itself."""
        spec = vm.spec
        features = _features_below(spec)
        if not vm.resolve:
            yield from self.plain(vm)
        for rule in self._called_for_vm(features):
            for finding in rule.check(spec):
                yield from self._said(vm, rule, finding)
        for subject in self._of_block:
            if subject.block in features:
                value = getattr(spec, subject.block)
                for block in value if value.__class__ is tuple else (value,):
                    yield from self._block(vm, subject, block)

    def plain(self, vm: Vm) -> Iterator[Diagnostic]:
        """The rules about what XML alone can say."""
        return (said for rule in PLAIN.all() for finding in rule.check(vm.spec) for said in self._said(vm, rule, finding))

    def _block(self, vm: Vm, subject: Subject, block: Block) -> Iterator[Diagnostic]:
        met = self._met.get(id(block))
        if met is None:
            if len(self._met) >= _MEMO_LIMIT:
                self._met.clear()
            called = self._called_for(subject, block)
            met = self._met[id(block)] = called, tuple((rule, finding) for rule in called[0] for finding in rule.check(block))
        for rule, finding in met[1]:
            yield from self._said(vm, rule, finding)
        for rule in met[0][1]:
            for finding in rule.check(block, vm.spec):
                yield from self._said(vm, rule, finding)

    def _said(self, vm: Vm, rule: Rule, finding: Finding) -> Iterator[Diagnostic]:
        """Nothing where the VM's libvirt is none of those that the finding is about, a warning where nobody says its version."""
        if not finding.since and not finding.until and not finding.refused:
            yield diagnostic(vm, rule, finding)
            return
        software = self._software(vm)
        match software.has(finding.since, finding.until):
            case True:
                refused = bool(finding.refused) and software.has(finding.refused) is True
                yield diagnostic(vm, rule, finding, Severity.ERROR if refused else None)
            case None:
                yield diagnostic(vm, rule, of_some_versions(finding), Severity.WARNING)
            case False:
                pass

    def host(self, host: HostObject, fleet: Fleet) -> Iterator[Diagnostic]:
        """The rules about a host and the VMs on it."""
        vms = tuple(fleet.on(host.name))
        features = _features_below(host.spec).union(*(_features_below(vm.spec) for vm in vms))
        for rule in HOST.for_features(features):
            for finding in rule.check(*(host, vms, fleet)[: rule.arguments]):
                yield diagnostic(finding.of or host, rule, finding)

    def fleet(self, fleet: Fleet) -> Iterator[Diagnostic]:
        """The rules across VMs."""
        features = frozenset[str]().union(*(_features_below(vm.spec) for vm in fleet.vms))
        for rule in FLEET.for_features(features):
            for finding in rule.check(fleet):
                assert finding.of is not None
                yield diagnostic(finding.of, rule, finding)

    def _called_for_vm(self, features: frozenset[str]) -> tuple[Rule, ...]:
        rules = self._whole.get(features)
        if rules is None:
            rules = self._whole[features] = tuple(rule for subject in self._of_vm for rule in subject.for_features(features))
        return rules

    def _called_for(self, subject: Subject, block: Block) -> Called:
        key = subject.block, _features(block)
        rules = self._rules.get(key)
        if rules is None:
            every = subject.for_features(key[1])
            rules = self._rules[key] = tuple(r for r in every if r.alone), tuple(r for r in every if not r.alone)
        return rules


def _features(block: Block) -> frozenset[str]:
    # An empty tuple is a feature that is not set; blocks compare by content, so they are not compared with it.
    return frozenset([name for name, value in vars(block).items() if value is not None and (value.__class__ is not tuple or value)])


def _features_below(spec: Block) -> frozenset[str]:
    """The features of a VM, and those of its blocks without labels: `memory`, `memory.hugepages`."""
    found = []
    for name, value in vars(spec).items():
        if value is not None and (value.__class__ is not tuple or value):
            found.append(name)
            if isinstance(value, Block):
                known = _DOTTED.setdefault(name, {})
                for inner, each in vars(value).items():
                    if each is not None and (each.__class__ is not tuple or each):
                        found.append(known.get(inner) or known.setdefault(inner, f"{name}.{inner}"))
    return frozenset(found)


_DOTTED: dict[str, dict[str, str]] = {}


def of_some_versions(finding: Finding) -> Finding:
    """The same where nobody says which libvirt is meant: what some supported version takes passes, with the version."""
    taken = f"libvirt takes it from {finding.until} on" if finding.until else f"libvirt refuses it from {finding.since} on"
    notes = (*finding.notes, taken)
    return replace(finding, notes=notes, help=finding.help or SAY_WHICH)


def diagnostic(owner: AnyObject, rule: Rule, finding: Finding, severity: Severity | None = None) -> Diagnostic:
    """A finding with its places: spans, labels and, where the value was written as such, the fix. `severity`: as a version decides it."""
    labels = [Label(owner.where(path), message) for path, message in finding.labels]
    labels += (Label(other.where(path), message) for other, path, message in finding.others)
    found = Diagnostic(
        rule.code,
        escape_unseen(finding.message),
        _where(owner, finding),
        severity or _severity(owner, rule, finding),
        tuple(labels),
        finding.notes,
        finding.help,
        _fix(owner, finding),
        owner.name,
        finding.at[1] if len(finding.at) > 1 and finding.at[:2] in owner.blocks else "",
        finding.among,
    )
    return found.from_standard(owner.span)


def _where(owner: AnyObject, finding: Finding) -> Span:
    if finding.within is None:
        return owner.where(finding.at)
    from vmspec.check.within import span_within

    return span_within(owner.trails.get(finding.at) or (), finding.within) or owner.where(finding.at)


def _severity(owner: AnyObject, rule: Rule, finding: Finding) -> Severity:
    if owner.resolve:
        return finding.severity or rule.severity
    milder = _is_foreign(owner) or finding.severity is Severity.WARNING
    return Severity.WARNING if milder else rule.severity_on_plain_xml()


def _is_foreign(owner: AnyObject) -> bool:
    """A domain of another driver (Xen, LXC, …): what the rules know of QEMU refuses nothing there."""
    return owner.kind == "vm" and vars(owner.spec).get("type") not in DRIVER_TYPES


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
    text = finding.instead if _PLAIN.fullmatch(finding.instead) else quote(finding.instead)
    return Fix(f"write {finding.instead}", (Edit(Span(last.span.source, start, start + len(match[1])), text),))
