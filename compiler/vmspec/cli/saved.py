"""Plans that are saved, for `vmc deploy --plan`: what was planned, and the options that decided it, without passwords."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.json_text import Json
from vmspec.base.record import record, replace
from vmspec.cli import hosts
from vmspec.cli.inputs import params
from vmspec.deploy import codes
from vmspec.plan.verdict import HostPlan

VERSION = 1
KIND = "vmspec-plan"
SAVED = (
    "words", "env", "param", "prune", "prune_running", "start", "allow_restart", "rename", "gone", "discard_overlay", "root", "host_files",
    "all", "only",
)  # fmt: skip
"""The options that a saved plan keeps, since they decide what is done."""


@record(frozen=True)
class Saved:
    options: Mapping[str, object]
    hosts: Mapping[str, Json]
    """By target what it says."""
    unsaved: frozenset[str]
    """Parameters that became passwords: their texts are to be given again."""
    secrets: frozenset[str] = frozenset()
    """Names of the secrets that were given: so are they."""


def save(file: str, options: object, plans: Sequence[HostPlan], passwords: frozenset[str]) -> list[Diagnostic]:
    """`passwords`: the parameters that became some."""
    from vmspec.plan import data

    kept = {name: getattr(options, name) for name in SAVED}
    given = params(kept["param"])[0]
    kept["param"] = [f"{name}={text}" for name, text in given.items() if name not in passwords]
    unsaved = sorted(name for name in given if name in passwords)
    secrets = sorted(map(_name, getattr(options, "secret", ())))
    saved = {"version": VERSION, "kind": KIND, "options": kept, "unsaved": unsaved, "secrets": secrets, "plan": data.plain(plans)}
    return hosts.write_file(file, json.dumps(saved, indent=1) + "\n", mode=0o600)


def read(path: str, default: object) -> Saved | None:
    """None for something else. `default`: the options of a call that says none."""
    try:
        held = json.loads(Path(path).read_text(encoding="utf-8"))
        if held["kind"] != KIND or held["version"] != VERSION:
            return None
        options = {name: tuple(value) if isinstance(value, list) else value for name, value in held["options"].items() if name in SAVED}
        if not all(_is_like(value, getattr(default, name)) for name, value in options.items()):
            return None
        unsaved, secrets = (frozenset(map(str, held.get(name, ()))) for name in ("unsaved", "secrets"))
        return Saved(options, {str(host["target"]): host for host in held["plan"]["hosts"]}, unsaved, secrets)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_like(value: object, default: object) -> bool:
    """Whether it can be the value of an option that has such a default."""
    if isinstance(default, tuple):
        return isinstance(value, tuple) and all(isinstance(each, str) for each in value)
    if isinstance(default, bool):
        return isinstance(value, bool)
    return value is None or isinstance(value, str)


Options = TypeVar("Options")


def with_saved(options: Options, saved: Saved, default: object, param: Sequence[str]) -> Options | Diagnostic:
    """The options of a call with those of a saved plan; what keeps them apart. `param`: the parameters of the call."""
    again = {name: text for name, text in params(tuple(param))[0].items() if name in saved.unsaved}
    left = tuple(each for each in param if each.partition("=")[0].strip().removeprefix("$") not in saved.unsaved)
    other = _contradicted(replace(options, param=left), saved.options, default)
    if other is not None:
        message = f"the saved plan decides what is deployed, and {other} is otherwise there"
        return Diagnostic(codes.BAD_CALL, message, help="leave it out, or make a new plan")
    missing = sorted(saved.unsaved - set(again))
    if missing:
        message = f"${missing[0]} became a password, and the saved plan does not hold it"
        return Diagnostic(codes.BAD_CALL, message, help=f"say --param {missing[0]}=… again, or declare it as `secret`")
    absent = sorted(saved.secrets - set(map(_name, getattr(options, "secret", ()))))
    if absent:
        message = f"the saved plan was made with the value of the secret {absent[0]}, and does not hold it"
        return Diagnostic(codes.BAD_CALL, message, help=f"say --secret {absent[0]}=… again")
    kept = saved.options.get("param", ())
    assert isinstance(kept, tuple)
    words = {**saved.options, "param": (*kept, *(f"{name}={text}" for name, text in again.items()))}
    return replace(options, **words)


def _name(secret: str) -> str:
    """Of `--secret NAME=SOURCE`."""
    return secret.partition("=")[0].removeprefix("$")


def _contradicted(options: object, saved: Mapping[str, object], default: object) -> str | None:
    """An option that has been given with a saved plan, and that is otherwise there."""
    given = {name: getattr(options, name) for name in SAVED if getattr(options, name) != getattr(default, name)}
    wrong = next((name for name, value in given.items() if value != saved.get(name)), None)
    return None if wrong is None else "what it is for" if wrong == "words" else f"--{wrong.replace('_', '-')}"


__all__ = ["SAVED", "Saved", "read", "save", "with_saved"]
