"""What libvirt makes of a definition by itself, so that it is no difference: the one place where the prediction plugs in.

What is added to a running guest's XML: libvirt 9.0.0 src/qemu/qemu_process.c (qemuProcessPrepareDomain, qemuProcessUpdateCPU),
src/conf/domain_conf.c (virDomainDefFormat without VIR_DOMAIN_DEF_FORMAT_INACTIVE).
"""

from __future__ import annotations

from vmspec.base.provenance import Path
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.plan.change import Difference, Effect
from vmspec.plan.classes import classify, fits

CHOSEN = ("emulator_path",)
"""Libvirt's choice where nothing is said."""


def expected(wanted: Domain, there: Domain, version: int) -> Domain:
    """The domain that libvirt will show when `wanted` is defined; `there` is what it shows now."""
    chosen = {name: vars(there)[name] for name in CHOSEN if vars(wanted).get(name) is None and vars(there).get(name) is not None}
    foreign = _foreign_metadata(there)
    if foreign is not None and _foreign_metadata(wanted) is None:
        chosen["raw"] = {**wanted.raw, "metadata": foreign}
    # The id is that of a running guest and stands in its live XML alone.
    return wanted.but(**chosen, id=vars(there).get("id"))


def _foreign_metadata(domain: Domain) -> str | None:
    """What others keep in the definition stays there."""
    return domain.raw.get("metadata")


NOISE: tuple[str, ...] = (
    "type",
    "cpu.mode", "cpu.match", "cpu.check", "cpu.model", "cpu.fallback", "cpu.vendor", "cpu.vendor-id", "cpu.features.**", "cpu.migratable",
    "cpu.maxphysaddr.**",
    "interface.*.target", "interface.*.mac-type", "interface.*.mac-check", "interface.*.backend.**",
    "serial.*.source.**", "console.*.source.**", "channel.*.source.**", "parallel.*.source.**", "serial.*.tty", "console.*.tty",
    "graphics.*.port", "graphics.*.tls-port", "graphics.*.websocket",
    "disk.*.backing-store.**", "disk.*.source.index",
    "seclabel.**", "emulator-path", "memory.allocation-threads", "channel.*.state", "tpm.*.**",
)  # fmt: skip
"""What a running guest's XML says in other words or in addition, whatever the definition says."""
_NOISE = tuple(tuple(pattern.split(".")) for pattern in NOISE)


def live_noise(each: Difference, wanted: Domain) -> bool:
    """Whether a difference from the live XML means nothing."""
    if any(fits(pattern, each.path) for pattern in _NOISE):
        return True
    if each.after is None and not isinstance(each.before, Block):
        # What the running guest has in addition counts only where somebody can have set it on the running guest.
        return classify(each)[0] is not Effect.LIVE
    return each.after is None and _is_alias_only(each.path)


def _is_alias_only(path: Path) -> bool:
    return path[-1] == "alias"
