"""Sets the current memory, and adds or refuses a balloon device."""

from __future__ import annotations

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.lower.passes.memo import reading
from vmspec.model.devices.memory_balloon import MemoryBalloon
from vmspec.model.value import Symbol

WHOLE = "without a balloon target the guest has all of its memory"
BALLOON = "libvirt adds a balloon to every guest; it is written out"


@reading("memory")
def expand(vm: Vm, context: Context) -> PassResult:
    memory = vm.spec.memory
    if memory is None or memory.size is None:
        return NOTHING
    trails: dict[Path, Provenance] = {}
    changed: dict[str, object] = {}
    if memory.current is None:
        changed["current"] = memory.size
        trails["memory", "current"] = derived(vm, WHOLE, ("memory", "size"))
    if memory.balloon is None or memory.balloon.model is None:
        changed["balloon"] = (memory.balloon or MemoryBalloon()).but(model=Symbol("virtio"))
        trails["memory", "balloon", "model"] = derived(vm, BALLOON)
    return PassResult({"memory": memory.but(**changed)}, trails) if changed else NOTHING
