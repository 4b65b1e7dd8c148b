"""`vmc docs`: the reference as Markdown; of the compiler itself, or of the user's own sources."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.files import FileError, words, write_whole
from vmspec.base.record import record
from vmspec.cli.command import DIFFERENCES, USAGE, Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, report, say
from vmspec.docs_gen.page import MARK, DocPage
from vmspec.emit.output_dir_codes import CANNOT_WRITE
from vmspec.report.location import SourceNames, own_path
from vmspec.report.terminal import counted, safe

NOT_OUR_PAGE = Code(
    6906,
    "not-our-page",
    """
    What: `vmc docs` would overwrite a file that it has not written.
    Why: Documentation is written by people too. Give `-o` a directory of its own, or move the file away.
    """,
)


NO_FOLDER = Code(
    6907,
    "docs-without-folder",
    """
    What: `vmc docs` was given neither sources nor a directory to write to.
    Why: Without sources it writes the compiler's own reference, several hundred pages, which nobody wants among the documents of a project
        by accident.
    """,
)
WHERE = "name sources for their own pages, `vmc docs .`, or a directory for the compiler's, `vmc docs -o DIR`"


@record(frozen=True, kw_only=True)
class Docs(Inputs, Reporting):
    """Write the reference as Markdown.

    Without sources: of the diagnostics, of everything that an object can say, and of the standard profiles. With sources: of their
    profiles, parameters, hosts and VMs. Pages that are no longer made are removed; other files are left alone.
    """

    paths: Annotated[
        tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="the compiler's own reference")
    ] = ()
    output: Annotated[
        str | None, Option(("--output", "-o"), "The directory to write to; for one's own sources `docs` where none is named.", "DIR")
    ] = None
    check: Annotated[bool, Option(("--check",), "Write nothing; exit with 3 where a page would change.")] = False


def run(options: Docs) -> Exit:
    if not options.paths and options.output is None:
        return report([Diagnostic(NO_FOLDER, "the compiler's own reference is several hundred pages", help=WHERE)], options) and USAGE
    if not options.paths:
        return _write(tuple(own()), (), options, own_path)
    compilation, wrong = compile_(options.paths, options)
    found = (*wrong, *(() if wrong else compilation.diagnostics))
    if has_errors(found):
        return report(found, options, compilation.name)
    from vmspec.docs_gen import sources

    return _write(tuple(sources.pages(compilation.program, compilation.fleet)), found, options, compilation.name)


def own() -> Iterator[DocPage]:
    """The reference of the compiler itself."""
    from vmspec.codes import load_all
    from vmspec.docs_gen import attributes, diagnostics, library
    from vmspec.model.kinds import ROOTS
    from vmspec.resolve.resolve import standard

    yield from diagnostics.pages(load_all().values())
    yield from attributes.pages(ROOTS)
    yield from library.pages(standard())


def _write(pages: tuple[DocPage, ...], found: tuple[Diagnostic, ...], options: Docs, names: SourceNames) -> Exit:
    folder = Path(options.output or "docs")
    led_away = [Diagnostic(CANNOT_WRITE, f"{path} is a symbolic link: nothing is written through it") for path in _links(folder, pages)]
    if led_away:
        return report([*found, *led_away], options)
    try:
        changed = {each.path: each.text for each in pages if _read(folder / each.path) != each.text}
        gone = [file for file in _written(folder, pages) if file.relative_to(folder).as_posix() not in {each.path for each in pages}]
        foreign = [path for path in changed if os.path.lexists(folder / path) and not _ours(folder / path)]
        if foreign:
            return report(
                [*found, *(Diagnostic(NOT_OUR_PAGE, f"{folder / path} was not written by vmc docs") for path in foreign)], options
            )
        if not options.check:
            _apply(folder, changed, gone)
    except (OSError, FileError) as error:
        reason = error.reason if isinstance(error, FileError) else f"cannot be written: {words(error)}"
        return report([*found, Diagnostic(CANNOT_WRITE, f"{folder} {reason}")], options, names)
    if not options.machine and options.output_format == "full":
        verb = "would change" if options.check else "written"
        say(f"{counted(len(pages), 'page')} in {safe(folder.as_posix())}, {len(changed) + len(gone)} {verb}\n", sys.stdout)
    code = report(found, options, names)
    return code or (DIFFERENCES if options.check and (changed or gone) else code)


def _apply(folder: Path, changed: dict[str, str], gone: list[Path]) -> None:
    for path, text in changed.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / path, text.encode())
    for file in gone:
        file.unlink()


def _links(folder: Path, pages: tuple[DocPage, ...]) -> list[Path]:
    """Folders that pages would go to, and that are links."""
    inner = {parent for each in pages for parent in (folder / each.path).parents if parent != folder and parent.is_relative_to(folder)}
    return [each for each in sorted(inner) if each.is_symlink()]


def _written(folder: Path, pages: tuple[DocPage, ...]) -> list[Path]:
    """The pages of an earlier run, in the folders that this one writes to."""
    tops = sorted({each.path.partition("/")[0] if "/" in each.path else "" for each in pages})
    files = {file for top in tops for file in ((folder / top).rglob("*.md") if top else folder.glob("*.md"))}
    return [file for file in sorted(files) if _ours(file)]


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else None


def _ours(file: Path) -> bool:
    return not file.is_symlink() and file.is_file() and (_read(file) or "").startswith(MARK)


COMMAND = Command(Docs, run)
