"""Which class a change has: one policy table over paths of the language, and how a live one reaches a running guest.

Sources: libvirt 9.0.0 src/qemu/qemu_driver.c (what the driver's setters accept with VIR_DOMAIN_AFFECT_LIVE),
src/conf/domain_conf.c (virDomainDefCheckABIStabilityFlags: what a guest sees of its hardware), src/qemu/qemu_migration.c
(qemuMigrationSrcIsAllowed, qemuMigrationSrcIsSafe: what keeps a guest from moving).
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TypeAlias

from vmspec.base.provenance import Path
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.value import Value
from vmspec.plan.change import Difference, Effect


class Live(Enum):
    """The ways into a running guest; `deploy/live.py` has one setter for each."""

    VCPU_PIN = "vcpu-pin"
    EMULATOR_PIN = "emulator-pin"
    IOTHREAD_PIN = "iothread-pin"
    VCPU_COUNT = "vcpu-count"
    BALLOON = "balloon"
    BALLOON_STATS = "balloon-stats"
    MEMORY_LIMIT = "memory-limit"
    SCHEDULER = "scheduler"
    IOTUNE = "iotune"
    BLKIO = "blkio"
    DEVICE = "device"
    """The device's whole XML, by virDomainUpdateDeviceFlags."""
    METADATA = "metadata"


ClassRule: TypeAlias = tuple[str, Effect, Live | None]

LIVE, BOOT, ABI, COSMETIC, BREAKING = Effect.LIVE, Effect.NEXT_BOOT, Effect.GUEST_ABI, Effect.COSMETIC, Effect.MIGRATION_BREAKING

