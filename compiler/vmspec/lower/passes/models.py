"""Chooses the CPU model of a guest that is to migrate and names none: one that all its hosts support."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vmspec.base.provenance import Path
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.model.cpu_map import baseline, vendor_of
from vmspec.model.host import Host
from vmspec.model.machine import arch, is_x86
from vmspec.model.value import Symbol

BY_VENDOR = {"intel": "Westmere", "amd": "EPYC", "": "Westmere"}
"""Where no host says its model. AMD's older ones have features that EPYC lacks again (fma4, xop)."""
MODEL: Path = ("cpu", "model")
COMMON = "the newest model that all hosts of the program have which the guest can move to"
GENERAL = "no host says its cpu-model: a model that every one of its maker has"


def expand(vm: Vm, context: Context) -> PassResult:
    cpu = vm.spec.cpu
    migrates = vm.spec.migration is not None and vm.spec.migration.allowed
    built_for = arch(vm.spec)
    if cpu is None or cpu.model is not None or cpu.mode != "custom" or not migrates or not is_x86(vm.spec):
        return NOTHING
    own = context.host
    only = len(context.models) == 1
    maker = _maker(own) if own is not None else next((m for a, m in context.models if only and a == built_for), "")
    common = context.models.get((built_for, maker))
    model = common or BY_VENDOR.get(maker, BY_VENDOR[""])
    trail = derived(vm, COMMON if common is not None else GENERAL, ("cpu", "mode"), ("migration", "allowed"))
    return PassResult({"cpu": cpu.but(model=Symbol(model))}, {MODEL: trail})


def common_models(hosts: Iterable[Host]) -> Mapping[tuple[str, str], str]:
    """By architecture and maker; nothing where a host of these says no model, or one that is not known."""
    pools: dict[tuple[str, str], list[str | None]] = {}
    for host in hosts:
        pools.setdefault((str(host.arch or "x86_64"), _maker(host)), []).append(host.cpu_model)
    found = {key: baseline([name for name in names if name]) for key, names in pools.items() if all(names)}
    return {key: model for key, model in found.items() if model is not None}


def _maker(host: Host) -> str:
    if host.vendor is not None:
        return str(host.vendor)
    return (vendor_of(host.cpu_model) if host.cpu_model is not None else None) or ""
