"""The reference of the diagnostics: a page for each hundred codes, and the list of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from vmspec.base.code import Code
from vmspec.docs_gen.page import DocPage, anchor, code, fenced, link, page, prose, sentence, table

FOLDER = "diagnostics"
RANGES = (
    "Syntax",
    "Names and what is given to a command",
    "Inheritance",
    "Values",
    "VMs",
    "Hosts",
    "Fleets and output",
    "Schemas and XML",
    "Plan and deploy",
    "Bugs of ours",
)
"""By the first digit of the code."""


def pages(codes: Iterable[Code]) -> Iterator[DocPage]:
    """In order of numbers; the list first. A code that does not say what it is and why is a bug: ValueError."""
    known = sorted(codes, key=lambda each: each.number)
    bare = [str(each) for each in known if not (each.section("What") and each.section("Why"))]
    if bare:
        raise ValueError(f"no page: {', '.join(bare)}")
    yield page(f"{FOLDER}/README.md", _list(known))
    for hundred, group in groupby(known, key=lambda each: each.number // 100):
        yield page(f"{FOLDER}/{_file(hundred)}", _hundred(hundred, tuple(group)))


def where(each: Code) -> str:
    """The page and anchor of a code, from the folder of the diagnostics."""
    return f"{_file(each.number // 100)}#{each.number:04d}"


def _file(hundred: int) -> str:
    return f"{hundred:02d}xx.md"


def _list(codes: list[Code]) -> Iterator[str]:
    yield "# Diagnostics"
    yield (
        "Every diagnostic has a number and a name, which are never used for anything else. `vmc explain 2101` prints its page. "
        "Each example gives exactly the diagnostic it stands under, and what stands under *Instead* compiles; the tests try both."
    )
    for digit, group in groupby(codes, key=lambda each: each.number // 1000):
        yield f"## {digit}xxx: {RANGES[digit]}"
        rows = ((link(f"{each.number:04d}", where(each)), code(each.name), prose(sentence(each.section("What")))) for each in group)
        yield table(("Code", "Name", "What"), rows)


def _hundred(hundred: int, codes: tuple[Code, ...]) -> Iterator[str]:
    yield f"# {hundred:02d}xx: {RANGES[hundred // 10]}"
    yield link("All diagnostics", "README.md")
    for each in codes:
        yield f"{anchor(f'{each.number:04d}')}\n\n## {each}"
        yield prose(_flow(each.section("What")))
        yield f"**Why.** {prose(_flow(each.section('Why')))}"
        for name in ("Example", "Instead"):
            text = each.section(name)
            if text:
                yield f"**{name}**\n\n{fenced(text)}"


def _flow(text: str) -> str:
    """Lines that go on as one paragraph; an empty line still parts two."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
