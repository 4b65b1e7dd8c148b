"""A compilation, from paths to artifacts: composes the stages, and computes each once, on demand.

The command line, the language server and the Python API are served by this alone:

    compilation = Compilation(["fleet/"], Options(env="prod"))
    if not has_errors(compilation.diagnostics):
        for artifact in compilation.artifacts(): …

A stage is there even where an earlier one found errors, as far as it goes; `artifacts` is not. Heavy modules are loaded by the
first stage that needs them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from vmspec.base.diagnostic import Diagnostics, has_errors, in_source_order
from vmspec.base.files import FileError, read_bytes
from vmspec.base.provenance import SELF, Provenance, ValueAddress
from vmspec.base.record import field, record, replace
from vmspec.base.source import Source, Span
from vmspec.driver import project as project_
from vmspec.driver.sources import files_of
from vmspec.model.target import Software

if TYPE_CHECKING:
    from vmspec.emit.artifact import Artifact
    from vmspec.evaluate.evaluate import EvaluateOptions
    from vmspec.evaluate.evaluated import Evaluated, TestResult
    from vmspec.lower.fleet import Fleet, Vm
    from vmspec.lower.lock import Lock
    from vmspec.model.placement import HostPlacement
    from vmspec.resolve.program import Program


@record(frozen=True)
class BuildOptions:
    """The options of a build."""

    env: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    """The texts of parameters by name, as the language writes values."""
    locked: bool = False
    """Whether a change of the lock is an error."""
    renames: Mapping[str, str] = field(default_factory=dict)
    """Old name → new name of VMs that keep their identity and their addresses (`--rename`)."""
    renewed: tuple[str, ...] = ()
    """VMs whose layout is assigned anew, as if they had never been built."""
    placing: bool = False
    """Whether hosts are still to be chosen for VMs that leave that to `vmc place`; then nothing is derived from them."""
    placements: Mapping[str, HostPlacement] | None = None
    """Where VMs are that leave their hosts to `vmc place`; None: where the lock has them."""
    target: Software = Software()
    """What VMs are for whose host does not say its versions (`--target`); what it leaves open the project says."""


class Compilation:
    """The compilation of some paths. `overlay` holds the texts of files that an editor has not saved."""

    def __init__(self, paths: Sequence[str | Path], options: BuildOptions | None = None, overlay: Mapping[Path, str] | None = None) -> None:
        self.paths = tuple(Path(p) for p in paths)
        self.options = options or BuildOptions()
        self._overlay = overlay

    # ------------------------------------------------------------------------------------------ stages

    @cached_property
    def _given(self) -> tuple[tuple[Path, ...], Diagnostics]:
        return files_of(self.paths)

    @property
    def given(self) -> tuple[Path, ...]:
        """The files that are compiled for themselves, by absolute path."""
        return tuple(Path(os.path.abspath(path)) for path in self._given[0])

    @cached_property
    def _project(self) -> tuple[project_.Project, Diagnostics]:
        return project_.find(path for path in self.paths if path.exists())

    @property
    def project(self) -> project_.Project:
        return self._project[0]

    @cached_property
    def _program(self) -> tuple[Program, Diagnostics]:
        from vmspec.resolve.loader import Loader
        from vmspec.resolve.resolve import resolve

        return resolve(self.given, Loader(self.project.root, self._overlay))

    @property
    def program(self) -> Program:
        """The files as units, imported ones included, with their declarations."""
        return self._program[0]

    @cached_property
    def _settled(self) -> tuple[Evaluated, Diagnostics]:
        from vmspec.evaluate import evaluate

        return evaluate.evaluate(self.program, self._evaluate_options)

    @property
    def _evaluate_options(self) -> EvaluateOptions:
        from vmspec.evaluate.evaluate import EvaluateOptions
        from vmspec.lower.placements import placements

        known = self.options.placements
        if known is None:
            known = {} if self.options.placing else placements(self._locked[0], self.options.env)
        return EvaluateOptions(self.options.env, self.options.params, known, self.options.placing)

    @property
    def settled(self) -> Evaluated:
        """Every object after the merge."""
        return self._settled[0]

    @cached_property
    def typed(self) -> Fleet:
        """The objects as the model's blocks, before anything is derived."""
        from vmspec.lower.typed import type_

        return type_(self.settled)

    @cached_property
    def _locked(self) -> tuple[Lock, Source | None, Diagnostics]:
        """The lock as it lies beside the project file."""
        from vmspec.lower.lock import MAX_BYTES, Lock, read_lock, unreadable

        try:
            text = read_bytes(self.project.lock, MAX_BYTES, below=self.project.root).decode("utf-8", "surrogateescape")
        except FileError as error:
            return Lock(), None, () if error.missing else (unreadable(project_.LOCK, error.reason),)
        source = Source(project_.LOCK, text)
        lock, found = read_lock(source)
        return lock, source, found

    @cached_property
    def _expanded(self) -> tuple[Fleet, Lock, Diagnostics]:
        from vmspec.lower.lock import renamed, renewed
        from vmspec.lower.passes import expand

        lock, env = self._locked[0], self.settled.env
        if self.options.renames:
            lock = renamed(lock, env, self.project.id, self.options.renames, (vm.name for vm in self.typed.vms))
        for name in self.options.renewed:
            lock = renewed(lock, env, name)
        fleet, after, found = expand(self.typed, lock, self.project.id, env)
        return self._for_target(fleet), after, found

    @property
    def target(self) -> Software:
        """What is meant where no host says it: the call's, then the project's."""
        return self.options.target.before(self.project.target)

    def software(self, name: str) -> Software:
        """What the VM of a name is for."""
        known = self._vms.get(name)
        return self.target if known is None else self.fleet.software(known)

    @cached_property
    def _vms(self) -> Mapping[str, Vm]:
        return {vm.name: vm for vm in self.fleet.vms}

    def _for_target(self, fleet: Fleet) -> Fleet:
        """The fleet with what its VMs are for where no host says it: the call's, the project's, else the oldest of its hosts."""
        from vmspec.lower.fleet import software_of
        from vmspec.model.target import oldest

        return replace(fleet, target=self.target.before(oldest(software_of(host.spec) for host in fleet.hosts)))

    @property
    def lock_before(self) -> Lock:
        """The lock before this build, as read from the file beside the project file."""
        return self._locked[0]

    @property
    def lock_source(self) -> Source | None:
        """Its text; None without such a file."""
        return self._locked[1]

    @property
    def lock_diagnostics(self) -> Diagnostics:
        """Diagnostics about the text of that lock."""
        return self._locked[2]

    @property
    def fleet(self) -> Fleet:
        """The typed objects with everything derived: identities, addresses, requests to hosts."""
        return self._expanded[0]

    @property
    def built_before(self) -> frozenset[str]:
        """The names of the VMs of this env in the lock before this build."""
        from vmspec.lower.lock import DEFAULT_ENV

        return frozenset(self._locked[0].vms.get(self.settled.env or DEFAULT_ENV, {}))

    @property
    def lock(self) -> Lock:
        """The lock after this build."""
        return self._expanded[1]

    @cached_property
    def _checked(self) -> Diagnostics:
        from vmspec.check.run import check
        from vmspec.lower.clear_passwords import clear_passwords

        return (*check(self.fleet), *clear_passwords(self.fleet))

    @cached_property
    def _stale(self) -> Diagnostics:
        from vmspec.lower.lock_stale import stale

        before, source, _ = self._locked
        return stale(before, self.lock, source, self.settled.env) if self.options.locked else ()

    # ------------------------------------------------------------------------------------------- views

    @property
    def given_diagnostics(self) -> Diagnostics:
        """Diagnostics about the paths and the project file."""
        return (*self._given[1], *self._project[1])

    @property
    def program_diagnostics(self) -> Diagnostics:
        """Diagnostics about syntax and names."""
        return self._program[1]

    @property
    def settled_diagnostics(self) -> Diagnostics:
        """Diagnostics of the merge, without follow-on errors of files that failed to parse."""
        broken = [unit.source for unit in self.program.units if has_errors(unit.file.diagnostics)]
        if not broken and not has_errors(self._program[1]):
            return self._settled[1]
        from vmspec.resolve.follow_on import untouched

        return untouched(self.program, broken, self._program[1], self._settled[1])

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """The diagnostics of all stages up to the rules, in source order. Lock, derivation and rules need whole objects and run only if
        nothing before them found errors."""
        found = [*self._given[1], *self._project[1]]
        if has_errors(found):
            return in_source_order(found)
        found += [*self._program[1], *self.settled_diagnostics]
        if not has_errors(found):
            found += [*self._locked[2], *self._expanded[2]]
        if not has_errors(found):
            found += [*self._checked, *self._stale]
        return in_source_order(found)

    @property
    def tests(self) -> Sequence[TestResult]:
        from vmspec.codes import load_all
        from vmspec.evaluate import test_runner

        return test_runner.run_tests(self.program, self._evaluate_options, self._judged, load_all())

    def _judged(self, settled: Evaluated) -> Diagnostics:
        """Diagnostics of derivation and rules for the objects of a test, which have no lock."""
        from vmspec.check.run import check
        from vmspec.lower.lock import Lock
        from vmspec.lower.passes import expand
        from vmspec.lower.typed import type_

        fleet, _, found = expand(type_(settled), Lock(), self.project.id, settled.env)
        fleet = self._for_target(fleet)
        return found if has_errors(found) else (*found, *check(fleet))

    def artifacts(self) -> Iterator[Artifact]:
        """Emit every file of the output but manifest and source map; only for a compilation without errors."""
        from vmspec.emit.emit import emit

        return emit(self.fleet)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The compiled files, imported ones included, without the standard library."""
        return tuple(unit.source for unit in self.program.units)

    @property
    def read(self) -> tuple[Source, ...]:
        """Every file that the result depends on: the sources, and the facts of hosts that they name."""
        return (*self.sources, *self.settled.read)

    def trail_of(self, address: ValueAddress, within: str = "") -> Provenance | None:
        """The provenance of a value of the fleet. `self:…` is a value of the object `within`."""
        known = self._objects.get(within if address.object == SELF else address.object)
        return None if known is None else known.get(address.path)

    @cached_property
    def _objects(self) -> dict[str, Mapping[tuple[str, ...], Provenance]]:
        # Of two objects of one name the VM is meant, and then the host.
        return {each.name: each.trails for each in reversed(tuple(self.fleet.every()))}

    # ------------------------------------------------------------------------------------------- names

    @cached_property
    def _here(self) -> str:
        """The relative path from the working directory to the project's root."""
        try:
            return os.path.relpath(self.project.root)
        except (OSError, ValueError):
            return str(self.project.root)

    def name(self, source: Source) -> str:
        """The path of a source from the working directory; `std/…` for the standard library, `--param …` for a parameter's text."""
        foreign = source.path.startswith(("std/", "--param ")) and source not in self.sources
        if self._here == "." or foreign:
            return source.path
        return os.path.normpath(f"{self._here}/{source.path}").replace(os.sep, "/")

    @property
    def beginning(self) -> Span:
        """The span for a message about the program as a whole."""
        return Span(self.sources[0] if self.sources else Source(".", ""), 0, 0)
