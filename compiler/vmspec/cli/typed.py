"""The same commands as a typer application: help, messages about wrong usage, completion."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Annotated, Any

import typer

import vmspec
from vmspec.cli.command import Command, Option, Parameter, PositionalArgument, parameters
from vmspec.cli.table import COMMANDS, GROUPS, load

Parsed = list[tuple[Command, Any]]


def parse(words: Sequence[str], name: tuple[str, ...] | None) -> tuple[Command, Any] | None:
    """What the words ask for. None after help or the like has been printed; SystemExit(2), with a message, for wrong usage."""
    parsed: Parsed = []
    app = application(parsed, name)
    try:
        app(list(words), prog_name="vmc")
    except SystemExit as stop:
        if stop.code:
            raise
    return parsed[0] if parsed else None


def application(parsed: Parsed, name: tuple[str, ...] | None) -> typer.Typer:
    """All commands, of which only the named one is loaded."""
    app = _group("Virtual machines and the KVM hosts that run them, as a language.")
    app.callback()(_root)
    groups = {group: _group(text) for group, text in GROUPS.items()}
    for path, (_, text) in COMMANDS.items():
        owner = groups[path[0]] if len(path) > 1 else app
        body = _function(load(path), parsed) if name == path else _stub
        owner.command(path[-1], help=_help(path, text, name))(body)
    for group, sub in groups.items():
        app.add_typer(sub, name=group)
    return app


def _group(text: str) -> typer.Typer:
    return typer.Typer(help=text, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


def _help(path: tuple[str, ...], text: str, name: tuple[str, ...] | None) -> str:
    """Of the command asked for all that its docstring says."""
    return inspect.cleandoc(load(path).options.__doc__ or text) if name == path else text


def _stub() -> None:
    """Stands for a command that was not asked for."""


def _version(on: bool) -> None:
    if on:
        print(f"vmc {vmspec.__version__}")
        raise typer.Exit


def _root(version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False) -> None:
    """Takes what stands before the command."""


def _function(command: Command, parsed: Parsed) -> Callable[..., None]:
    """A function whose signature is what typer makes its parser from."""
    known = tuple(parameters(command.options))

    def receive(**values: Any) -> None:
        given = {name: _plain(value) for name, value in values.items()}
        parsed.append((command, command.options(**given)))

    signature = [inspect.Parameter(p.name, inspect.Parameter.KEYWORD_ONLY, default=_default(p), annotation=_annotation(p)) for p in known]
    receive.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    receive.__annotations__ = {p.name: _annotation(p) for p in known}
    return receive


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return tuple(map(_plain, value)) if isinstance(value, (list, tuple)) else value


def _default(parameter: Parameter) -> Any:
    if parameter.required:
        return inspect.Parameter.empty
    return list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default


def _annotation(parameter: Parameter) -> Any:
    line = parameter.line
    match line:
        case PositionalArgument():
            shown = line.default_help or False
            info = typer.Argument(help=line.help, metavar=line.metavar, show_default=shown)
        case Option():
            inner = None if parameter.type is bool else line.metavar
            info = typer.Option(*line.flags, help=line.help, metavar=inner, show_default=parameter.default not in (None, (), False))
    return Annotated[_type(parameter), info]


def _type(parameter: Parameter) -> Any:
    choices = parameter.line.choices if isinstance(parameter.line, Option) else ()
    one: Any = Enum("Choice", {word: word for word in choices}) if choices else str
    if parameter.type is bool:
        return bool
    if parameter.type is tuple:
        return list[one]
    return one if parameter.required or parameter.default is not None else one | None
