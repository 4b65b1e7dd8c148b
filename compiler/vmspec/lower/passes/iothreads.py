"""Declares the I/O threads that are named by `iothread N { }`, a disk or a controller."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived, labelled
from vmspec.model.threads import IoThread

COUNTED = "as many as are named"
NAMED = "a device is served by it"


def expand(vm: Vm, context: Context) -> PassResult:
    threads = {int(thread.label): thread for thread in vm.spec.iothread}
    trails: dict[Path, Provenance] = {}
    for number, path in users(vm):
        if number and number not in threads and number > (vm.spec.iothreads or 0):
            threads[number] = labelled(IoThread, str(number), declared=True)
            trails["iothread", str(number)] = trails["iothread", str(number), "declared"] = derived(vm, NAMED, path)
    if not threads:
        return NOTHING
    features: dict[str, object] = {}
    if vm.spec.iothreads is None:
        features["iothreads"] = len(threads)
        trails["iothreads",] = derived(vm, COUNTED, *(("iothread", str(n)) for n in sorted(threads)))
    features["iothread"] = tuple(threads[n] for n in sorted(threads))
    return PassResult(features, trails)


def users(vm: Vm) -> Iterator[tuple[int, Path]]:
    """The I/O threads that devices name, and where."""
    for disk in vm.spec.disk:
        if disk.iothread is not None:
            yield disk.iothread, ("disk", disk.label, "iothread")
    for controller in vm.spec.controller:
        if controller.iothread is not None:
            yield controller.iothread, ("controller", controller.label, "iothread")
