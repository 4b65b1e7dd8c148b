"""The options that say what is compiled, and for what."""

from typing import Annotated

from vmspec.base.code import Code, Fault
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import record
from vmspec.cli.command import Option
from vmspec.driver.compilation import BuildOptions, Compilation
from vmspec.model.target import Software, read_target

BAD_PARAM = Code(
    1903,
    "bad-param",
    """
    What: `--param` is not `name=value`, or one name is given twice, or `--target` names no software.
    Why: A parameter that is dropped silently leaves its default in a build that was meant to differ from it.
    """,
    fault=Fault.CALL,
)


@record(frozen=True, kw_only=True)
class Inputs:
    """`--env`, `--param` and `--target`."""

    env: Annotated[str | None, Option(("--env", "-e"), "The environment to build for.", "NAME")] = None
    param: Annotated[tuple[str, ...], Option(("--param", "-p"), "A parameter's value, as the language writes it.", "NAME=VALUE")] = ()
    target: Annotated[
        str,
        Option(("--target",), "The software that is meant where no host says it: libvirt=11.3,qemu=10.0 or os=debian-13.", "NAME=VALUE"),
    ] = ""


def target_of(text: str) -> tuple[Software, tuple[Diagnostic, ...]]:
    """The software that `--target` names, and what is wrong with it."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    said = read_target({name.strip(): value.strip() for name, _, value in pairs})
    return (Software(), (Diagnostic(BAD_PARAM, f"--target {text}: {said}"),)) if isinstance(said, str) else (said, ())


def params(given: tuple[str, ...]) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """Names without `$` to the texts of their values."""
    found: dict[str, str] = {}
    wrong: list[Diagnostic] = []
    for number, text in enumerate(given, 1):
        name, equals, value = text.partition("=")
        name = name.strip().removeprefix("$")
        if not equals or not name:
            wrong.append(Diagnostic(BAD_PARAM, f"{'--param' if len(given) == 1 else f'--param number {number}'} is not NAME=VALUE"))
        elif name in found:
            wrong.append(Diagnostic(BAD_PARAM, f"--param {name} is given twice"))
        else:
            found[name] = value
    return found, tuple(wrong)


def compile_(paths: tuple[str, ...], given: Inputs, locked: bool = False) -> tuple[Compilation, tuple[Diagnostic, ...]]:
    """The compilation of the paths, and what is wrong with the call."""
    values, wrong = params(given.param)
    software, unknown = target_of(given.target)
    return Compilation(paths or (".",), BuildOptions(given.env, values, locked, target=software)), (*wrong, *unknown)