RULES: tuple[ClassRule, ...] = (
    # What nobody but people and we ourselves read.
    ("title", COSMETIC, Live.METADATA),
    ("description", COSMETIC, Live.METADATA),
    ("tags", COSMETIC, None),
    ("origin.**", COSMETIC, None),
    ("xml.metadata", COSMETIC, None),
    # Threads and their CPUs.
    ("vcpu.*.pin", LIVE, Live.VCPU_PIN),
    ("emulator.pin", LIVE, Live.EMULATOR_PIN),
    ("iothread.*.pin", LIVE, Live.IOTHREAD_PIN),
    ("cpu.count", LIVE, Live.VCPU_COUNT),
    ("cpu.shares", LIVE, Live.SCHEDULER),
    ("cpu.period", LIVE, Live.SCHEDULER),
    ("cpu.quota", LIVE, Live.SCHEDULER),
    ("cpu.global-period", LIVE, Live.SCHEDULER),
    ("cpu.global-quota", LIVE, Live.SCHEDULER),
    ("emulator.period", LIVE, Live.SCHEDULER),
    ("emulator.quota", LIVE, Live.SCHEDULER),
    ("iothread-limit.period", LIVE, Live.SCHEDULER),
    ("iothread-limit.quota", LIVE, Live.SCHEDULER),
    ("emulator.**", BOOT, None),
    ("iothread.**", BOOT, None),
    ("iothreads", BOOT, None),
    ("iothread-schedule.**", BOOT, None),
    ("vcpu-schedule.**", BOOT, None),
    ("vcpu.*.scheduler", BOOT, None),
    ("vcpu.*.priority", BOOT, None),
    ("vcpu.*.*", BOOT, None),
    ("cpu.placement", BOOT, None),
    ("cpu.cpuset", BOOT, None),
    ("cpu.cachetune.**", BOOT, None),
    ("cpu.memorytune.**", BOOT, None),
    ("cpu.check", BOOT, None),
    ("cpu.migratable", ABI, None),
    # Memory.
    ("memory.current", LIVE, Live.BALLOON),
    ("memory.balloon.stats-period", LIVE, Live.BALLOON_STATS),
    ("memory.hard-limit", LIVE, Live.MEMORY_LIMIT),
    ("memory.soft-limit", LIVE, Live.MEMORY_LIMIT),
    ("memory.swap-hard-limit", LIVE, Live.MEMORY_LIMIT),
    ("memory.size", ABI, None),
    ("memory.max", ABI, None),
    ("memory.slots", ABI, None),
    ("memory.balloon.alias", BOOT, None),
    ("memory.balloon.**", ABI, None),
    ("memory.**", BOOT, None),
    ("numa.mode", BOOT, None),
    ("numa.placement", BOOT, None),
    ("numa.nodeset", BOOT, None),
    ("numa.cell.*.mode", BOOT, None),
    ("numa.cell.*.nodeset", BOOT, None),
    ("numa.cell.*.access", BOOT, None),
    ("blkiotune.weight", LIVE, Live.BLKIO),
    ("blkiotune.**", BOOT, None),
    ("resource.**", BOOT, None),
    # Boot and the end.
    ("boot.**", BOOT, None),
    ("firmware.nvram.**", BOOT, None),
    ("firmware.reboot-timeout", BOOT, None),
    ("events.**", BOOT, None),
    ("pm.**", ABI, None),
    ("perf.**", BOOT, None),
    ("emulator-path", BOOT, None),
    ("seclabel.**", BOOT, None),
    ("throttle-group.**", BOOT, None),
    # Disks.
    ("disk.*.iotune.group-name", BOOT, None),
    ("disk.*.iotune.**", LIVE, Live.IOTUNE),
    ("disk.*.boot", BOOT, None),
    ("disk.*.cache", BOOT, None),
    ("disk.*.io", BOOT, None),
    ("disk.*.source.**", BOOT, None),
    ("disk.*.driver", BOOT, None),
    ("disk.*.error-policy", BOOT, None),
    ("disk.*.rerror-policy", BOOT, None),
    ("disk.*.ioeventfd", BOOT, None),
    ("disk.*.copy-on-read", BOOT, None),
    ("disk.*.detect-zeroes", BOOT, None),
    ("disk.*.iothread", BOOT, None),
    ("disk.*.metadata-cache.**", BOOT, None),
    ("disk.*.auth.**", BOOT, None),
    ("disk.*.encryption.**", BOOT, None),
    ("disk.*.snapshot", BOOT, None),
    ("disk.*.shareable", BOOT, None),
    ("disk.*.transient", BOOT, None),
    ("disk.*.backing-store.**", BOOT, None),
    # Networks.
    ("interface.*.link", LIVE, Live.DEVICE),
    ("interface.*.bandwidth.**", LIVE, Live.DEVICE),
    ("interface.*.filterref.**", LIVE, Live.DEVICE),
    ("interface.*.source.bridge", LIVE, Live.DEVICE),
    ("interface.*.source.network", LIVE, Live.DEVICE),
    ("interface.*.source.**", BOOT, None),
    ("interface.*.boot", BOOT, None),
    ("interface.*.target", BOOT, None),
    ("interface.*.backend.**", BOOT, None),
    ("interface.*.driver", BOOT, None),
    ("interface.*.txmode", BOOT, None),
    ("interface.*.ioeventfd", BOOT, None),
    ("interface.*.host-offload.**", BOOT, None),
    ("interface.*.virtualport.**", BOOT, None),
    ("interface.*.vlan.**", BOOT, None),
    ("interface.*.tune.**", BOOT, None),
    ("interface.*.coalesce.**", BOOT, None),
    ("interface.*.isolated", BOOT, None),
    # What the host gives to other devices.
    ("serial.*.source.**", BOOT, None),
    ("serial.*.log.**", BOOT, None),
    ("console.*.source.**", BOOT, None),
    ("console.*.log.**", BOOT, None),
    ("channel.*.source.**", BOOT, None),
    ("graphics.*.passwd", LIVE, Live.DEVICE),
    ("graphics.*.passwd-valid-to", LIVE, Live.DEVICE),
    ("graphics.**", BOOT, None),
    ("audio.**", BOOT, None),
    ("rng.*.backend.**", BOOT, None),
    ("rng.*.rate.**", BOOT, None),
    ("filesystem.*.source.**", BOOT, None),
    ("watchdog.*.action", BOOT, None),
    ("hostdev.*.boot", BOOT, None),
    ("hostdev.*.driver", BOOT, None),
    ("hostdev.*.managed", BOOT, None),
    ("*.*.alias", BOOT, None),
    ("*.alias", BOOT, None),
    ("qemu.**", BOOT, None),
    ("xml.**", BOOT, None),
)
"""The first pattern that fits decides. `*` is one step, `**` any number of them. What no line names is hardware: guest-abi."""

