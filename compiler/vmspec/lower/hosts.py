"""Merges the settings that VMs request of their host into the host (language.md, inheritance rule 14).

Requests have no order: equal ones agree, weak ones yield, others follow the combine rule of the attribute; what is left is a
disagreement, which names both VMs. The host's own `=` settles plain requests, not finals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Label, Severity
from vmspec.base.provenance import Path, Provenance, Step, StepKind, ValueAddress, show_path, span_of
from vmspec.base.record import record, replace
from vmspec.lower import codes
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.lower.hostdevices import iommu, vfio
from vmspec.lower.hostfloat import keep_off
from vmspec.lower.hostpages import with_pages
from vmspec.lower.hostpool import with_pool
from vmspec.lower.hostrequest import Request
from vmspec.lower.hostsiblings import with_siblings
from vmspec.lower.hosttext import WRITERS
from vmspec.model.block import Attr, Block, Combine, OpenMap, Sub, schema
from vmspec.model.host import Host, HostRequests
from vmspec.model.kind import Problem
from vmspec.model.value import CpuSet, Quantity, Repeated, Value, show_quantity


def merge_hosts(fleet: Fleet) -> tuple[Fleet, tuple[Diagnostic, ...]]:
    """Each host with the requests of the VMs placed on it, and these off the CPUs that it isolates."""
    found: list[Diagnostic] = []
    asked: dict[str, list[Request]] = {host.name: [] for host in fleet.hosts}
    by_name = {host.name: host for host in fleet.hosts}
    for vm in sorted(fleet.vms, key=lambda vm: vm.name):
        if vm.host is None or not vm.resolve:
            continue
        if vm.host not in asked:
            found.append(
                Diagnostic(codes.UNKNOWN_HOST, f'"{vm.name}" is placed on "{vm.host}", and no such host is there', vm.where(("place",)))
            )
            continue
        asked[vm.host].extend(with_siblings(requests(vm), vm, by_name[vm.host]))
    for host in fleet.hosts:
        asked[host.name].extend((*iommu(host, fleet), *vfio(host, fleet)))
    hosts = []
    for host in fleet.hosts:
        merged, diagnostics = merge(host, asked[host.name])
        hosts.append(with_pages(with_pool(merged), fleet.on(host.name)))
        found += diagnostics
        found += unwritable(merged)
    found += _unplaced_warnings(fleet) if fleet.hosts else ()
    return keep_off(replace(fleet, hosts=tuple(hosts))), tuple(found)


def requests(vm: Vm) -> Iterator[Request]:
    if vm.spec.host is None:
        return
    for path, value in settings(vm.spec.host, HostRequests):
        trail = vm.trails.get(("host", *path), ())
        yield Request(vm.name, path, value, trail[-1].strength if trail else "plain", trail, span_of(trail) or vm.where(("host", *path)))


def settings(block: Block, lines_of: type[Block]) -> Iterator[tuple[Path, Value]]:
    """The settings of a block as (path, value); an open map gives one for each key."""
    held = vars(block)
    for line in schema(lines_of):
        value = held.get(line.python)
        if value is None:
            continue
        match line.line:
            case Attr():
                yield (line.name,), value
            case OpenMap():
                yield from (((line.name, key), each) for key, each in value.items())
            case Sub():
                yield from (((line.name, *path), each) for path, each in settings(value, line.types[0]))
            case _:
                raise NotImplementedError(f"a request cannot be a labelled block: {line.name}")


def merge(host: HostObject, asked: Iterable[Request]) -> tuple[HostObject, tuple[Diagnostic, ...]]:
    by_path: dict[Path, list[Request]] = {}
    for request in asked:
        by_path.setdefault(request.path, []).append(request)
    own = dict(settings(host.spec, HostRequests))
    values: dict[Path, Value] = {}
    trails: dict[Path, Provenance] = {}
    found: list[Diagnostic] = []
    for path, group in by_path.items():
        try:
            value, decided = _settle(host, path, own.get(path), group)
        except _Disagreement as disagreement:
            found.append(disagreement.diagnostic)
            continue
        if decided:
            values[path] = value
            trails[path] = (*host.trails.get(path, ()), _step(decided))
    spec = host.spec
    for path, value in values.items():
        spec = _with(spec, Host, path, value)
    return replace(host, spec=spec, trails={**host.trails, **trails}), tuple(found)


class _Disagreement(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


def _settle(host: HostObject, path: Path, own: Value | None, group: list[Request]) -> tuple[Value, list[Request]]:
    """The value and the requests that decided it; none where the host's own stands."""
    trail = host.trails.get(path, ())
    ours = "weak" if own is None or not trail or trail[-1].kind is StepKind.DEFAULT else trail[-1].strength
    finals = [r for r in group if r.strength == "final"]
    if ours != "weak":
        assert own is not None
        for r in finals:
            if r.value != own:
                raise _Disagreement(_broken(host, path, own, r))
        return own, []
    strong = finals or [r for r in group if r.strength == "plain"] or group
    for r in group:
        if finals and r.strength == "plain" and r.value != finals[0].value and _combine(path) == "equal":
            raise _Disagreement(_disagree(codes.FINAL_REQUEST, host, path, finals[0], r))
    value = strong[0].value
    for r in strong[1:]:
        if r.value == value:
            continue
        combined = combine(_combine(path), value, r.value)
        if combined is None:
            raise _Disagreement(_disagree(codes.REQUESTS_DISAGREE, host, path, strong[0], r))
        value = combined
    if _combine(path) == "sum" and len(strong) > 1:
        value = sum(r.value for r in strong if isinstance(r.value, int))
    return value, strong


