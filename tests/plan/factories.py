"""Plain sides of a plan, for tables: what is wanted, what a host has, what is remembered of earlier deploys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vmspec.base.provenance import Path
from vmspec.importing.host_domain import HostDefinition, read_host_domain
from vmspec.plan.besides import NOTHING_BESIDES, Besides
from vmspec.plan.chain import ImageKey
from vmspec.plan.change import SourcePlace
from vmspec.plan.plan import plan_host
from vmspec.plan.state import Actual, Desired, Platform
from vmspec.plan.verdict import HostPlan, PlanOptions, VmPlan

PROJECT = "shop"
NAMESPACE = "https://vmspec.dev/xmlns/domain/1"


def uuid(letter: str) -> str:
    """The UUID that tests give to a VM: `a` → aaaaaaaa-…; the same letter is the same domain."""
    return f"{letter * 8}-aaaa-4aaa-8aaa-{letter * 12}"


def xml(name: str, of: str, *, project: str | None = PROJECT, devices: str = "", more: str = "", memory: int = 1024) -> bytes:
    """A definition; without a project one that carries none of our metadata."""
    mine = f'<metadata><vmspec:vm xmlns:vmspec="{NAMESPACE}" project="{project}" uuid="{of}"/></metadata>' if project else ""
    return (
        f"<domain type='kvm'><name>{name}</name><uuid>{of}</uuid>{mine}<memory unit='MiB'>{memory}</memory><vcpu>1</vcpu>{more}"
        f"<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices>{devices}</devices></domain>"
    ).encode()


def where(path: Path, is_set: bool) -> tuple[str, SourcePlace]:
    return ".".join(path), SourcePlace("main.vmspec", 1, "vm") if is_set else SourcePlace()


def desired(name: str, letter: str, data: bytes | None = None, **more: object) -> Desired:
    domain = read_host_domain(xml(name, uuid(letter)) if data is None else data)
    given: dict[str, object] = {"imported": False, "autostart": None, "where": where, **more}
    return Desired(name=name, uuid=uuid(letter), domain=domain, digest=repr(domain), **given)  # type: ignore[arg-type]


def actual(
    name: str, letter: str, *, project: str | None = PROJECT, data: bytes | None = None, running: bool = False, **more: object
) -> Actual:
    held = xml(name, uuid(letter), project=project) if data is None else data
    definition = HostDefinition(held)
    return Actual(name, uuid(letter), definition, live=definition if running else None, running=running, **more)  # type: ignore[arg-type]


@dataclass
class Remembered:
    """An AppliedState of plain values, by UUID."""

    results: Mapping[str, bytes] = field(default_factory=dict)
    images: Mapping[str, Mapping[str, ImageKey]] = field(default_factory=dict)
    starts: Mapping[tuple[str, str], bytes] = field(default_factory=dict)
    refusals: Mapping[str, frozenset[str]] = field(default_factory=dict)
    earlier: Mapping[str, Sequence[bytes]] = field(default_factory=dict)

    def last(self, uuid: str) -> HostDefinition | None:
        return HostDefinition(self.results[uuid]) if uuid in self.results else None

    def kept(self, uuid: str) -> Mapping[str, ImageKey]:
        return self.images.get(uuid, {})

    def started_with(self, uuid: str, mark: str) -> HostDefinition | None:
        return HostDefinition(self.starts[uuid, mark]) if (uuid, mark) in self.starts else None

    def refused(self, uuid: str) -> frozenset[str]:
        return self.refusals.get(uuid, frozenset())

    def deployed(self, uuid: str) -> Iterator[HostDefinition]:
        return map(HostDefinition, self.earlier.get(uuid, ()))

    def deployed_from(self, uuid: str, digest: str) -> HostDefinition | None:
        return next((each for each in self.deployed(uuid) if digest.encode() in each.data), None)


NOTHING_REMEMBERED = Remembered()


def options(**more: object) -> PlanOptions:
    return PlanOptions(PROJECT, **more)  # type: ignore[arg-type]


def planned(
    wanted: Sequence[Desired],
    there: Sequence[Actual],
    chosen: PlanOptions | None = None,
    memory: Remembered = NOTHING_REMEMBERED,
    platform: Platform | None = None,
) -> HostPlan:
    return plan_host("n1", "qemu:///system", wanted, there, memory, chosen or options(), platform or Platform())


def only_vm(plan: HostPlan) -> VmPlan:
    (vm,) = plan.vms
    return vm


def besides(**more: object) -> Besides:
    return Besides(**more) if more else NOTHING_BESIDES  # type: ignore[arg-type]


WEB = desired("web", "a")
DISK = "<disk type='file' device='disk'><source file='{}'/><target dev='vda' bus='virtio'/></disk>"
