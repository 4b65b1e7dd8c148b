"""`--secret`: values that only the memory of this process holds, for parameters of the program and for secrets of libvirt."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import record
from vmspec.base.suggest import did_you_mean
from vmspec.base.unspoken import remember
from vmspec.cli.command import Option
from vmspec.deploy import codes
from vmspec.deploy.secret_sources import UnreadableSecret, read
from vmspec.driver.compilation import Compilation
from vmspec.importing.host_domain import as_defined
from vmspec.model.kinds import ObjectKind
from vmspec.plan.secrets import BAD_SECRET, named_in
from vmspec.syntax import tree

LIBVIRT = "secret:"
"""Begins the name of a secret of libvirt."""


@record(frozen=True, kw_only=True)
class Secrets:
    """The option; never kept in a saved plan."""

    secret: Annotated[
        tuple[str, ...],
        Option(
            ("--secret",),
            "The value of `param $NAME: secret`, or with secret:NAME of a libvirt secret: env:NAME, file:PATH, cmd:COMMAND, fd:N.",
            "NAME=SOURCE",
        ),
    ] = ()


@record(frozen=True, repr=False)
class Given:
    """By name."""

    params: Mapping[str, str]
    libvirt: Mapping[str, bytes]


def given(texts: tuple[str, ...], compilation: Compilation) -> tuple[Given, list[Diagnostic]]:
    """Read once the program is known to be in order: a command may ask somebody. Of the environment first, for commands not to have it."""
    wanted, found = _wanted(texts, compilation)
    if found:
        return Given({}, {}), found
    values: dict[str, bytes] = {}
    for name, source in sorted(wanted.items(), key=lambda item: not item[1].startswith("env:")):
        try:
            values[name] = read(source)
        except UnreadableSecret as error:
            found.append(Diagnostic(BAD_SECRET, f"the value of {_shown(name)} {error}"))
    params: dict[str, str] = {}
    for name, value in values.items():
        if name.startswith(LIBVIRT):
            remember([value.decode("utf-8", "replace")])
            continue
        text, wrong = _password(name, value)
        params[name] = text
        found += wrong
    remember(params.values())
    return Given(params, {name.removeprefix(LIBVIRT): value for name, value in values.items() if name.startswith(LIBVIRT)}), found


def _shown(name: str) -> str:
    return f"the libvirt secret {name.removeprefix(LIBVIRT)}" if name.startswith(LIBVIRT) else f"${name}"


def _wanted(texts: tuple[str, ...], compilation: Compilation) -> tuple[dict[str, str], list[Diagnostic]]:
    """Name → source, where the program has such a name."""
    if not texts:
        return {}, []
    params, referred = _params(compilation), frozenset(_referred(compilation))
    wanted: dict[str, str] = {}
    found: list[Diagnostic] = []
    for text in texts:
        name, equals, source = text.partition("=")
        name = name.removeprefix("$")
        if not equals or not name:
            # What somebody gave as a value is not repeated.
            found.append(Diagnostic(codes.BAD_CALL, "--secret is not NAME=SOURCE", help="`--secret pw=env:NAME`"))
        elif name in wanted:
            found.append(Diagnostic(codes.BAD_CALL, f"--secret {name} is given twice"))
        elif (wrong := _unknown(name, params, referred)) is not None:
            found.append(wrong)
        wanted[name] = source
    return wanted, found


def _unknown(name: str, params: Mapping[str, bool], referred: frozenset[str]) -> Diagnostic | None:
    if name.startswith(LIBVIRT):
        known = name.removeprefix(LIBVIRT)
        if known in referred:
            return None
        return Diagnostic(codes.BAD_CALL, f"no VM names a libvirt secret {known}", help=did_you_mean(known, referred, f"{LIBVIRT}{{}}"))
    if params.get(name):
        return None
    if name in params:
        return Diagnostic(codes.BAD_CALL, f"${name} is no secret of a deploy: it is declared with another type, or with a default")
    if name in referred:
        return Diagnostic(codes.BAD_CALL, f"no file declares a param ${name}", help=f"of libvirt's secret: `--secret {LIBVIRT}{name}=…`")
    asked = [each for each, is_secret in params.items() if is_secret]
    return Diagnostic(codes.BAD_CALL, f"no file declares a param ${name}", help=did_you_mean(name, asked))


def _params(compilation: Compilation) -> dict[str, bool]:
    """The parameters of all files, and which are secrets that a deploy is given."""
    found: dict[str, bool] = {}
    for unit in compilation.program.units:
        for name, (node, owner) in unit.lets.items():
            if isinstance(node, tree.Param) and owner is unit:
                secret = isinstance(node.type, tree.Ref) and node.type.dotted == "secret" and node.default is None
                found[name] = found.get(name, False) or secret
    return found


def _referred(compilation: Compilation) -> Iterator[str]:
    vms = {vm.name: vm.spec for vm in compilation.fleet.vms}
    for artifact in compilation.artifacts():
        if artifact.kind is ObjectKind.VM:
            yield from (named.name for named in named_in(as_defined(vms[artifact.object], artifact)))


def _password(name: str, value: bytes) -> tuple[str, list[Diagnostic]]:
    """A text that XML holds and that a person can type."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "", [Diagnostic(BAD_SECRET, f"the value of ${name} is no text in UTF-8")]
    if any(unicodedata.category(c) in ("Cc", "Cs", "Cn", "Zl", "Zp") for c in text):
        return "", [Diagnostic(BAD_SECRET, f"the value of ${name} has a line end or another control character, which no display takes")]
    return text, []
