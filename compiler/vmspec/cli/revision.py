"""What a revision of the sources builds, by way of `git archive`: neither the work tree nor the index is touched."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vmspec.base.code import Code, Fault
from vmspec.base.diagnostic import Diagnostic, Diagnostics, Severity, has_errors
from vmspec.base.record import replace
from vmspec.driver.compilation import Compilation
from vmspec.emit.manifest import digest
from vmspec.report.location import SourceNames

BAD_REVISION = Code(
    1904,
    "bad-revision",
    """
    What: The sources of the revision after `--since` cannot be had: the project is in no git repository, git is not installed, or
        the repository has no such revision.
    Why: Without the old sources nobody can say what differs, and a build of everything is not what was asked for.
    """,
    fault=Fault.CALL,
)
OLD_ERRORS = Code(
    1905,
    "old-errors",
    """
    What: The sources of the revision after `--since` have errors; everything is written.
    Why: What does not compile has no artifacts to compare with. The errors are those of the old sources, not of the present ones.
    """,
)


def artifacts_of(revision: str, now: Compilation) -> tuple[dict[str, str], Diagnostics]:
    """Path → hash of each artifact of the revision, compiled with the same options."""
    with sources_at(revision, now, "--since") as (old, found):
        return ({}, found) if old is None else _compiled(revision, old)


@contextmanager
def sources_at(revision: str, now: Compilation, asked: str) -> Iterator[tuple[Compilation | None, Diagnostics]]:
    """The same program as it was at the revision, in a directory that is there as long as this lasts. `asked` names what asked for it."""
    try:
        top = Path(_git(now.project.root, "rev-parse", "--show-toplevel").decode().rstrip("\n"))
        commit = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
        archive = _git(top, "archive", "--format=tar", commit)
    except FileNotFoundError:
        yield None, (Diagnostic(BAD_REVISION, f"git is not installed, and {asked} needs it"),)
        return
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().partition("\n")[0]
        message = f"{asked} {revision}".strip() + f" names no revision of the project{f': {said}' if said else ''}"
        yield None, (Diagnostic(BAD_REVISION, message),)
        return
    with tempfile.TemporaryDirectory(prefix="vmspec-") as folder:
        # Without a vmspec.toml the name of the root is the project's id, so it stays.
        old = Path(folder, top.name or "root")
        old.mkdir()
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(old, filter="data")
        yield Compilation(_moved(now.paths, top, old), replace(now.options, locked=False)), ()


def names_at(revision: str, now: Compilation) -> SourceNames:
    """How sources of a revision are called, as git calls them: `HEAD~1:site/web.vmspec`."""
    prefix = _git(now.project.root, "rev-parse", "--show-prefix").decode().rstrip("\n")
    return lambda source: source.path if source.standard else f"{revision}:{prefix}{source.path}"


def _moved(paths: tuple[Path, ...], top: Path, old: Path) -> list[Path]:
    """The same paths in the old tree; what was not there yet is left out."""
    real = [path.resolve() for path in paths]
    inside = [old / path.relative_to(top.resolve()) for path in real if path.is_relative_to(top.resolve())]
    return [path for path in inside if path.exists()]


def _compiled(revision: str, old: Compilation) -> tuple[dict[str, str], Diagnostics]:
    if not old.paths:
        return {}, ()
    errors = old.diagnostics
    if has_errors(errors):
        first = next(d for d in errors if d.severity is Severity.ERROR)
        message = f"the sources of {revision} have errors, so everything is written"
        return {}, (Diagnostic(OLD_ERRORS, message, severity=Severity.WARNING, notes=(f"{first.code}: {first.message}",)),)
    return {artifact.path: digest(artifact.data) for artifact in old.artifacts()}, ()


def _git(folder: Path, *words: str) -> bytes:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return done.stdout
