"""`vmc eval`: a value, as the language writes it."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated

from vmspec.base.diagnostic import has_errors
from vmspec.base.json_text import Json
from vmspec.base.provenance import ValueAddress, show_path
from vmspec.base.record import record
from vmspec.cli.command import FINE, Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, report, say
from vmspec.driver.address import AddressedValue, resolve
from vmspec.model.block import Block
from vmspec.model.show import show
from vmspec.model.value import CpuSet, ObjectRef, Secret, Tagged, Value


@record(frozen=True, kw_only=True)
class Eval(Inputs, Reporting):
    """Print a value as the language writes it; of a block or an object, every value in it with its path."""

    address: Annotated[str, PositionalArgument("`VM:path` or `HOST:path`, as `feed-a:memory.size`.", metavar="ADDRESS")]
    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    format: Annotated[str, Option(("--format",), "How to print it.", "FORMAT", ("text", "json"))] = "text"


def run(options: Eval) -> Exit:
    compilation, wrong = compile_(options.paths, options)
    found = [*wrong, *(() if wrong else compilation.diagnostics)]
    if has_errors(found):
        return report(found, options, compilation.name)
    named, missing = resolve(compilation.fleet, options.address)
    set_ = [each for each in named if each.value is not None]
    if missing is not None:
        return report([missing], options, compilation.name)
    if options.format == "json":
        say(json.dumps([_plain_value(each) for each in set_], indent=2) + "\n", sys.stdout)
    elif len(set_) == 1 and ".".join(set_[0].path) == options.address.partition(":")[2].replace('"', ""):
        say(f"{set_[0].text}\n", sys.stdout)
    else:
        say("".join(f"{show_path(n.path)} = {n.text}\n" for n in set_), sys.stdout)
    return FINE


def _plain_value(named: AddressedValue) -> Json:
    assert named.value is not None
    value = named.text if named.is_password else plain(named.value)
    return {"address": str(ValueAddress(named.object.name, named.path)), "value": named.text, "plain": value}


def plain(value: Value) -> Json:
    """A value for a program: a quantity as its number of base units, what JSON has no form for as the language writes it."""
    match value:
        case bool() | int():
            return int(value) if not isinstance(value, bool) else value
        case str():
            return str(value)
        case tuple():
            return [plain(item) for item in value]
        case CpuSet() | Secret() | ObjectRef() | Tagged() | Block():
            return show(value)
        case Mapping():
            return {key: plain(item) for key, item in value.items()}


COMMAND = Command(Eval, run)
