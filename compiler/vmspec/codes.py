"""Every diagnostic code: imports the modules that own codes, so that the registry is whole."""

from __future__ import annotations

import ast
import pkgutil
from importlib import import_module
from pathlib import Path

from vmspec.base.code import REGISTRY, Code

PACKAGE = "vmspec"
EDGES = ("vmspec.lsp", "vmspec.deploy")
"""Rooms whose modules import what may not be installed; their codes stand in `codes` modules that import nothing of it."""


def load_all() -> dict[int, Code]:
    """By number. A module owns codes if it calls `Code(…)` or `@rule(…)` at its top level, so no list can be forgotten."""
    for name in owners():
        import_module(name)
    return REGISTRY


def owners() -> tuple[str, ...]:
    found = []
    root = Path(__file__).parent
    for module in pkgutil.walk_packages([str(root)], f"{PACKAGE}."):
        file = root.joinpath(*module.name.split(".")[1:])
        path = file / "__init__.py" if module.ispkg else file.with_suffix(".py")
        if not (module.name.startswith(EDGES) and not module.name.endswith("codes")) and _makes_codes(path):
            found.append(module.name)
    return tuple(sorted(found))


def _makes_codes(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    if "Code(" not in text and "rule(" not in text:
        return False
    called = [call.func for statement in ast.parse(text).body for call in _calls(statement)]
    return any(isinstance(function, ast.Name) and function.id.lower().endswith(("code", "rule")) for function in called)


def _calls(statement: ast.stmt) -> list[ast.Call]:
    """The calls that are made when the module is imported."""
    match statement:
        case ast.FunctionDef(decorator_list=decorators):
            return [node for decorator in decorators for node in ast.walk(decorator) if isinstance(node, ast.Call)]
        case ast.ClassDef():
            return []
        case _:
            return [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
