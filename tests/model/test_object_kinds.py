"""Each kind of object goes through every stage, or a test says which one has lost it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.diagnostic import has_errors
from vmspec.cli.hosts import program
from vmspec.cli.schema import KINDS
from vmspec.driver.address import objects
from vmspec.driver.compilation import Compilation
from vmspec.emit.emit import emit, file_of
from vmspec.emit.output_dir import OURS
from vmspec.lower.fleet import Fleet
from vmspec.model.kinds import ROOTS, ObjectKind, by_root, definitions, kind_of
from vmspec.plan.diff import BuildSide, compare
from vmspec.resolve.program import OBJECT_KINDS
from vmspec.syntax.brackets import BLOCKS
from vmspec.syntax.error_messages import OBJECTS
from vmspec.validate.json_schema import json_schema

SAMPLES = {
    ObjectKind.VM: "vm x { memory.size = 1GiB; cpu.count = 1 }",
    ObjectKind.HOST: "host x { sysctl { vm.swappiness = 1 }; numa 0 { cpus = 0-3; memory = 8GiB } }",
    ObjectKind.NETWORK: "network x { forward.mode = nat }",
    ObjectKind.POOL: 'pool x { type = dir; target = "/srv/x" }',
    ObjectKind.VOLUME: 'volume x { pool = "default"; capacity = 1GiB }',
    ObjectKind.NWFILTER: "nwfilter x { rule r { action = drop; direction = in; icmp = true } }",
    ObjectKind.SECRET: 'secret x { usage = ceph; name = "client.x" }',
}


def compiled(folder: Path, text: str) -> Compilation:
    folder.mkdir(exist_ok=True)
    (folder / "a.vmspec").write_text(text)
    made = Compilation([str(folder)])
    assert not has_errors(made.diagnostics), made.diagnostics
    return made


def test_lists_that_cannot_ask_the_model_agree_with_it() -> None:
    words = {kind.value for kind in ObjectKind}
    assert words == set(SAMPLES) == set(KINDS) == set(OBJECT_KINDS) == set(ROOTS)
    assert words < OBJECTS and words < BLOCKS
    assert {kind.folder for kind in ObjectKind} < OURS


def test_a_kind_is_equal_to_its_word_and_found_by_it() -> None:
    for kind in ObjectKind:
        assert kind == kind.value == f"{kind}" and kind_of(kind.value) is kind
        assert not kind.defined or by_root(kind.root.element) is kind
    assert set(definitions()) == set(ObjectKind) - {ObjectKind.VM, ObjectKind.HOST}
    assert by_root("capabilities") is None


@pytest.mark.parametrize("kind", ObjectKind)
def test_no_stage_loses_a_kind(kind: ObjectKind, tmp_path: Path) -> None:
    made = compiled(tmp_path / "new", SAMPLES[kind])
    fleet: Fleet = made.fleet
    assert [each.name for each in fleet.of(kind)] == ["x"] and [each.kind for each in objects(fleet)] == [kind]
    assert fleet.objects[kind] == fleet.of(kind) and list(fleet.objects) == list(ObjectKind)
    artifacts = list(emit(fleet))
    if kind.defined:
        assert [(each.kind, each.path) for each in artifacts] == [(kind, f"{kind.folder}/x.xml")] == [(kind, file_of(fleet.of(kind)[0]))]
    assert artifacts and json_schema(kind.root)
    planned, said = program(made)
    assert planned is not None
    assert [each.message for each in said] == (
        [f"the {kind} x is not deployed: only domains and files of hosts are"] if kind in definitions() else []
    )


@pytest.mark.parametrize("kind", tuple(definitions()))
def test_a_difference_of_any_kind_is_told(kind: ObjectKind, tmp_path: Path) -> None:
    old, new = (compiled(tmp_path / name, text) for name, text in (("old", SAMPLES[ObjectKind.VM]), ("new", SAMPLES[kind])))
    sides = [BuildSide(each, planned, {}) for each in (old, new) if (planned := program(each)[0]) is not None]
    assert [(each.kind, each.name) for each in compare(*sides) if each.kind == kind] == [(kind, "x")]
