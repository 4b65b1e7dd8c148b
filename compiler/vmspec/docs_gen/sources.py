"""Pages on the user's own sources: their profiles and parameters, and the VMs and hosts that come out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from vmspec.docs_gen.page import DocPage, anchor, code, link, page, prose, sentence, table
from vmspec.docs_gen.profiles import LinkTarget, described, parameters
from vmspec.lower.fleet import Fleet, HostObject, Object, Vm
from vmspec.model.block import Block
from vmspec.model.show import show
from vmspec.model.value import Value
from vmspec.report.terminal import counted
from vmspec.resolve.program import ProfileDef, Program, Unit
from vmspec.resolve.resolve import lookup_profile
from vmspec.syntax import tree

INDEX, PROFILES, HOSTS, VMS = "README.md", "profiles.md", "hosts.md", "vms.md"


def pages(program: Program, fleet: Fleet) -> Iterator[DocPage]:
    """Of a compilation without errors."""
    profiles = [
        ProfileDef(node, unit, node.name.name) for unit in program.units for node in unit.file.statements if isinstance(node, tree.Profile)
    ]
    docs = _Docs(program)
    yield page(INDEX, _index(program, fleet, profiles))
    yield page(PROFILES, _profiles(profiles))
    yield page(HOSTS, _hosts(fleet, docs))
    yield page(VMS, _vms(fleet, docs))


class _Docs:
    """The `##` comments of top-level blocks, by where they stand."""

    def __init__(self, program: Program) -> None:
        self._starts: dict[tuple[str, str], list[int]] = {}
        self._nodes: dict[tuple[str, str], list[tree.Block]] = {}
        for each in sorted(program.objects, key=lambda found: found.node.span.start):
            key = each.kind, each.unit.source.path
            self._starts.setdefault(key, []).append(each.node.span.start)
            self._nodes.setdefault(key, []).append(each.node)

    def of(self, each: Object[Block]) -> str:
        """Of a template's VM: the template's."""
        key = each.kind, each.span.source.path
        before = bisect_right(self._starts.get(key, []), each.span.start)
        return self._nodes[key][before - 1].doc if before else ""


def _index(program: Program, fleet: Fleet, profiles: list[ProfileDef]) -> Iterator[str]:
    yield "# Sources"
    counted = ((PROFILES, "Profiles", len(profiles)), (HOSTS, "Hosts", len(fleet.hosts)), (VMS, "VMs", len(fleet.vms)))
    yield table(("What", "How many"), ((link(name, file), str(count)) for file, name, count in counted))
    for unit in program.units:
        yield f"## {code(unit.source.path)}"
        if unit.file.doc:
            yield prose(unit.file.doc)
        params = tuple(each for each in unit.file.statements if isinstance(each, tree.Param))
        if params:
            yield parameters(params)
        own = [profile for profile in profiles if profile.unit is unit]
        if own:
            yield "Profiles: " + ", ".join(link(code(profile.title), f"{PROFILES}#{_id(profile)}") for profile in own)


def _profiles(profiles: list[ProfileDef]) -> Iterator[str]:
    yield "# Profiles"
    yield link("Sources", INDEX)
    for profile in profiles:
        yield f"{anchor(_id(profile))}\n\n## {code(profile.title)}"
        yield f"In {code(profile.unit.source.path)}."
        yield from described(profile, _target(profile.unit, {id(each.node): each for each in profiles}))


def _target(unit: Unit, own: dict[int, ProfileDef]) -> LinkTarget:
    def find(name: tree.Ref) -> str | None:
        found = lookup_profile(name, unit)
        known = own.get(id(found.node)) if found is not None else None
        return f"#{_id(known)}" if known is not None else None

    return find


def _id(profile: ProfileDef) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{profile.unit.source.path.removesuffix('.vmspec')}-{profile.title}".lower()).strip("-")


def _hosts(fleet: Fleet, docs: _Docs) -> Iterator[str]:
    yield "# Hosts"
    yield link("Sources", INDEX)
    for host in fleet.hosts:
        yield f"{anchor(host.name)}\n\n## {code(host.name)}"
        if docs.of(host):
            yield prose(docs.of(host))
        yield table(("Setting", "Value"), _facts(host))
        guests = tuple(fleet.on(host.name))
        yield f"{counted(len(guests), 'VM')}" + (": " + ", ".join(code(vm.name) for vm in guests) if guests else "")


def _facts(host: HostObject) -> Iterator[tuple[str, str]]:
    spec = host.spec
    for name, value in (("os", spec.os), ("arch", spec.arch), ("reserve.cpus", spec.reserve.cpus if spec.reserve else None)):
        if value is not None:
            yield code(name), code(show(value))
    for node in spec.numa:
        yield code(f"numa {node.label}"), code(", ".join(show(value) for value in (node.cpus, node.memory) if value is not None))
    yield from ((code(f"kernel.args.{name}"), code(show(value))) for name, value in (spec.kernel.args if spec.kernel else {}).items())
    yield from ((code(f"sysctl.{name}"), code(show(value))) for name, value in spec.sysctl.items())


def _vms(fleet: Fleet, docs: _Docs) -> Iterator[str]:
    yield "# VMs"
    yield link("Sources", INDEX)
    head = ("VM", "vCPUs", "Memory", "Host", "Profiles", "What it is")
    yield table(head, (_vm(vm, docs) for vm in fleet.vms))


def _vm(vm: Vm, docs: _Docs) -> tuple[str, ...]:
    spec = vm.spec
    about = spec.description or sentence(docs.of(vm))
    return (
        code(vm.name),
        _shown(spec.cpu.count if spec.cpu else None),
        _shown(spec.memory.size if spec.memory else None),
        link(code(vm.host), f"{HOSTS}#{vm.host}") if vm.host else "",
        " ".join(code(name) for name in vm.profiles),
        prose(about),
    )


def _shown(value: Value | None) -> str:
    return "" if value is None else show(value)
