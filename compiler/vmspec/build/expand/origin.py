"""Our metadata in the definition: whose it is, from which profiles, by which layout. Without a time: the same source is the same text."""

from __future__ import annotations

from vmspec.base.provenance import Path, Trail
from vmspec.build.expand.change import Change, Context, derived
from vmspec.build.fleet import Vm
from vmspec.model.domain import UNHASHED, Origin

WHY = "so that a later plan knows what is ours"


def expand(vm: Vm, context: Context) -> Change:
    held: dict[str, object] = {
        "project": context.project,
        "uuid": vm.spec.uuid,
        "source": UNHASHED,
        "layout": context.lock.version,
    }
    if vm.profiles:
        held["profiles"] = vm.profiles
    trails: dict[Path, Trail] = {("origin", name): derived(vm, WHY) for name in held}
    return Change({"origin": Origin(**held)}, trails)  # type: ignore[arg-type]
