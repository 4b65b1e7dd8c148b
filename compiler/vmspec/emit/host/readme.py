"""README.md of a host: what was derived, from which guest and why, and how to apply and to undo it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vmspec.base.provenance import Step
from vmspec.base.source import position
from vmspec.emit.host.boot import ARGUMENT_COMMANDS, OWN, boot_owner
from vmspec.emit.host.file import HostFile, lines
from vmspec.lower.fleet import HostObject


def emit(host: HostObject, files: Sequence[HostFile]) -> HostFile:
    title = f"# Host {_cell(host.name)}"
    if not files:
        text = lines(title, "", "Nothing is asked of this host, and nothing is set on it.")
    else:
        text = lines(
            title,
            "",
            "Written by vmspec. The files below `root/` lie at the same place on the host.",
            "",
            _settings(host, files),
            "",
            _commands(host, files),
        )
    return HostFile("README.md", text, (), "this page")


def _settings(host: HostObject, files: Sequence[HostFile]) -> Iterator[str]:
    yield "## What is set, and why"
    for file in files:
        yield from ("", f"### `{file.target or file.path}`: {file.what}", "")
        yield "| setting | from | because of |"
        yield "|---|---|---|"
        for entry in file.entries:
            steps = [step for path in entry.paths for step in host.trails.get(path, ())[-1:]]
            origins = ", ".join(_unique(_origin(s) for s in steps)) or "the host"
            reason = _guests(steps) or _why(steps) or "the host itself"
            yield f"| `{_cell(entry.name)}` | {_cell(origins)} | {_cell(reason)} |"


def _origin(step: Step) -> str:
    if step.span is None:
        return step.origin
    return f"{step.origin} ({step.span.source.path}:{position(step.span.source, step.span.start).line})"


def _guests(steps: Sequence[Step]) -> str:
    names = _unique(address.object for step in steps for address in step.operands)
    shown = ", ".join(names[:MANY])
    return shown + (f" and {len(names) - MANY} more" if len(names) > MANY else "")


def _why(steps: Sequence[Step]) -> str:
    return ", ".join(_unique(step.why for step in steps if step.why))


MANY = 8


def _unique(texts: Iterator[str] | Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _cell(text: str) -> str:
    """Nothing in it ends a cell, a line or a code span."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text).replace("|", "\\|").replace("`", "'")


def _commands(host: HostObject, files: Sequence[HostFile]) -> Iterator[str]:
    copied = [file.target for file in files if file.target]
    yield from ("## To apply", "")
    if copied:
        yield from ("Copy the files, as root:", "", "    cp -r root/. /", "")
    after = _unique([command for file in files for command in file.after])
    if after:
        yield from ("Then:", "", *(f"    {command}" for command in after), "")
    line = next((file.text.strip() for file in files if file.path == "cmdline"), None)
    handed = ARGUMENT_COMMANDS.get(boot_owner(host)) if line is not None else None
    if handed is not None and line is not None:
        yield from ("Hand the kernel arguments over:", "", f"    mkdir -p {OWN}", f"    {handed.give(line)}", "")
    if any(file.reboot for file in files):
        yield from ("Then restart the host: kernel arguments and parameters of loaded modules count from the next boot.", "")
    yield from ("## To undo", "")
    before = _unique([command for file in files for command in file.undone if "disable" in command])
    later = _unique([command for file in files for command in file.undone if "disable" not in command])
    yield from (f"    {command}" for command in before)
    yield from (f"    rm {target}" for target in copied)
    yield from (f"    {command}" for command in later)
    if handed is not None and line is not None:
        yield f"    {handed.take(line)}"
