"""Every program in the documents compiles, or fires the error that it is marked with; every link leads somewhere.

A block ```` ```vmspec ```` is a whole file that compiles; ```` ```vmspec error=2104 ```` fires exactly that; one with `file=site.vmspec`
can also be imported by the blocks below it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from vmspec.base.diagnostic import Severity
from vmspec.driver.compilation import Compilation

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(p for p in (ROOT / "docs").rglob("*.md") if p.name != "contracts.md"))
FENCE = re.compile(r"^```(?P<info>.*)$")
ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


class Program(NamedTuple):
    place: str
    text: str
    error: int | None
    file: str | None
    before: tuple[tuple[str, str], ...]
    """The named files above it on the page."""


def programs(page: Path) -> Iterator[Program]:
    named: list[tuple[str, str]] = []
    info: str | None = None
    lines: list[str] = []
    start = 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = FENCE.match(line)
        if fence and info is None:
            info, lines, start = fence["info"], [], number
        elif fence:
            words = info.split() if info else []
            if words[:1] == ["vmspec"]:
                options = dict(word.split("=", 1) for word in words[1:])
                error = int(options["error"]) if "error" in options else None
                yield Program(f"{page.relative_to(ROOT)}:{start}", "\n".join(lines) + "\n", error, options.get("file"), tuple(named))
                if "file" in options:
                    named.append((options["file"], "\n".join(lines) + "\n"))
            info = None
        elif info is not None:
            lines.append(line)


ALL = tuple(program for page in PAGES for program in programs(page))


def test_there_are_programs() -> None:
    assert len(ALL) > 30
    assert any(program.error for program in ALL)


@pytest.mark.parametrize("program", ALL, ids=lambda program: program.place)
def test_a_program_does_what_its_page_says(program: Program, tmp_path: Path) -> None:
    for name, text in program.before:
        (tmp_path / name).write_text(text, encoding="utf-8")
    main = tmp_path / (program.file or "main.vmspec")
    main.parent.mkdir(exist_ok=True)
    main.write_text(program.text, encoding="utf-8")
    errors = [d for d in Compilation([main]).diagnostics if d.severity is Severity.ERROR]
    found = {d.code.number for d in errors}
    assert found == ({program.error} if program.error else set()), "\n".join(f"{d.code} {d.message}" for d in errors)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [m["target"] for m in LINK.finditer(text) if "://" not in m["target"]]
    missing = [t for t in targets if not _exists(page, t)]
    assert not missing


def _exists(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    return file.exists() and (not anchor or anchor in _anchors(file))


@functools.cache
def _anchors(file: Path) -> set[str]:
    """Those that are written, and those that GitHub makes of headings."""
    text = file.read_text(encoding="utf-8")
    headings = (line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#"))
    return set(ANCHOR.findall(text)) | {re.sub(r"[^a-z0-9 _-]", "", h.lower()).replace(" ", "-") for h in headings}
