"""What libvirt makes of a definition by itself, so that it is no difference: the one place where the prediction plugs in.

What is added to a running guest's XML: libvirt 9.0.0 src/qemu/qemu_process.c (qemuProcessPrepareDomain, qemuProcessUpdateCPU),
src/conf/domain_conf.c (virDomainDefFormat without VIR_DOMAIN_DEF_FORMAT_INACTIVE). What a limit is that nobody has set:
docs/formatdomain.rst (CPU Tuning), and the kernel's Documentation/scheduler/sched-bwc.rst.
"""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.base.provenance import Path
from vmspec.model.block import Block, content
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet, Duration, Symbol, Value
from vmspec.plan.change import Difference
from vmspec.plan.classes import fits, is_settable
from vmspec.plan.compare import differences, those_among
from vmspec.plan.preserve import keeping
from vmspec.plan.state import Platform


def unexpected(there: Domain, wanted: Domain, version: int, known: Domain | None = None) -> list[Difference]:
    """What keeps a host's domain from being what is wanted. What libvirt is predicted to make of the definition counts as wanted too;
    the prediction is asked only where something differs. `known` is what libvirt made of it last time."""
    # The id is that of a running guest and stands in its live XML alone.
    wanted = keeping(wanted, there, known).but(id=vars(there).get("id"))
    plain = list(differences(there, wanted))
    if not plain:
        return []
    predicted = list(differences(there, keeping(_predicted(wanted, version), there, known).but(id=vars(there).get("id"))))
    # A whole device that only the prediction sees changed is one that libvirt adds, and somebody has removed.
    touched = those_among(plain, predicted)
    return [each for each in plain if each.path in touched]


def seen(was: Domain, wanted: Domain) -> list[Difference]:
    """What a guest that is defined as it was would see of another definition: what libvirt makes of both by itself is no difference, and
    neither is what only the host sees, names of devices and our own metadata."""
    found = differences(_predicted(was, 0), _predicted(wanted, 0))
    told = (each for each in found if not (_says_nothing(each.before) and _says_nothing(each.after)))
    return [each for each in told if each.path[0] != "origin" and each.path[-1] not in ("alias", "declared", "fallback")]


def _says_nothing(value: object) -> bool:
    """Nothing, or an empty element."""
    return value is None or (isinstance(value, Block) and not content(value))


def _predicted(wanted: Domain, version: int) -> Domain:
    from vmspec.normal.predict import predict
    from vmspec.normal.target import Target

    if not version:
        return predict(wanted)
    return predict(wanted, Target(libvirt=(version // 1_000_000, version // 1000 % 1000, version % 1000)))


def unexpected_live(running: Domain, wanted: Domain, platform: Platform) -> list[Difference]:
    """The same of a running guest's XML, which says much in other words and in addition."""
    found = unexpected(_with_most(running), _with_most(wanted), platform.version)
    return [each for each in found if not live_noise(each, wanted) and not _goes_without_saying(each, wanted, platform)]


def _with_most(domain: Domain) -> Domain:
    """The most vCPUs, also where it is as many as there are now and goes without saying."""
    cpu = domain.cpu
    return domain if cpu is None or cpu.max is not None else domain.but(cpu=cpu.but(max=cpu.count))


NOISE: tuple[str, ...] = (
    "type", "origin.source", "firmware.type", "firmware.enrolled-keys", "firmware.secure-boot",
    "vcpu.*.online", "vcpu.*.hotpluggable", "vcpu.*.order",
    "cpu.mode", "cpu.match", "cpu.check", "cpu.model", "cpu.fallback", "cpu.vendor", "cpu.vendor-id", "cpu.features.**", "cpu.migratable",
    "cpu.maxphysaddr.**",
    "interface.*.target", "interface.*.mac-type", "interface.*.mac-check", "interface.*.backend.**",
    "serial.*.source.**", "console.*.source.**", "channel.*.source.**", "parallel.*.source.**", "serial.*.tty", "console.*.tty",
    "graphics.*.port", "graphics.*.tls-port", "graphics.*.websocket",
    "disk.*.backing-store.**", "disk.*.source.index", "disk.*.mirror", "disk.*.mirror.**",
    "seclabel.**", "emulator-path", "memory.allocation-threads", "channel.*.state", "tpm.*.**",
)  # fmt: skip
"""What a running guest's XML says in other words or in addition, whatever the definition says."""
_NOISE = tuple(tuple(pattern.split(".")) for pattern in NOISE)


PERIODS: tuple[Path, ...] = (("cpu", "period"), ("cpu", "global-period"), ("emulator", "period"), ("iothread-limit", "period"))
QUOTAS: tuple[Path, ...] = (("cpu", "quota"), ("cpu", "global-quota"), ("emulator", "quota"), ("iothread-limit", "quota"))
UNSAID: Mapping[Path, Value] = {**dict.fromkeys(PERIODS, Duration(100_000_000)), **dict.fromkeys(QUOTAS, Symbol("unlimited"))}
"""What a limit is that is not set, by the kernel's own measure. A running guest from which it has been taken away says it in its XML."""


def floating(domain: Domain, cpus: int) -> CpuSet:
    """The host CPUs of a thread that is pinned nowhere: the domain's `cpuset`, else all `cpus` of the host."""
    own = None if domain.cpu is None else domain.cpu.cpuset
    return own if own is not None else CpuSet.of(range(cpus))


def _goes_without_saying(each: Difference, wanted: Domain, platform: Platform) -> bool:
    """Whether a running guest says what nothing means where the definition says nothing."""
    if each.after is not None:
        return False
    match each.path, each.before:
        case ("vcpu" | "iothread", _, "pin") | ("emulator", "pin"), CpuSet() as cpus:
            return cpus & floating(wanted, platform.cpus) == floating(wanted, platform.cpus)
        case ("interface", _, "link"), state:
            return state == "up"
        case path, value:
            return path in UNSAID and value == UNSAID[path]


def live_noise(each: Difference, wanted: Domain) -> bool:
    """Whether a difference from the live XML means nothing."""
    if any(fits(pattern, each.path) for pattern in _NOISE):
        return True
    if each.after is None and not isinstance(each.before, Block):
        # What the running guest has in addition counts only where somebody can have set it on the running guest.
        return not is_settable(each.path, wanted)
    if each.path[0] == "disk" and each.path[2:] == ("source", "format"):
        # A drive without a medium has no format, once libvirt has looked into it (qemuProcessRefreshDisks).
        return each.before is None
    # Nobody gives a running device another name, but libvirt: one that it adds by itself is named anew when a guest comes back from a saved
    # state or from another host (virDomainDefAddImplicitDevices and qemuAssignDeviceAliases on the XML that came with it).
    return each.path[-1] == "alias"
