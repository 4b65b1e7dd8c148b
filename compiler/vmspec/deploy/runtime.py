"""What a running host made of its settings and its guests' threads: all of them, or those of the files that a deploy changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.facts.gather import Where
from vmspec.deploy.probes.look import looked
from vmspec.deploy.probes.probe import ProbedSetting
from vmspec.deploy.probes.table import guest_probes, host_probes
from vmspec.lower.fleet import HostObject, Vm


def runtime(host: HostObject, vms: Iterable[Vm], at: Where) -> tuple[ProbedSetting, ...]:
    """Raises HostError where no shell of the host is reached."""
    if not at.ssh and at.root is None:
        message = f"{at.uri} is reached by libvirt alone, and what its kernel says needs a shell there"
        raise HostError(codes.FACTS_FAILED, message, "say --ssh HOST")
    return tuple(looked([*host_probes(host), *guest_probes(host, vms)], at))


def runtime_of_files(host: HostObject, changed: Collection[str]) -> tuple[ProbedSetting, ...]:
    """Of this machine, right after these files were written and their commands run; what counts from the next boot waits for it."""
    probes = [probe for probe in host_probes(host) if probe.file in changed]
    return tuple(looked(probes, Where(root="/"), frozenset(changed))) if probes else ()
