"""Diagnostic codes: a number and a name that are never reused, and the page that explains them."""

from __future__ import annotations

from enum import Enum

from vmspec.base.record import record

# By number. Filled when the modules that own the codes are imported; `vmspec.codes` imports them all.
REGISTRY: dict[int, Code] = {}


class Fault(Enum):
    """Whose fault an error is, which decides the code that a command exits with (docs/outputs.md)."""

    SOURCES = "the sources': 1"
    CALL = "the call's or the machine's: project file, paths, parameters, revision, output directory, schemas, connection: 2"
    LOCK = "the lock's, or that of what it was made for: 4"


@record(frozen=True)
class Code:
    """A kind of diagnostic. Ranges: 0xxx syntax, 1xxx names, 2xxx inheritance, 3xxx values, 4xxx VM, 5xxx host,
    6xxx fleet, 7xxx schema, 8xxx plan and deploy, 9xxx a bug of ours.

    `page` is the text of `vmc explain`: sections `What:`, `Why:`, `Example:`, `Instead:`; the last two hold a
    program each, indented by four spaces. A test compiles both.
    """

    number: int
    name: str
    page: str
    fault: Fault = Fault.SOURCES

    def __post_init__(self) -> None:
        other = REGISTRY.get(self.number)
        if other is not None and other.name != self.name:
            raise ValueError(f"code {self.number} is both {other.name} and {self.name}")
        REGISTRY[self.number] = self

    def __str__(self) -> str:
        return f"{self.number:04d} {self.name}"

    def section(self, name: str) -> str:
        """The text of a section of the page without its indentation; empty where the page has none."""
        from inspect import cleandoc

        lines: list[str] = []
        inside = False
        for line in cleandoc(self.page).splitlines():
            head, colon, rest = line.partition(":")
            if colon and head in SECTIONS:
                inside = head == name
                if inside and rest.strip():
                    lines.append(rest.strip())
            elif inside:
                lines.append(line[4:] if line.startswith("    ") else line)
        return "\n".join(lines).strip("\n")


SECTIONS = ("What", "Why", "Example", "Instead")
