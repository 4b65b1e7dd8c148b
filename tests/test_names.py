"""One public name of a type means one thing, in the whole package.

Exceptions: the nodes of syntax/tree.py, which are always qualified (`tree.Block`, and nobody imports them by name); the commands of cli/,
which are called as what people type; the blocks of model/, which are named for each module in the schema and the reference.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "compiler" / "vmspec"
FILES = tuple(sorted(PACKAGE.rglob("*.py")))
EVERYWHERE = frozenset({"T"})
"""Type variables by the convention of the language, which are no types."""


def types_of(file: Path) -> Iterator[str]:
    """Classes and aliases of types at the top of a module, conditional ones included; what begins with `_` is the module's own."""
    found = ast.parse(file.read_text(encoding="utf-8")).body
    found += [inner for each in found if isinstance(each, ast.If) for inner in (*each.body, *each.orelse)]
    for node in found:
        name = None
        if isinstance(node, ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and "TypeAlias" in ast.unparse(node.annotation):
            name = node.target.id
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_type(node.value):
            name = node.targets[0].id
        if name is not None and not name.startswith("_"):
            yield name


def _is_type(value: ast.expr) -> bool:
    """Of an alias without its annotation: `Vm = Object[Domain]`, `Found = tuple[Diagnostic, ...]`."""
    if isinstance(value, ast.Subscript):
        base = value.value.attr if isinstance(value.value, ast.Attribute) else getattr(value.value, "id", "")
        return base[:1].isupper() or base in ("tuple", "list", "dict", "set", "frozenset", "type")
    return False


def exempt(file: Path) -> bool:
    where = file.relative_to(PACKAGE).parts
    return where[0] == "model" or where == ("syntax", "tree.py")


def commands(file: Path) -> frozenset[str]:
    """The classes that a cli module makes a command of."""
    if file.relative_to(PACKAGE).parts[0] != "cli":
        return frozenset()
    calls = (node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    made = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Command" and call.args)
    return frozenset(call.args[0].id for call in made if isinstance(call.args[0], ast.Name))


def test_one_public_name_one_meaning() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for file in FILES:
        own = commands(file)
        for name in types_of(file) if not exempt(file) else ():
            if name not in own and name not in EVERYWHERE:
                places[name].append(file.relative_to(PACKAGE).as_posix())
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_nodes_of_the_tree_are_qualified() -> None:
    by_name = [
        (file.relative_to(PACKAGE).as_posix(), node.lineno)
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "vmspec.syntax.tree"
    ]
    assert by_name == []
