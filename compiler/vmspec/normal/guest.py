"""The controllers of a guest that others are placed by."""

from __future__ import annotations

from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain


def controller(vm: Domain, kind: str, index: int) -> Controller | None:
    return next((c for c in vm.controller if c.type == kind and c.index == index), None)


def has_pci_root(vm: Domain) -> bool:
    return getattr(controller(vm, "pci", 0), "model", None) == "pci-root"


def has_pcie_root(vm: Domain) -> bool:
    return getattr(controller(vm, "pci", 0), "model", None) == "pcie-root"
