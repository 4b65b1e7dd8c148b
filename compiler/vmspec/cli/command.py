"""What a command is: a record whose annotated lines are its arguments, and a function that runs it.

Ordinary command lines are read here, straight from those lines. Whatever is not ordinary (help, a mistake, completion) goes to
typer, for which `typed.py` makes an application from the same lines; to import typer takes 80 ms, a third of a small build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import NoneType
from typing import Annotated, Any, TypeAlias, get_args, get_origin

from vmspec.base.record import MISSING, defaults, record

Exit: TypeAlias = int
FINE, ERRORS, USAGE, DIFFERENCES, INTEGRITY, DEPLOY_FAILED = range(6)
"""Exit codes; docs/outputs.md says what each means."""


@record(frozen=True)
class PositionalArgument:
    """A positional argument; a tuple takes all that are left."""

    help: str
    metavar: str = "PATH"
    default_help: str = ""


@record(frozen=True)
class Option:
    """An option by its flags: a bool takes no value, a tuple may be given several times."""

    flags: tuple[str, ...]
    help: str
    metavar: str = "TEXT"
    choices: tuple[str, ...] = ()


@record(frozen=True)
class Parameter:
    """One line of a command's dataclass, read."""

    name: str
    line: PositionalArgument | Option
    type: type
    """bool, str or tuple (of str)."""
    default: object
    required: bool


@record(frozen=True)
class Command:
    options: type[Any]
    run: Callable[[Any], Exit]


def parameters(options: type[Any]) -> Iterator[Parameter]:
    """The lines of a command's record, its bases' first."""
    annotations = {name: kind for cls in reversed(options.__mro__) for name, kind in getattr(cls, "__annotations__", {}).items()}
    for name, default in defaults(options).items():
        if get_origin(annotations[name]) is not Annotated:
            raise TypeError(f"{options.__name__}.{name} is not annotated")
        inner, line = get_args(annotations[name])[:2]
        kind = tuple if get_origin(inner) is tuple else next((t for t in get_args(inner) if t is not NoneType), inner)
        yield Parameter(name, line, kind, None if default is MISSING else default, default is MISSING)


def read(options: type[Any], words: Sequence[str]) -> Any | None:
    """The options that plain words give; None where only typer can tell what is meant, or what is wrong."""
    known = tuple(parameters(options))
    flags = {flag: p for p in known if isinstance(p.line, Option) for flag in p.line.flags}
    given: dict[str, Any] = {}
    positional: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            positional += rest
        elif not word.startswith("-") or word == "-":
            positional.append(word)
        elif not _option(word, rest, flags, given):
            return None
    return options(**given) if _place(positional, known, given) else None


def _option(word: str, rest: Iterator[str], flags: dict[str, Parameter], given: dict[str, Any]) -> bool:
    """Reads one option and its value; False where it is not plain."""
    flag, joined, value = word.partition("=") if word.startswith("--") else (word, "", "")
    found = flags.get(flag)
    if found is None or not isinstance(found.line, Option):
        return False
    if found.type is bool:
        given[found.name] = True
        return not joined
    text = value if joined else next(rest, None)
    if text is None or (not joined and text.startswith("-")) or (found.line.choices and text not in found.line.choices):
        return False
    given[found.name] = (*given.get(found.name, ()), text) if found.type is tuple else text
    return True


def _place(positional: list[str], known: Sequence[Parameter], given: dict[str, Any]) -> bool:
    """Gives the positional words their names; False where one is missing or left over."""
    for each in (p for p in known if isinstance(p.line, PositionalArgument)):
        if each.type is tuple:
            if positional:
                given[each.name], positional = tuple(positional), []
        elif positional:
            given[each.name] = positional.pop(0)
        if each.required and each.name not in given:
            return False
    return not positional
