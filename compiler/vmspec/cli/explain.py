"""`vmc explain`: what a diagnostic means, why it is one, and what to write instead."""

import json
import sys
from typing import Annotated

from vmspec.base.code import REGISTRY, SECTIONS, Code
from vmspec.base.record import record
from vmspec.base.suggest import did_you_mean
from vmspec.cli.command import FINE, USAGE, Command, Exit, Option, PositionalArgument
from vmspec.cli.reporting import say
from vmspec.codes import load_all
from vmspec.report.terminal import safe


@record(frozen=True, kw_only=True)
class Explain:
    """Explain a diagnostic, by its number or its name; without one, list all."""

    code: Annotated[str | None, PositionalArgument("`2104`, or `sibling-conflict`.", metavar="CODE")] = None
    format: Annotated[str, Option(("--format",), "How to print it.", "FORMAT", ("text", "json"))] = "text"


def run(options: Explain) -> Exit:
    load_all()
    codes = sorted(REGISTRY.values(), key=lambda code: code.number)
    if options.code is not None:
        code = find(options.code)
        if code is None:
            return _unknown(options.code, codes)
        codes = [code]
    if options.format == "json":
        shown = [_plain(code) for code in codes]
        say(json.dumps(shown if options.code is None else shown[0], indent=2) + "\n", sys.stdout)
    elif options.code is None:
        say("".join(f"{code.number:04d}  {code.name}\n" for code in codes), sys.stdout)
    else:
        say(_text(codes[0]), sys.stdout)
    return FINE


def find(asked: str) -> Code | None:
    """By number with or without leading zeros and brackets, or by name."""
    word = asked.strip("[]").split()[0] if asked.strip("[]").split() else ""
    if word.isascii() and word.isdigit():
        return REGISTRY.get(int(word))
    return next((code for code in REGISTRY.values() if code.name == word), None)


def _unknown(asked: str, codes: list[Code]) -> Exit:
    hint = did_you_mean(asked, [name for code in codes for name in (code.name, f"{code.number:04d}")])
    say(f"vmc: there is no diagnostic {safe(asked)}{f'; {hint}' if hint else ''}\n", sys.stderr)
    return USAGE


def _plain(code: Code) -> dict[str, object]:
    return {"code": code.number, "name": code.name, **{section.lower(): code.section(section) for section in SECTIONS}}


def _text(code: Code) -> str:
    parts = [f"{code}\n"]
    for section in SECTIONS:
        text = code.section(section)
        if text:
            parts.append(f"{section}:\n" + "".join(f"    {line}".rstrip() + "\n" for line in text.split("\n")))
    return "\n".join(parts)


COMMAND = Command(Explain, run)
