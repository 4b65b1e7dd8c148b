"""The table that a person sees after a build: what the guests are, and where it was written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from vmspec.base.record import record
from vmspec.cli.reporting import colours, say
from vmspec.report.terminal import counted, safe, width

if TYPE_CHECKING:
    from vmspec.driver.compilation import Compilation
    from vmspec.driver.output import Output
    from vmspec.lower.fleet import Vm

MOST = 25
"""Rows of a larger fleet are not shown."""
HEAD = ("VM", "VCPUS", "MEMORY", "MACHINE", "PLACE", "PROFILES")


@record(frozen=True)
class Summary:
    rows: tuple[tuple[str, ...], ...]
    """Of the first VMs, below `HEAD`."""
    vms: int
    hosts: int
    files: int
    kept: int
    """Files that were left out, since they are those of another build."""


def summary(compilation: Compilation, output: Output) -> Summary:
    fleet = compilation.fleet
    files = len(output.manifest.files) + 1  # the manifest does not list itself
    return Summary(tuple(map(_row, fleet.vms[:MOST])), len(fleet.vms), len(fleet.hosts), files, output.skipped)


def show(found: Summary, target: str) -> None:
    """To standard output, which a machine format has not taken."""
    lines = _table(found, colours(sys.stdout)) if found.vms else []
    guests, hosts, files = counted(found.vms, "VM"), counted(found.hosts, "host"), counted(found.files, "file")
    kept = f" ({counted(found.kept, 'file')} unchanged)" if found.kept else ""
    say("\n".join([*lines, f"{guests}, {hosts}: {files} in {safe(target)}{kept}"]) + "\n", sys.stdout)


def _table(found: Summary, colour: bool) -> list[str]:
    rows = [HEAD, *found.rows]
    widths = [max(width(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(text + " " * (size - width(text)) for text, size in zip(row, widths, strict=True)).rstrip() for row in rows]
    if colour:
        lines[0] = f"\x1b[1m{lines[0]}\x1b[0m"
    more = found.vms - MOST
    return [*lines, f"… and {more:,} more"] if more > 0 else lines


def _row(vm: Vm) -> tuple[str, ...]:
    cells = (
        vm.name,
        _value(vm, "cpu", "count"),
        _value(vm, "memory", "size"),
        _value(vm, "machine"),
        vm.host or "-",
        " ".join(vm.profiles) or "-",
    )
    return tuple(safe(cell) for cell in cells)


def _value(vm: Vm, *path: str) -> str:
    """A feature by its Python path; `-` where it is not set."""
    from vmspec.model.value import Quantity, show_quantity

    value: object = vm.spec
    for name in path:
        value = getattr(value, name, None)
    if value is None:
        return "-"
    return show_quantity(value) if isinstance(value, Quantity) else str(value)
