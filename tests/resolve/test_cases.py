"""Names of a program: imports, namespaces, what clashes and what may stand where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import Case, differences, params
from tests.evaluate.test_cases import details
from vmspec.base.diagnostic import Diagnostic, in_source_order
from vmspec.resolve.loader import Loader
from vmspec.resolve.program import Program, Unit
from vmspec.resolve.resolve import lookup_profile, profile_names, resolve
from vmspec.syntax import tree

HERE = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", list(params(HERE)))
def test_case(case: Case, tmp_path: Path) -> None:
    """`names` lists what a file knows, `objects` what the program declares, in order."""
    program, found = resolved(case, tmp_path)
    wrong = differences(case, in_source_order(found))
    if "details" in case.others:
        assert "".join(f"{line}\n" for d in found for line in details(d)) == case.others["details"]
    if "objects" in case.others:
        assert [f"{each.kind} {label(each.node)} {each.unit.source.path}" for each in program.objects] == case.others[
            "objects"
        ].splitlines()
    for line in case.others.get("names", "").splitlines():
        path, _, names = line.partition(": ")
        unit = next(each for each in program.units if each.source.path == path)
        wrong += [] if known(unit) == names else [f"{path}: {known(unit)}"]
    assert not wrong, f"{case.place}\n" + "\n".join(wrong)


def resolved(case: Case, folder: Path) -> tuple[Program, tuple[Diagnostic, ...]]:
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return resolve((folder / "main.vmspec",), Loader(folder))


def label(node: tree.Block) -> str:
    return "" if node.label is None else str(node.label.name)


def known(unit: Unit) -> str:
    """Variables, profiles, namespaces besides `std`."""
    return " ".join((*(f"${name}" for name in unit.lets), *unit.profiles, *(f"{name}." for name in unit.namespaces if name != "std")))


def test_a_name_stands_for_one_profile(tmp_path: Path) -> None:
    case = Case("", "", {"main.vmspec": 'import "lib.vmspec" as lib\nprofile own { }\n', "lib.vmspec": "profile shared { }\n"})
    program, _ = resolved(case, tmp_path)
    main = next(unit for unit in program.units if unit.source.path == "main.vmspec")

    def title(*names: str) -> str | None:
        span = main.file.statements[0].span
        found = lookup_profile(tree.Ref(span, tuple(tree.Segment(span, name) for name in names)), main)
        return None if found is None else found.title

    assert [title("own"), title("lib", "shared"), title("std", "base")] == ["own", "shared", "std.base"]
    assert [title("shared"), title("lib", "own"), title("none", "x"), title("lib", "shared", "x"), title("std", "none")] == [None] * 5
    assert {"own", "lib.shared", "std.base"} <= set(profile_names(main))


def test_the_order_of_the_files_that_were_asked_for_makes_no_difference(tmp_path: Path) -> None:
    for name in ("b.vmspec", "a.vmspec"):
        (tmp_path / name).write_text(f'import "lib.vmspec"\nvm {name[0]} {{ }}\nenv {name[0]} {{ }}\n')
    (tmp_path / "lib.vmspec").write_text("profile p { }\nvm lib { }\n")
    orders = [(tmp_path / "a.vmspec", tmp_path / "b.vmspec"), (tmp_path / "b.vmspec", tmp_path / "a.vmspec")]
    first, second = (resolve(paths, Loader(tmp_path))[0] for paths in orders)
    for program in (first, second):
        assert [unit.source.path for unit in program.units] == ["a.vmspec", "b.vmspec", "lib.vmspec"]
        assert [label(each.node) for each in program.objects] == ["a", "b", "lib"]
        assert [label(node) for node, _ in program.envs] == ["a", "b"]