KEPT_UNTIL_BOOT: tuple[Path, ...] = (("cpu", "shares"), ("blkiotune", "weight"))
"""Weights: what a guest without one has is the host's affair (1024 and 500 under cgroup v1, 100 under v2), and no setter gives it back."""
REMOVABLE = ("cdrom", "floppy")
SAFE_CACHES = ("none", "directsync")
"""With these libvirt migrates a guest on shared storage without `--unsafe` (qemuMigrationSrcIsSafe)."""
STUCK_DEVICES = ("hostdev", "shmem", "filesystem", "smartcard", "redirdev", "lease")
"""A guest that has one of these does not move, or not everywhere."""
STUCK_MODES = ("host-passthrough", "maximum")
STUCK_SOURCES = ("hostdev", "hostdev-usb", "vdpa", "vhostuser")


def classify(change: Difference, wanted: Domain) -> tuple[Effect, Live | None]:
    """The class of a change, and the way in for a live one. `wanted` is the definition as it will be."""
    if _breaks_migration(change):
        return BREAKING, None
    if _is_medium(change.path, wanted):
        return LIVE, Live.DEVICE
    if (change.after is None and change.path in KEPT_UNTIL_BOOT) or _is_new_lock(change):
        return BOOT, None
    return _by_table(change.path)


def is_settable(path: Path, wanted: Domain) -> bool:
    """Whether somebody can have set it on a running guest."""
    return _is_medium(path, wanted) or _by_table(path)[1] is not None


def device_at(domain: Domain, path: Path) -> Block | None:
    """The device that a path begins with."""
    held = vars(domain).get(path[0].replace("-", "_")) if len(path) > 1 else None
    return next((each for each in held if each.label == path[1]), None) if isinstance(held, tuple) else None


@lru_cache(maxsize=4096)
def _by_table(path: Path) -> tuple[Effect, Live | None]:
    return next(((effect, way) for pattern, effect, way in RULES if fits(tuple(pattern.split(".")), path)), (ABI, None))


def fits(pattern: tuple[str, ...], path: Path) -> bool:
    if pattern and pattern[-1] == "**":
        head = pattern[:-1]
        return len(path) >= len(head) and fits(head, path[: len(head)])
    return len(pattern) == len(path) and all(want in ("*", step) for want, step in zip(pattern, path, strict=True))


def _is_medium(path: Path, wanted: Domain) -> bool:
    """What lies in a drive that can be opened."""
    if len(path) < 3 or path[0] != "disk" or path[2] != "source":
        return False
    return str(getattr(device_at(wanted, path), "device", None)) in REMOVABLE


def _is_new_lock(change: Difference) -> bool:
    """A password where there was none, or none any more: whether a display asks for one is settled at its start (QEMU 7.2, ui/vnc.c,
    vnc_display_password)."""
    return change.path[-1] == "passwd" and None in (change.before, change.after)


def _breaks_migration(change: Difference) -> bool:
    path, after = change.path, change.after
    match path:
        case ("cpu", "mode"):
            return after in STUCK_MODES
        case ("cpu", "migratable"):
            return after is False
        case (kind, _):
            return kind in STUCK_DEVICES and isinstance(after, Block)
        case ("disk", _, "cache"):
            return _safe(change.before) and not _safe(after)
        case ("interface", _, "source"):
            return isinstance(after, Block) and type(after).tag in STUCK_SOURCES
        case ("launch-security", *_):
            return after is not None
        case _:
            return False


def _safe(cache: Value | None) -> bool:
    return cache in SAFE_CACHES
