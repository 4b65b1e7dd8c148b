"""Keeps the order of devices: as written, weaker layers first, and from then on as in the lock; new devices come last.

It decides what the guest numbers by itself: target names, places on buses, ports of serial lines, the disk and the card that boot
first (libvirt 9.0.0 src/qemu/qemu_command.c, qemuBuildDiskCommandLine and qemuBuildInterfaceCommandLine: the first of the definition).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.layout import AS_WRITTEN
from vmspec.lower.lock import VmLock
from vmspec.lower.passes.change import Context, PassResult, derived
from vmspec.lower.passes.devices import natural
from vmspec.model.devices.device import Device
from vmspec.model.devices.parallel import Parallel
from vmspec.model.devices.serial import Serial

D = TypeVar("D", bound=Device)

KINDS = ("disk", "interface", "controller", "video", "serial", "parallel", "console")
"""The kinds of devices whose order in the definition matters to the guest."""
BY_LABEL = ("serial", "console", "controller")
"""The kinds that layout 1 also sorts in the definition."""
PORTS = 4
"""ISA serial lines of a PC (libvirt 9.0.0 src/qemu/qemu_validate.c, MAX_ISA_SERIAL_PORTS)."""
PORT = "the first port that nobody has or had; kept in the lock"


def expand(vm: Vm, context: Context) -> PassResult:
    if context.lock.version < AS_WRITTEN:
        return _by_label(vm)
    features: dict[str, object] = {}
    order: dict[str, tuple[str, ...]] = {}
    for kind in KINDS:
        blocks: tuple[Device, ...] = vars(vm.spec).get(kind, ())
        if not blocks:
            continue
        order[kind] = known(context.lock, kind, (block.label for block in blocks))
        place = {label: n for n, label in enumerate(order[kind])}
        ordered = tuple(sorted(blocks, key=lambda block: place[block.label]))
        if ordered != blocks:
            features[kind] = ordered
    trails: dict[Path, Provenance] = {}
    numbers: dict[str, str] = {}
    for kind in ("serial", "parallel"):
        lines: tuple[Serial | Parallel, ...] = features.get(kind) or vars(vm.spec).get(kind, ())  # type: ignore[assignment]
        if any(line.port is None for line in lines):
            features[kind] = tuple(_ports(vm, kind, lines, context.lock, numbers, trails))
    lock: dict[str, object] = {"order": order} if order else {}
    return PassResult(features, trails, lock={**lock, "numbers": numbers, "layout": context.lock.version})


def known(lock: VmLock, kind: str, labels: Iterable[str]) -> tuple[str, ...]:
    """All labels of a kind, those that are gone included: one that comes back has its place again."""
    return tuple(dict.fromkeys((*lock.order.get(kind, ()), *labels)))


def _by_label(vm: Vm) -> PassResult:
    """Layout 1."""
    held: dict[str, tuple[Device, ...]] = {kind: vars(vm.spec).get(kind, ()) for kind in BY_LABEL}
    return PassResult({kind: tuple(sorted(blocks, key=natural)) for kind, blocks in held.items() if len(blocks) > 1})


def _ports(
    vm: Vm, kind: str, lines: tuple[Serial | Parallel, ...], lock: VmLock, numbers: dict[str, str], trails: dict[Path, Provenance]
) -> Iterator[Serial | Parallel]:
    taken: set[str | None] = {line.port for line in lines if line.port is not None}
    kept = {label: str(number) for label, number in numbers_of(lock, kind).items() if str(number) not in taken}
    taken |= {kept[line.label] for line in lines if line.port is None and line.label in kept}
    for line in lines:
        if line.port is not None:
            yield line
            continue
        port = kept.get(line.label) or free(taken, kept.values())
        taken.add(port)
        numbers[f"{kind}.{line.label}"] = port
        trails[kind, line.label, "port"] = derived(vm, PORT, (kind, line.label))
        yield line.but(port=port)


def free(have: set[str | None], had: Iterable[str]) -> str:
    """A number that nobody has or had; where there is none left, one that nobody has."""
    fresh = (str(n) for n in range(PORTS) if str(n) not in have.union(had))
    return next(fresh, None) or next(str(n) for n in range(len(have) + 1) if str(n) not in have)


def numbers_of(lock: VmLock, kind: str) -> Mapping[str, int]:
    """By label: the numbers that the lock keeps for a kind."""
    return {key.removeprefix(f"{kind}."): int(text.rpartition(":")[2]) for key, text in lock.numbers.items() if key.startswith(f"{kind}.")}
