"""Writes our metadata into a definition: project, profiles, layout. There is no time in it, so equal sources give equal text."""

from __future__ import annotations

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import Context, PassResult, derived
from vmspec.model.domain import UNHASHED, Origin

WHY = "so that a later plan knows what is ours"


def expand(vm: Vm, context: Context) -> PassResult:
    held: dict[str, object] = {
        "project": context.project,
        "uuid": vm.spec.uuid,
        "source": UNHASHED,
        "layout": context.lock.version,
    }
    if vm.profiles:
        held["profiles"] = vm.profiles
    trails: dict[Path, Provenance] = {("origin", name): derived(vm, WHY) for name in held}
    return PassResult({"origin": Origin(**held)}, trails)  # type: ignore[arg-type]
