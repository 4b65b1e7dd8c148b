"""Changes of a running guest, one setter for each way in that the plan's classes name; the configuration is not touched here.

Source: libvirt 9.0.0 include/libvirt/libvirt-domain.h, for the names of parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vmspec.base.provenance import Path
from vmspec.deploy.binding import Refused, libvirt, said
from vmspec.deploy.failpoints import act
from vmspec.deploy.host import HostConnection
from vmspec.emit.domain import block_xml
from vmspec.model.block import Block, Many, schema
from vmspec.model.devices.graphics import Graphics
from vmspec.model.devices.interface import Interface
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet, Quantity, Symbol
from vmspec.plan.changes import LiveStep
from vmspec.plan.classes import Live, device_at
from vmspec.plan.compare import pairs
from vmspec.plan.expected import floating

KIB = 1024
MICROSECOND = 1000
"""Nanoseconds; scheduler parameters count in microseconds."""
UNLIMITED_MEMORY = 9007199254740991
"""VIR_DOMAIN_MEMORY_PARAM_UNLIMITED, in KiB."""


class RunningGuest:
    """A running guest and what it is to be."""

    def __init__(self, host: HostConnection, name: str, uuid: str, wanted: Domain, running: Domain, steps: Sequence[LiveStep]) -> None:
        self.host, self.name, self.wanted, self.running = host, name, wanted, running
        self.domain: Any = host.domain(uuid)
        self.steps = steps

    def features(self, device: Path) -> list[str]:
        """Those of a device that its steps are about; the others stay as the running guest has them."""
        found = (step.difference.path for step in self.steps if step.way is Live.DEVICE)
        return list(dict.fromkeys(path[2].replace("-", "_") for path in found if path[:2] == device and len(path) > 2))

    @property
    def now(self) -> int:
        return int(libvirt().VIR_DOMAIN_AFFECT_LIVE)

    def bitmap(self, cpus: object) -> tuple[bool, ...]:
        """Of host CPUs; what is pinned nowhere floats."""
        count = self.host.cpus
        allowed = cpus if isinstance(cpus, CpuSet) else floating(self.wanted, count)
        return tuple(number in allowed for number in range(max(count, allowed.bits.bit_length())))


def apply(guest: RunningGuest) -> list[tuple[LiveStep, str]]:
    """Makes the changes; what libvirt refused, with its words.

    Steps that one call makes together are made once. What is refused is tried again as long as another step has been made since: the
    kernel takes no vCPU's quota above the whole machine's, so that the one must rise after, and fall before, the other.
    """
    groups: dict[object, list[LiveStep]] = {}
    for step in guest.steps:
        groups.setdefault(_together(step), []).append(step)
    waiting, refused = list(groups.values()), {}
    while waiting:
        refused = {id(steps): reason for steps in waiting if (reason := _try(guest, steps)) is not None}
        left = [steps for steps in waiting if id(steps) in refused]
        if len(left) == len(waiting):
            break
        waiting = left
    return [(step, refused[id(steps)]) for steps in groups.values() if id(steps) in refused for step in steps]


def _together(step: LiveStep) -> object:
    """Equal for changes that go in one call: all of a device, all limits of memory."""
    match step.way:
        case Live.IOTUNE | Live.DEVICE:
            return step.way, step.difference.path[:2]
        case Live.MEMORY_LIMIT:
            return step.way
        case _:
            return step.way, step.difference.path


def _try(guest: RunningGuest, steps: Sequence[LiveStep]) -> str | None:
    module = libvirt()
    first = steps[0]
    try:
        with act(f"live {first.way.value} {guest.name}"):
            SETTERS[first.way](guest, first.difference.path, first.difference.after)
    except module.libvirtError as error:
        return said(error)
    except Refused as error:
        return str(error)
    return None


def _vcpu_pin(guest: RunningGuest, path: Path, value: object) -> None:
    guest.domain.pinVcpuFlags(int(path[1]), guest.bitmap(value), guest.now)


def _emulator_pin(guest: RunningGuest, _: Path, value: object) -> None:
    guest.domain.pinEmulator(guest.bitmap(value), guest.now)


def _iothread_pin(guest: RunningGuest, path: Path, value: object) -> None:
    guest.domain.pinIOThread(int(path[1]), guest.bitmap(value), guest.now)


def _vcpu_count(guest: RunningGuest, _: Path, value: object) -> None:
    if isinstance(value, int):
        guest.domain.setVcpusFlags(value, guest.now)


def _balloon(guest: RunningGuest, _: Path, value: object) -> None:
    memory = guest.wanted.memory
    bytes_ = value if isinstance(value, int) else memory.size if memory is not None else None
    if bytes_ is not None:
        guest.domain.setMemoryFlags(int(bytes_) // KIB, guest.now)


def _balloon_stats(guest: RunningGuest, _: Path, value: object) -> None:
    guest.domain.setMemoryStatsPeriod(_seconds(value), guest.now)


def _seconds(value: object) -> int:
    if isinstance(value, Quantity):
        return int(value) // 10**9
    return value if isinstance(value, int) else 0


def _memory_limit(guest: RunningGuest, _: Path, value: object) -> None:
    """All that change at once: libvirt then finds the order in which the kernel takes them."""
    changed = [(step.difference.path[-1], step.difference.after) for step in guest.steps if step.way is Live.MEMORY_LIMIT]
    limits = {name.replace("-", "_"): int(after) // KIB if isinstance(after, int) else UNLIMITED_MEMORY for name, after in changed}
    guest.domain.setMemoryParameters(limits, guest.now)


SCHEDULER: dict[Path, str] = {
    ("cpu", "shares"): "cpu_shares",
    ("cpu", "period"): "vcpu_period",
    ("cpu", "quota"): "vcpu_quota",
    ("cpu", "global-period"): "global_period",
    ("cpu", "global-quota"): "global_quota",
    ("emulator", "period"): "emulator_period",
    ("emulator", "quota"): "emulator_quota",
    ("iothread-limit", "period"): "iothread_period",
    ("iothread-limit", "quota"): "iothread_quota",
}
USUAL: dict[str, int] = {"shares": 1024, "period": 100_000, "global-period": 100_000}
"""What libvirt and the kernel take where nothing is said; a quota is then -1, no limit."""


def _scheduler(guest: RunningGuest, path: Path, value: object) -> None:
    guest.domain.setSchedulerParametersFlags({SCHEDULER[path]: _amount(path, value)}, guest.now)


def _amount(path: Path, value: object) -> int:
    if isinstance(value, Quantity):
        return int(value) // MICROSECOND
    return value if isinstance(value, int) else USUAL.get(path[-1], -1)


def _iotune(guest: RunningGuest, path: Path, _: object) -> None:
    """All limits of the disk at once: what is not named is no limit (0)."""
    disk = device_at(guest.wanted, path)
    if disk is None:
        raise Refused(f"{path[1]} is no disk of the guest")
    limits = vars(disk).get("iotune")
    held = vars(limits) if isinstance(limits, Block) else {}
    there = guest.domain.blockIoTune(str(vars(disk)["target"]), guest.now)
    limits = {name: _limit(name, held.get(name)) for name in there if name != "group_name"}
    guest.domain.setBlockIoTune(str(vars(disk)["target"]), limits, guest.now)


def _limit(name: str, value: Any) -> int:
    return _seconds(value) if name.endswith("_length") else int(value or 0)


def _blkio(guest: RunningGuest, path: Path, value: object) -> None:
    guest.domain.setBlkioParameters({path[-1]: value if isinstance(value, int) else 0}, guest.now)


def _device(guest: RunningGuest, path: Path, _: object) -> None:
    device = device_at(guest.wanted, path)
    if device is None:
        raise Refused(f"{path[0]} {path[1]} is no device of the guest")
    line = schema(Domain).by_name[path[0]].line
    assert isinstance(line, Many)
    held = vars(guest.running).get(path[0].replace("-", "_")) or ()
    there = next((old for old, new in pairs(held, (device,), line) if new is device and old is not None), device)
    # What was read of the guest has no passwords: one that is not said again would be taken away.
    secrets = ("passwd", "passwd_valid_to") if isinstance(device, Graphics) else ()
    features = {name: vars(device).get(name) for name in (*guest.features(path[:2]), *secrets)}
    if isinstance(device, Interface) and "link" in features and device.link is None:
        # libvirt takes a link that is not named as one that stays as it is.
        features["link"] = Symbol("up")
    guest.domain.updateDeviceFlags(block_xml(there.but(**features)), guest.now)


def _metadata(guest: RunningGuest, path: Path, value: object) -> None:
    module = libvirt()
    kind = module.VIR_DOMAIN_METADATA_TITLE if path[-1] == "title" else module.VIR_DOMAIN_METADATA_DESCRIPTION
    guest.domain.setMetadata(kind, value if isinstance(value, str) else None, None, None, guest.now)


SETTERS: dict[Live, Callable[[RunningGuest, Path, object], None]] = {
    Live.VCPU_PIN: _vcpu_pin,
    Live.EMULATOR_PIN: _emulator_pin,
    Live.IOTHREAD_PIN: _iothread_pin,
    Live.VCPU_COUNT: _vcpu_count,
    Live.BALLOON: _balloon,
    Live.BALLOON_STATS: _balloon_stats,
    Live.MEMORY_LIMIT: _memory_limit,
    Live.SCHEDULER: _scheduler,
    Live.IOTUNE: _iotune,
    Live.BLKIO: _blkio,
    Live.DEVICE: _device,
    Live.METADATA: _metadata,
}
