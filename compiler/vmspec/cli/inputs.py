"""The options that say what is compiled, and for what."""

from typing import Annotated

from vmspec.base.code import Code, Fault
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import record
from vmspec.cli.command import Option
from vmspec.driver.compilation import BuildOptions, Compilation

BAD_PARAM = Code(
    1903,
    "bad-param",
    """
    What: `--param` is not `name=value`, or one name is given twice.
    Why: A parameter that is dropped silently leaves its default in a build that was meant to differ from it.
    """,
    fault=Fault.CALL,
)


@record(frozen=True, kw_only=True)
class Inputs:
    """`--env` and `--param`."""

    env: Annotated[str | None, Option(("--env", "-e"), "The environment to build for.", "NAME")] = None
    param: Annotated[tuple[str, ...], Option(("--param", "-p"), "A parameter's value, as the language writes it.", "NAME=VALUE")] = ()


def params(given: tuple[str, ...]) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """Names without `$` to the texts of their values."""
    found: dict[str, str] = {}
    wrong: list[Diagnostic] = []
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip().removeprefix("$")
        if not equals or not name:
            wrong.append(Diagnostic(BAD_PARAM, f"--param {text} is not NAME=VALUE"))
        elif name in found:
            wrong.append(Diagnostic(BAD_PARAM, f"--param {name} is given twice"))
        else:
            found[name] = value
    return found, tuple(wrong)


def compile_(paths: tuple[str, ...], given: Inputs, locked: bool = False) -> tuple[Compilation, tuple[Diagnostic, ...]]:
    """The compilation of the paths, and what is wrong with the call."""
    values, wrong = params(given.param)
    return Compilation(paths or (".",), BuildOptions(given.env, values, locked)), wrong
