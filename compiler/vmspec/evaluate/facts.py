"""Reads the facts of a host, and makes `$host` for the VMs that are placed on it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from json import JSONDecodeError
from pathlib import Path as FilePath

from vmspec.base import json_text
from vmspec.base.code import Code
from vmspec.base.files import FileError, read_bytes
from vmspec.base.provenance import Path, Step, StepKind, span_of
from vmspec.base.record import replace
from vmspec.base.source import Source
from vmspec.evaluate.evaluated import SettledObject, SettledValue
from vmspec.evaluate.facts_contradicted import report_contradictions
from vmspec.evaluate.facts_told import told_by
from vmspec.evaluate.session import ErrorValue, FactsFile, Session
from vmspec.model.facts_json import read_facts
from vmspec.model.kind import parse_cpus
from vmspec.model.pins import GROUPS
from vmspec.model.show import show
from vmspec.model.value import CpuSet, Symbol, Value
from vmspec.resolve.program import Unit

MAX_BYTES = 16 << 20
"""The largest file of facts that is read; those of a large host have some hundred kilobytes."""

BAD_FACTS = Code(
    3017,
    "bad-facts",
    """
    What: The facts of a host cannot be read: the file is not there, is no regular file, lies outside of the project, is not JSON, or an
        entry that vmspec reads has another form than `vmc facts` and `docs/language.md` give it.
    Why: Facts decide layouts and silence or raise rules. A program reads nothing but its own project: values of other files of the
        machine must not land in an output, and the output must not depend on where the checkout lies.
    """,
)


def host_map(host: SettledObject, unit: Unit, session: Session) -> Mapping[str, Value] | ErrorValue:
    """The values of a host as a map, with `name`, `facts` and `topology`; an error value if its facts are wrong."""
    result: dict[str, Value] = {}
    for path, settled in host.values.items():
        at = result
        for step in path[:-1]:
            inner = at.setdefault(step, {})
            if not isinstance(inner, dict):
                break
            at = inner
        at[path[-1]] = settled.value
    result["name"] = Symbol(host.name)
    result.setdefault("tags", ())
    facts = _facts(host, unit, session)
    if isinstance(facts, ErrorValue):
        return facts
    result["facts"] = facts
    result["topology"] = _topology(result, facts)
    return result


def with_facts(host: SettledObject, unit: Unit, session: Session) -> SettledObject:
    """The host, completed with what its facts tell where its block is silent; where the two contradict each other, an error."""
    setting = host.values.get(("facts",))
    facts = session.read_facts.get(unit.folder / str(setting.value)) if setting is not None else None
    if facts is None or setting is None:
        return host
    session.host_facts[host.name] = facts.facts
    report_contradictions(host, facts.facts, facts.source, session)
    step = Step(StepKind.DERIVED, "facts", span_of(setting.trail), why="the facts file of the host")
    stated = {path for path, value in host.values.items() if value.strength != "default"}
    blocks, told = told_by(facts.facts, host, stated)
    values: dict[Path, SettledValue] = {path: SettledValue(value, (step,)) for path, value in told.items() if path not in stated}
    values |= {path: value for path, value in host.values.items() if path not in values}
    return replace(host, values=values, blocks={**dict.fromkeys(blocks, host.span), **host.blocks}) if told else host


def _facts(host: SettledObject, unit: Unit, session: Session) -> Mapping[str, Value] | ErrorValue:
    settled = host.values.get(("facts",))
    if settled is None:
        return {}
    path = unit.folder / str(settled.value)
    if path in session.facts:
        return session.facts[path]
    try:
        session.facts[path], read = _read(path, str(settled.value), session)
        session.read_facts[path] = read
    except (FileError, ValueError) as problem:
        reason = problem.reason if isinstance(problem, FileError) else f"cannot be used: {problem}"
        span = span_of(settled.trail) or host.span
        session.facts[path] = session.say(BAD_FACTS, f"the facts {show(str(settled.value))} {reason}", span)
    return session.facts[path]


def _read(path: FilePath, named: str, session: Session) -> tuple[Mapping[str, Value], FactsFile]:
    """Raises FileError, and ValueError with what is wrong in the file."""
    root = session.program.root
    if FilePath(named).is_absolute():
        raise ValueError("its path is absolute, and would be another file on another machine; name it from the file that names it")
    try:
        text = read_bytes(path, MAX_BYTES, below=root).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 (byte {error.start})") from error
    try:
        value = _value(json_text.loads(text))
    except JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    source = Source(FilePath(os.path.relpath(os.path.realpath(path), os.path.realpath(root))).as_posix(), text)
    session.read.append(source)
    if not isinstance(value, Mapping):
        raise ValueError("it is not a JSON object")
    return value, FactsFile(read_facts(value), source)


def _value(data: object) -> Value:
    match data:
        case str():
            return _sound(data)
        case bool() | int():
            return data
        case list():
            return tuple(_value(d) for d in data)
        case dict():
            return {_sound(str(k)): _value(v) for k, v in data.items() if v is not None}
    return str(data)


def _sound(text: str) -> str:
    """Reject lone surrogates, which JSON can spell (`"\\ud800"`) and no output can hold."""
    bad = next((c for c in text if "\ud800" <= c <= "\udfff"), None) if not text.isascii() else None
    if bad is not None:
        raise ValueError(f"a text in it holds U+{ord(bad):04X}, which is no character")
    return text


def _groups(facts: Mapping[str, Value]) -> tuple[Value, ...] | None:
    """The CPUs of each core; None where the facts do not tell them."""
    said = facts.get("siblings")
    read = GROUPS.read(tuple(str(each) for each in said)) if isinstance(said, tuple) and said else None
    return read if isinstance(read, tuple) else None


def _nodes(facts: Mapping[str, Value]) -> dict[str, Value]:
    """The CPUs of each node, by its number."""
    known = facts.get("numa")
    nodes: dict[str, Value] = {}
    for index, entry in enumerate(known) if isinstance(known, tuple) else ():
        cpus = entry.get("cpus") if isinstance(entry, Mapping) else None
        if isinstance(cpus, str) and isinstance(entry, Mapping):
            nodes[str(entry.get("id", index))] = (parse_cpus(cpus) if cpus else None) or CpuSet()
    return nodes


def _topology(host: Mapping[str, Value], facts: Mapping[str, Value]) -> Mapping[str, Value]:
    """`nodes`: CPUs by node; `siblings`: groups of CPUs that share a core. From the `numa` blocks, else from the facts."""
    result: dict[str, Value] = {}
    nodes: dict[str, Value] = {}
    numa = host.get("numa")
    for number, node in numa.items() if isinstance(numa, Mapping) else ():
        cpus = node.get("cpus") if isinstance(node, Mapping) else None
        if isinstance(cpus, CpuSet):
            nodes[number] = cpus
    nodes = nodes or _nodes(facts)
    if nodes:
        result["nodes"] = nodes
    own = host.get("siblings")
    groups = own if isinstance(own, tuple) else _groups(facts)
    if groups is not None:
        result["siblings"] = groups
    return result
