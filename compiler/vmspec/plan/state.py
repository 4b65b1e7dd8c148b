"""What is wanted of a host, and what was read from it: the two sides of a plan, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Protocol

from vmspec.base.provenance import Path
from vmspec.base.record import field, record
from vmspec.importing.host_domain import HostDefinition, source_hash
from vmspec.model.domain import Domain
from vmspec.plan.besides import NOTHING_BESIDES, Besides
from vmspec.plan.chain import ImageKey
from vmspec.plan.change import SourcePlace
from vmspec.plan.file_uses import HostPlaces
from vmspec.plan.needs import NOT_LOOKED, HostInventory


@record(frozen=True)
class WantedSeed:
    """The seed of a VM as it is to lie on the host."""

    path: str
    data: Callable[[], bytes] = field(compare=False)
    """Makes it, with the secrets that were given, so that a plan holds neither."""
    instance_id: str | None = None
    """What cloud-init is to know the guest by; None of what is not for cloud-init."""
    open: tuple[str, ...] = ()
    """Parameters that were not given."""
    where: SourcePlace = SourcePlace()


@record(frozen=True)
class Desired:
    """One VM as the build wants it."""

    name: str
    uuid: str | None
    domain: Domain
    """As it is to be defined."""
    digest: str
    """The hash of its source."""
    imported: bool
    """`resolve = false`: matched by name too, keeps the host's identity, and is never pruned."""
    autostart: bool | None
    where: Callable[[Path, bool], tuple[str, SourcePlace]] = field(compare=False)
    """Of a path in `domain`: how the language calls it, and where it comes from. The flag: it is set, and not removed."""
    power: str | None = None
    """`running`, `off`, or nobody's affair."""
    after: tuple[str, ...] = ()
    """VMs that are to be up before it is started or restarted."""
    restart_after: tuple[str, ...] = ()
    """VMs that are to be up before it is restarted, besides those."""
    batch: int | None = None
    """So many guests may be restarted at once where it is one of them; None: it does not say."""
    health: str | None = None
    """What is to be seen of it before the next ones are restarted; None: it does not say."""
    open: Mapping[str, str] = field(default_factory=dict)
    """Displays, by their type, whose password was not given: the parameter that it is. They stand as the empty text in `domain`."""
    seed: WantedSeed | None = None


@record(frozen=True)
class Passwords:
    """Of displays, by their type: held in memory to be compared, and never shown or written."""

    inactive: Mapping[str, str]
    live: Mapping[str, str]

    def __repr__(self) -> str:
        return "Passwords()"


def passwords_in(domain: Domain) -> dict[str, str]:
    """Of a definition that was read with its secrets."""
    return {str(each.type): each.passwd for each in domain.graphics if isinstance(each.passwd, str)}


@record(frozen=True)
class Actual:
    """One domain as a host has it. `inactive` is the configuration, without secrets; `live` what runs."""

    name: str
    uuid: str
    inactive: HostDefinition
    live: HostDefinition | None = None
    running: bool = False
    autostart: bool = False
    persistent: bool = True
    condition: str = ""
    """In libvirt's words: running, paused, shut off, crashed…; empty where it does not say."""
    passwords: Passwords | None = None
    """None: not looked at, or not for us to see."""
    besides: Besides = NOTHING_BESIDES

    @cached_property
    def domain(self) -> Domain:
        return self.inactive.domain

    @cached_property
    def live_domain(self) -> Domain | None:
        return None if self.live is None else self.live.domain

    @property
    def mark(self) -> str | None:
        """Of the configuration that the running guest was started with, where a deploy of ours has left one."""
        return None if self.live is None else self.live.mark

    def project(self) -> str | None:
        """The id of the project that our metadata names; None for a domain of somebody else, for one that nobody can read, and for one that
        somebody has copied from one of ours, metadata and all (virt-clone)."""
        domain = self.inactive.readable
        origin = None if domain is None else domain.origin
        return None if origin is None or origin.uuid not in (None, self.uuid) else origin.project


@record(frozen=True)
class Platform:
    """What a plan has to know of the libvirt that is planned for."""

    version: int = 0
    """As libvirt counts: 9000000 for 9.0.0; 0 where it is not known."""
    cpus: int = 0
    """Of the host; 0 where it is not known."""
    places: HostPlaces = HostPlaces()
    presence: HostInventory = NOT_LOOKED
    """What the host has of that which definitions name."""

    @property
    def variables(self) -> str | None:
        """The folder in which libvirt keeps the variables of guests' firmware, a file named after each; None where it is not known."""
        return self.places.variables


class AppliedState(Protocol):
    """What is known of a host from earlier deploys; all by UUID."""

    def last(self, uuid: str) -> HostDefinition | None:
        """What libvirt made of the definition at the last deploy that defined it."""

    def kept(self, uuid: str) -> Mapping[str, ImageKey]:
        """Of the disks, by target, whose images stayed at that deploy since they were the host's: what the program named instead."""

    def started_with(self, uuid: str, mark: str) -> HostDefinition | None:
        """The configuration that a running guest was started with, by the mark that it carries."""

    def refused(self, uuid: str) -> frozenset[str]:
        """What libvirt refused to change in the running guest at the last deploy, as paths of the language."""

    def deployed(self, uuid: str) -> Iterator[HostDefinition]:
        """All configurations that deploys gave it, and what those found; the newest first."""

    def deployed_from(self, uuid: str, digest: str) -> HostDefinition | None:
        """The newest configuration that was made of the source of this hash."""


@record(frozen=True)
class LastDeploy:
    """What is known of a domain from the last deploy that defined it."""

    definition: HostDefinition | None = None
    """What libvirt made of it then, by our journal."""
    made: Domain | None = None
    """The same; None where somebody has deployed since from another machine, as the hash in the metadata shows."""
    kept: Mapping[str, ImageKey] = field(default_factory=dict)
    """Of the disks, by target, whose images stayed since they were the host's: what the program named instead."""


def last_deploy(memory: AppliedState, there: Actual) -> LastDeploy:
    definition = memory.last(there.uuid)
    made = None if definition is None else definition.domain
    if made is not None and None not in (source_hash(made), source_hash(there.domain)) and source_hash(made) != source_hash(there.domain):
        made = None
    return LastDeploy(definition, made, memory.kept(there.uuid))
