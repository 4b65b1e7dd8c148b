"""Pictures as text: which profile extends which, and which VM is on which host; for Graphviz and for Mermaid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from vmspec.base.record import record
from vmspec.lower.fleet import Fleet
from vmspec.resolve.program import ProfileDef, Program
from vmspec.resolve.resolve import lookup_profile
from vmspec.syntax import tree

NOWHERE = "placed nowhere"
NodeShape: TypeAlias = Literal["box", "rounded", "dashed"]


@record(frozen=True)
class GraphNode:
    label: str
    shape: NodeShape


@record(frozen=True)
class Edge:
    """By the numbers of the nodes."""

    start: int
    end: int
    label: str = ""


@record(frozen=True)
class Graph:
    nodes: tuple[GraphNode, ...]
    edges: tuple[Edge, ...]


def inheritance(program: Program) -> Graph:
    """Every profile of the sources and what it extends, up to the standard library's roots. Arrows go to the parents."""
    found: dict[int, tuple[int, ProfileDef]] = {}
    waiting = [
        ProfileDef(node, unit, node.name.name) for unit in program.units for node in unit.file.statements if isinstance(node, tree.Profile)
    ]
    edges: list[tuple[int, int, str]] = []
    waiting += _used(program)
    while waiting:
        profile = waiting.pop(0)
        if id(profile.node) in found:
            continue
        found[id(profile.node)] = (len(found), profile)
        for each in profile.node.parents:
            parent = lookup_profile(each.name, profile.unit)
            if parent is not None:
                waiting.append(parent)
                edges.append((id(profile.node), id(parent.node), "over" if each.over else ""))
    nodes = tuple(GraphNode(profile.title, "dashed" if profile.node.abstract else "box") for _, profile in found.values())
    return Graph(nodes, tuple(Edge(found[start][0], found[end][0], label) for start, end, label in edges))


def _used(program: Program) -> list[ProfileDef]:
    """What the objects extend themselves."""
    named = ((each.name, definition.unit) for definition in program.objects for each in definition.node.parents)
    found = [profile for name, unit in named if (profile := lookup_profile(name, unit)) is not None]
    return list({id(profile.node): profile for profile in found}.values())


def placement(fleet: Fleet) -> Graph:
    """Every host and the VMs on it."""
    hosts = [host.name for host in fleet.hosts]
    loose = any(vm.host not in hosts for vm in fleet.vms)
    nodes = [GraphNode(name, "box") for name in hosts] + ([GraphNode(NOWHERE, "dashed")] if loose else [])
    at = {name: number for number, name in enumerate(hosts)}
    edges = [Edge(at.get(vm.host or "", len(hosts)), len(nodes) + number) for number, vm in enumerate(fleet.vms)]
    return Graph((*nodes, *(GraphNode(vm.name, "rounded") for vm in fleet.vms)), tuple(edges))


def dot(graph: Graph) -> str:
    """For Graphviz."""
    styles = {"box": "solid", "rounded": "rounded", "dashed": "dashed"}
    lines = [f"  n{number} [label={_quoted(node.label)}, style={styles[node.shape]}];" for number, node in enumerate(graph.nodes)]
    for edge in graph.edges:
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        lines.append(f"  n{edge.start} -> n{edge.end}{label};")
    return "\n".join(("digraph vmspec {", "  rankdir=LR;", "  node [shape=box];", *lines, "}")) + "\n"


def mermaid(graph: Graph) -> str:
    """For Mermaid, as GitHub and GitLab draw it."""
    return "\n".join(("flowchart LR", *_mermaid(graph))) + "\n"


def _mermaid(graph: Graph) -> Iterator[str]:
    for number, node in enumerate(graph.nodes):
        label = f'"{_entities(node.label)}"'
        yield f"  n{number}({label})" if node.shape == "rounded" else f"  n{number}[{label}]"
        if node.shape == "dashed":
            yield f"  style n{number} stroke-dasharray: 4"
    for edge in graph.edges:
        yield f"  n{edge.start} -->{f'|{edge.label}|' if edge.label else ''} n{edge.end}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _entities(text: str) -> str:
    """Mermaid writes characters that mean something to it as `#name;`."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;").replace("\n", " ")
