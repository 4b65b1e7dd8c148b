"""Sends look.sh to a host, or makes it a program for a rehearsed machine, and reads what it printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from vmspec.deploy.facts.gather import Where, answered
from vmspec.deploy.facts.show import SHOW
from vmspec.deploy.facts.system import Gathered, gathered
from vmspec.deploy.probes.probe import Probe, ProbedSetting, probed

LOOK = Path(__file__).with_name("look.sh")
END = "vmspec-end-of-list"


def script(probes: Iterable[Probe], ages: Iterable[str] = ()) -> bytes:
    """`ages`: files of the host of which it matters whether they are newer than its boot."""
    lines = dict.fromkeys([*(line for probe in probes for line in probe.look), *(f"A {path.lstrip('/')}" for path in ages)])
    assert not any("\n" in line or line == END for line in lines)
    listed = "".join(f"{line}\n" for line in lines)
    return SHOW.read_bytes() + f"listed() {{ cat <<'{END}'\n{listed}{END}\n}}\n".encode() + LOOK.read_bytes()


def looked(probes: Sequence[Probe], at: Where, changed: frozenset[str] = frozenset()) -> list[ProbedSetting]:
    """`changed`: files that are surely newer than the host's boot. Raises HostError where the host cannot be looked at."""
    files = {probe.file for probe in probes if probe.file is not None}
    seen = gathered(answered(at, script(probes, sorted(files))))
    recent = changed | frozenset(newer(seen))
    return [probed(probe, seen, recent) for probe in probes]


def newer(seen: Gathered) -> Iterable[str]:
    """Files that were written after the host booted."""
    booted = next((int(line) for line in seen.said.get("booted", ()) if line.isdigit()), None)
    for line in seen.said.get("ages", ()):
        age, _, path = line.partition(" ")
        if booted is not None and age.isdigit() and int(age) > booted:
            yield f"/{path}"
