"""The source map: shared tables, one map a host, and spans that lead to the line to change."""

from __future__ import annotations

import json
from typing import Any

from vmspec.base.provenance import Provenance, Step, StepKind, ValueAddress
from vmspec.base.source import Source, Span
from vmspec.emit.artifact import Artifact, SourceMapping
from vmspec.emit.sourcemap import SourceMap, strongest_span

MAIN = Source("main.vmspec", "vm a {\n  cpu.count = 2\n}\n")
SET: Provenance = (Step(StepKind.DEFAULT, "model"), Step(StepKind.SET, "vm a", Span(MAIN, 9, 22)))
MODEL: Provenance = (Step(StepKind.DEFAULT, "model"),)
DERIVED: Provenance = (Step(StepKind.DERIVED, "layout 1", None, (ValueAddress("self", ("cpu", "count")),)),)
CIRCLE: Provenance = (Step(StepKind.DERIVED, "model", None, (ValueAddress("self", ("circle",)),)),)


def trail_of(address: ValueAddress, within: str) -> Provenance | None:
    assert address.object == "self"
    return {("a", ("cpu", "count")): SET, ("a", ("circle",)): CIRCLE}.get((within, address.path))


def maps(*artifacts: tuple[str, str, tuple[SourceMapping, ...]]) -> dict[str, Any]:
    collected = SourceMap(trail_of, lambda source: source.path)
    for path, name, marks in artifacts:
        collected.add(Artifact(path, b"", Span(MAIN, 0, 4), lambda marks=marks: marks, object=name))
    return {each.path: json.loads(each.data) for each in collected.artifacts(Span(MAIN, 0, 0))}


def read(content: Any, artifact: str) -> dict[str, tuple[str, Any]]:
    """Place → (origin, span with the file's name)."""
    found = {}
    for place, origin, span in content["maps"][content["artifacts"][artifact]]:
        at = None if span < 0 else [content["files"][content["spans"][span][0]], *content["spans"][span][1:]]
        found[content["places"][place]] = (content["origins"][origin], at)
    return found


def test_what_is_said_of_a_place() -> None:
    content = maps(("domains/a.xml", "a", (("/domain/vcpu", SET), ("/domain/@type", MODEL), ("/domain/x", DERIVED))))["sourcemap.json"]
    assert content["version"] == 1
    assert read(content, "domains/a.xml") == {
        "/domain/vcpu": ("vm a", ["main.vmspec", 2, 3, 2, 16]),
        "/domain/@type": ("model", None),
        "/domain/x": ("layout 1", ["main.vmspec", 2, 3, 2, 16]),
    }


def test_one_map_a_host_and_an_index() -> None:
    marks = (("/domain", SET),)
    files = maps(("domains/a.xml", "a", marks), ("hosts/n1/domains/a.xml", "a", marks), ("hosts/n2/cmdline", "n2", (("nosmt", SET),)))
    assert set(files) == {"sourcemap.json", "hosts/n1/sourcemap.json", "hosts/n2/sourcemap.json"}
    assert files["sourcemap.json"]["hosts"] == {"n1": "hosts/n1/sourcemap.json", "n2": "hosts/n2/sourcemap.json"}
    assert list(files["sourcemap.json"]["artifacts"]) == ["domains/a.xml"]
    assert read(files["hosts/n2/sourcemap.json"], "hosts/n2/cmdline")["nosmt"][0] == "vm a"


def test_equal_maps_are_one() -> None:
    content = maps(*((f"domains/{n}.xml", "a", (("/domain/vcpu", SET),)) for n in range(100)))["sourcemap.json"]
    assert len(content["maps"]) == 1
    assert set(content["artifacts"].values()) == {0}


def test_what_depends_on_the_object_is_not_shared() -> None:
    content = maps(("domains/a.xml", "a", (("/x", DERIVED),)), ("domains/b.xml", "b", (("/x", DERIVED),)))["sourcemap.json"]
    assert read(content, "domains/a.xml")["/x"][1] is not None
    assert read(content, "domains/b.xml")["/x"][1] is None


def test_a_circle_of_operands_ends() -> None:
    assert strongest_span(CIRCLE, trail_of, "a") is None


def test_an_empty_build_has_a_map() -> None:
    assert maps()["sourcemap.json"]["maps"] == []
