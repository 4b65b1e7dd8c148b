"""Compares two settings: by strength, then by layer (language.md, inheritance rule 2)."""

from __future__ import annotations

from vmspec.base.provenance import Path
from vmspec.lower.fleet import Vm

STRENGTHS = {"weak": 0, "plain": 1, "final": 2}


def rank(vm: Vm, path: Path) -> tuple[int, int, int]:
    """(strength, layer, place among the profiles): greater is stronger, equal is a tie. Layers: model, profiles, vm, env, policy."""
    trail = vm.trails.get(path)
    if not trail:
        return (-1, 0, 0)
    step = trail[-1]
    kind, _, name = step.origin.partition(" ")
    layer = {"profile": 1, "vm": 2, "env": 3, "policy": 4}.get(kind, 0)
    place = vm.profiles.index(name) if layer == 1 and name in vm.profiles else 0
    return (STRENGTHS.get(step.strength, 1), layer, place)
