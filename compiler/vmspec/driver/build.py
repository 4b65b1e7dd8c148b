"""Validates the domains of a compilation against the schemas, and writes its output directory and its lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.files import FileError, read_bytes, write_whole
from vmspec.driver.output import ArtifactJudge, Output
from vmspec.emit.output_dir import OutputTree, TargetError
from vmspec.model.kinds import ObjectKind

if TYPE_CHECKING:
    from vmspec.driver.compilation import Compilation
    from vmspec.emit.sourcemap import TrailOf
    from vmspec.lower.lock import Lock
    from vmspec.validate.schemas import Schemas

JudgeOf: TypeAlias = "Callable[[Schemas, TrailOf], ArtifactJudge]"
"""`importing.raw_rules.judge`, given by the caller: reading raw parts as libvirt does belongs to a package above this one."""


class Counter(Protocol):
    """Is told how many VMs there will be, and how many are done."""

    def expect(self, count: int, /) -> None: ...

    def at(self, done: int, /) -> None: ...


class NoCounter:
    """Ignores what it is told."""

    def expect(self, count: int, /) -> None: ...

    def at(self, done: int, /) -> None: ...


def validate(
    compilation: Compilation, judge_of: JudgeOf, schema_dirs: Sequence[Path] = (), counter: Counter | None = None
) -> list[Diagnostic]:
    """Validate the domains of a compilation without errors; nothing is written."""
    from vmspec.validate.raw_text import overwritten
    from vmspec.validate.schemas import Schemas

    schemas, wrong = Schemas.load(tuple(schema_dirs), compilation.software)
    found = [*wrong]
    if has_errors(found):
        return found
    judge = judge_of(schemas, compilation.trail_of)
    counter = counter or NoCounter()
    counter.expect(len(compilation.fleet.vms))
    for number, artifact in enumerate(compilation.artifacts()):
        counter.at(number)
        if artifact.kind is ObjectKind.VM:
            found += [] if schemas.accept(artifact) else judge(artifact)
        else:
            found += overwritten(artifact, compilation.trail_of)
            found += schemas.check_other(artifact, compilation.trail_of) if artifact.kind is not None else []
    return found


def write(
    compilation: Compilation,
    target: str | Path,
    judge_of: JudgeOf,
    schema_dirs: Sequence[Path] = (),
    skip: Mapping[str, str] | None = None,
    counter: Counter | None = None,
) -> tuple[Output | None, list[Diagnostic]]:
    """Write the output directory and the lock of a compilation without errors; the output is None where validation or writing fails.

    `skip` maps paths to hashes: a file that would have this hash is left out.
    """
    from vmspec.validate.schemas import Schemas

    schemas, wrong = Schemas.load(tuple(schema_dirs), compilation.software)
    found = [*wrong]
    if has_errors(found):
        return None, found
    counter = counter or NoCounter()
    counter.expect(len(compilation.fleet.vms))
    try:
        with OutputTree(target, compilation.project.root) as tree:
            output = Output(compilation, tree, schemas, judge_of(schemas, compilation.trail_of), skip or {})
            for done in output.files():
                counter.at(done)
            found += output.found
            if has_errors(found):
                return None, found
            tree.commit(output.manifest)
            return output, [*found, *write_lock(compilation)]
    except TargetError as error:
        return None, [*found, error.diagnostic]


def write_lock(compilation: Compilation, other: Lock | None = None) -> tuple[Diagnostic, ...]:
    """Write the lock of the build, or another one, beside the project file. A lock that would not change is not written."""
    from vmspec.lower.lock import MAX_BYTES, Lock, write_lock

    if compilation.options.locked:
        return ()
    lock = compilation.lock if other is None else other
    file, text = compilation.project.lock, write_lock(lock)
    before: bytes | None
    try:
        before = read_bytes(file, MAX_BYTES)
    except FileError as error:
        before = None if error.missing else b""
    if before == text.encode() or (before is None and lock == Lock()):
        return ()
    try:
        write_whole(file, text.encode())
    except FileError as error:
        from vmspec.emit.output_dir_codes import CANNOT_WRITE

        return (Diagnostic(CANNOT_WRITE, f"{file.name} {error.reason}"),)
    return ()
