"""The table that a person sees after a build: what the guests are, and where it was written."""

from __future__ import annotations

import sys

from vmspec.cli.reporting import colours, say
from vmspec.driver.compilation import Compilation
from vmspec.driver.output import Output
from vmspec.lower.fleet import Fleet, Vm
from vmspec.model.value import Quantity, show_quantity
from vmspec.report.full import counted
from vmspec.report.terminal import safe, width

MOST = 25
"""Rows of a larger fleet are not shown."""
HEAD = ("VM", "VCPUS", "MEMORY", "MACHINE", "PLACE", "PROFILES")


def summary(compilation: Compilation, output: Output, target: str) -> None:
    """To standard output, which a machine format has not taken."""
    fleet = compilation.fleet
    lines = _table(fleet, colours(sys.stdout)) if fleet.vms else []
    guests = counted(len(fleet.vms), "VM")
    hosts = counted(len(fleet.hosts), "host")
    files = counted(len(output.manifest.files) + 1, "file")  # the manifest does not list itself
    kept = f" ({counted(output.skipped, 'file')} unchanged)" if output.skipped else ""
    say("\n".join([*lines, f"{guests}, {hosts}: {files} in {safe(target)}{kept}"]) + "\n", sys.stdout)


def _table(fleet: Fleet, colour: bool) -> list[str]:
    rows = [HEAD, *map(_row, fleet.vms[:MOST])]
    widths = [max(width(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(text + " " * (size - width(text)) for text, size in zip(row, widths, strict=True)).rstrip() for row in rows]
    if colour:
        lines[0] = f"\x1b[1m{lines[0]}\x1b[0m"
    more = len(fleet.vms) - MOST
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
    value: object = vm.spec
    for name in path:
        value = getattr(value, name, None)
    if value is None:
        return "-"
    return show_quantity(value) if isinstance(value, Quantity) else str(value)
