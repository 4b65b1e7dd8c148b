"""`$host`: what a VM's conditions may know of the host that it is placed on."""

from __future__ import annotations

import json
from collections.abc import Mapping

from vmspec.base.provenance import Path, Step, StepKind, span_of
from vmspec.base.record import replace
from vmspec.evaluate import codes
from vmspec.evaluate.session import Session
from vmspec.evaluate.settled import SettledObject, SettledValue
from vmspec.model.kind import parse_cpus
from vmspec.model.value import CpuSet, Symbol, Value
from vmspec.resolve.program import Unit


def host_map(host: SettledObject, unit: Unit, session: Session) -> Mapping[str, Value]:
    """The settled values of a host as a map, with its `name`, its `facts` (a map) and its `topology`."""
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
    result["facts"] = facts
    result["topology"] = _topology(result, facts)
    return result


def with_facts(host: SettledObject, facts: Value | None) -> SettledObject:
    """The host with the versions that its facts tell, where its own block says none: rules look at them."""
    setting = host.values.get(("facts",))
    if not isinstance(facts, Mapping) or setting is None:
        return host
    step = Step(StepKind.DERIVED, "facts", span_of(setting.trail), why="what `vmc facts` found on the host")
    told = {(name,): facts[name] for name in ("libvirt", "qemu") if isinstance(facts.get(name), str) and (name,) not in host.values}
    if not told:
        return host
    values: dict[Path, SettledValue] = dict(host.values)
    values.update({path: SettledValue(str(value), (step,)) for path, value in told.items()})
    return replace(host, values=values)


def _facts(host: SettledObject, unit: Unit, session: Session) -> Mapping[str, Value]:
    settled = host.values.get(("facts",))
    if settled is None:
        return {}
    path = unit.folder / str(settled.value)
    span = span_of(settled.trail) or host.span
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "is not JSON"
        session.say(codes.NEEDS_FACTS, f"the facts {settled.value} cannot be read: {reason}", span)
        return {}
    value = _value(data)
    return value if isinstance(value, Mapping) else {}


def _value(data: object) -> Value:
    match data:
        case bool() | int() | str():
            return data
        case list():
            return tuple(_value(d) for d in data)
        case dict():
            return {str(k): _value(v) for k, v in data.items() if v is not None}
    return str(data)


def _topology(host: Mapping[str, Value], facts: Mapping[str, Value]) -> Mapping[str, Value]:
    """`nodes`: CPUs by node; `siblings`: groups of CPUs that share a core. From the `numa` blocks, else from the facts."""
    result: dict[str, Value] = {}
    nodes: dict[str, Value] = {}
    numa = host.get("numa")
    for number, node in numa.items() if isinstance(numa, Mapping) else ():
        cpus = node.get("cpus") if isinstance(node, Mapping) else None
        if isinstance(cpus, CpuSet):
            nodes[number] = cpus
    known = facts.get("numa")
    for index, entry in enumerate(known) if isinstance(known, tuple) and not nodes else ():
        cpus = entry.get("cpus") if isinstance(entry, Mapping) else None
        parsed = parse_cpus(cpus) if isinstance(cpus, str) else None
        if parsed is not None and isinstance(entry, Mapping):
            nodes[str(entry.get("id", index))] = parsed
    if nodes:
        result["nodes"] = nodes
    groups = facts.get("siblings")
    if isinstance(groups, tuple):
        result["siblings"] = tuple(g for text in groups if (g := parse_cpus(str(text))) is not None)
    return result
