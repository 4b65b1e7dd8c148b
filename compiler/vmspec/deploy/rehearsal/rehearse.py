"""One rehearsal, from the host of a program to what came out."""

from __future__ import annotations

from vmspec.base.record import record
from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.probes.look import script
from vmspec.deploy.probes.probe import ProbedSetting, ProbeState
from vmspec.deploy.rehearsal.boot import booted
from vmspec.deploy.rehearsal.compare import outcomes, probes_of
from vmspec.deploy.rehearsal.shape import Shape, shaped
from vmspec.deploy.rehearsal.system import SUITES, kernel_of, root_of
from vmspec.deploy.stop import Stop
from vmspec.emit.host import emit_host
from vmspec.lower.fleet import HostObject
from vmspec.model.facts import HostFacts

LINE = "cmdline"


@record(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What was booted, and what became of each setting."""

    host: str
    kernel: str
    suite: str
    line: str
    """The arguments that were given."""
    own_line: str
    """Those of the host."""
    shape: Shape
    outcomes: tuple[ProbedSetting, ...]

    @property
    def wrong(self) -> tuple[ProbedSetting, ...]:
        return tuple(each for each in self.outcomes if each.state is ProbeState.NOT_TAKEN)

    @property
    def unseen(self) -> tuple[ProbedSetting, ...]:
        return tuple(each for each in self.outcomes if each.state is ProbeState.UNSEEN)


@record(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a person chooses of a rehearsal."""

    kernel: str | None = None
    modules: str | None = None
    suite: str | None = None
    limit: float = 240.0


def rehearse(host: HostObject, facts: HostFacts | None, choice: Choice, stop: Stop) -> Rehearsal:
    """Raises HostError where it cannot be held."""
    if str(host.spec.arch or "x86_64") != "x86_64":
        raise HostError(codes.REHEARSAL_FAILED, f"{host.name} is {host.spec.arch}, and only hosts of x86_64 can be rehearsed")
    if not any(node.cpus for node in host.spec.numa):
        raise HostError(codes.REHEARSAL_FAILED, f"{host.name} says no CPUs", "say its nodes, or give it facts: vmc facts URI -o FILE")
    shape = shaped(host)
    made = {artifact.path.split("/", 2)[2]: artifact.data for artifact in emit_host(shape.host)}
    own = {artifact.path.split("/", 2)[2]: artifact.data for artifact in emit_host(host)}
    files = {path.removeprefix("root/"): data for path, data in made.items() if path.startswith("root/")}
    line, own_line = (every.get(LINE, b"").decode().strip() for every in (made, own))
    kernel = kernel_of(choice.kernel, facts.kernel if facts is not None else host.spec.kernel_version, choice.modules)
    suite = choice.suite or (SUITES.get(facts.os_version or "", "bookworm") if facts is not None and facts.os == "debian" else "bookworm")
    probes = probes_of(shape)
    seen = booted(shape, kernel, root_of(suite), line, files, script(probes), choice.limit, stop)
    return Rehearsal(
        host=host.name,
        kernel=kernel.release or str(kernel.image),
        suite=suite,
        line=line,
        own_line=own_line,
        shape=shape,
        outcomes=tuple(outcomes(probes, seen)),
    )