def _combine(path: Path) -> Combine:
    """The combine rule of the line that a path leads to."""
    lines = schema(HostRequests)
    for step in path:
        line = lines.by_name[step]
        if isinstance(line.line, (Attr, OpenMap)):
            return line.line.combine
        lines = schema(line.types[0])
    raise KeyError(path)


def combine(rule: Combine, a: Value, b: Value) -> Value | None:
    """Combine the values of two requests; None if they conflict. The order matters only for words of a list, which are sorted by VM."""
    if rule == "max" and isinstance(a, int) and isinstance(b, int):
        return max(a, b)
    if rule == "min" and isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    if rule == "sum" and isinstance(a, int) and isinstance(b, int):
        return a
    if rule != "union":
        return None
    if isinstance(a, Repeated) and isinstance(b, Repeated):
        return Repeated(dict.fromkeys((*a, *b)))
    if isinstance(a, CpuSet) and isinstance(b, CpuSet):
        return a | b
    if isinstance(a, tuple) and isinstance(b, tuple):
        words = tuple(dict.fromkeys(x for x in (*a, *b) if not isinstance(x, CpuSet)))
        sets = [x for x in (*a, *b) if isinstance(x, CpuSet)]
        bits = CpuSet()
        for each in sets:
            bits |= each
        return (*words, bits) if sets else words
    return None


def _step(decided: list[Request]) -> Step:
    strongest = decided[0]
    origin = strongest.trail[-1].origin if strongest.trail else f"vm {strongest.vm}"
    return Step(
        StepKind.DERIVED,
        origin,
        strongest.span,
        tuple(ValueAddress(r.vm, r.asked or ("host", *r.path)) for r in decided),
        why="requested by " + (f"{len(decided)} guests" if len(decided) > 1 else f"guest {strongest.vm}"),
        strength=strongest.strength,
    )


def _with(block: Block, lines_of: type[Block], path: Path, value: Value) -> Host:
    """A copy of the host with one setting changed."""
    return _changed(block, lines_of, path, value)  # type: ignore[return-value]


def _changed(block: Block, lines_of: type[Block], path: Path, value: Value) -> Block:
    line = schema(lines_of).by_name[path[0]]
    before = vars(block).get(line.python)
    match line.line:
        case Attr():
            return block.but(**{line.python: value})
        case OpenMap():
            return block.but(**{line.python: {**(before or {}), path[1]: value}})
        case _:
            return block.but(**{line.python: _changed(before or line.types[0](), line.types[0], path[1:], value)})


def show(value: Value) -> str:
    """A value as the language writes it, near enough for a message."""
    match value:
        case bool():
            return "true" if value else "false"
        case Quantity():
            return show_quantity(value)
        case Repeated():
            return "repeated(" + ", ".join(show(v) for v in value) + ")"
        case tuple():
            return "[" + ", ".join(show(v) for v in value) + "]"
        case _:
            return str(value)


def _disagree(code: Code, host: HostObject, path: Path, a: Request, b: Request) -> Diagnostic:
    return Diagnostic(
        code,
        f'"{a.vm}" and "{b.vm}" on host "{host.name}" disagree on {show_path(path)}: {show(a.value)} and {show(b.value)}',
        b.span,
        labels=(Label(a.span, f'"{a.vm}" asks for {show(a.value)} here'),),
        help=f"place them on different hosts, or say in the host which it is: {show_path(path)} = {show(a.value)}",
    )


def _broken(host: HostObject, path: Path, own: Value, r: Request) -> Diagnostic:
    return Diagnostic(
        codes.FINAL_REQUEST,
        f'host "{host.name}" has {show_path(path)} = {show(own)}, and "{r.vm}" demands {show(r.value)} as final',
        host.where(path),
        labels=(Label(r.span, "the final request"),),
    )


def unwritable(host: HostObject) -> Iterator[Diagnostic]:
    """Values that the host's file cannot hold."""
    for path, value in settings(host.spec, HostRequests):
        writer = WRITERS.get(path[:-1])
        if writer is not None and isinstance(problem := writer(path[-1], value), Problem):
            yield Diagnostic(codes.UNWRITABLE, f'{show_path(path)} of host "{host.name}": {problem.message}', host.where(path))


@record(frozen=True, slots=True)
class Unplaced:
    """The host settings that a VM without a place requests, for the manifest."""

    vm: str
    requests: Mapping[str, str]


def unplaced(fleet: Fleet) -> tuple[Unplaced, ...]:
    asking = ((vm, {show_path(r.path): show(r.value) for r in requests(vm)}) for vm in fleet.vms if vm.host is None and vm.resolve)
    return tuple(Unplaced(vm.name, wanted) for vm, wanted in asking if wanted)


def _unplaced_warnings(fleet: Fleet) -> Iterator[Diagnostic]:
    """One for all VMs that ask the same settings: a fleet of one profile has one. Only where the program has hosts: who has none sees to
    his host by himself, and finds in the manifest what it has to provide."""
    groups: dict[tuple[Path, ...], list[Vm]] = {}
    for vm in fleet.vms:
        if vm.host is None and vm.resolve and vm.spec.host is not None:
            paths = tuple(path for path, _ in settings(vm.spec.host, HostRequests))
            if paths:
                groups.setdefault(paths, []).append(vm)
    for paths, vms in groups.items():
        others = f" and {len(vms) - 1} more" if len(vms) > 1 else ""
        what = show_path(paths[0]) if len(paths) == 1 else f"{show_path(paths[0])} and {len(paths) - 1} more settings"
        yield Diagnostic(
            codes.UNPLACED_REQUESTS,
            f'"{vms[0].name}"{others} {"ask" if others else "asks"} {what} of the host, and {"are" if others else "is"} placed on none',
            vms[0].span,
            Severity.WARNING,
            notes=("the manifest lists what the host of each has to provide",),
        )
