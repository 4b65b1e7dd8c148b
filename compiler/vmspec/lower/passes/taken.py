"""Reports an address that is written for a device but reserved for another."""

from __future__ import annotations

from vmspec.base.diagnostic import Diagnostic, Label
from vmspec.base.provenance import Path
from vmspec.lower import codes
from vmspec.lower.fleet import Vm


def place_taken(vm: Vm, what: str, by: Path, of: Path) -> Diagnostic:
    """`what` is the place, as people call it; `by` is the device that is written there, `of` the one that the lock has there."""
    return Diagnostic(
        codes.PLACE_TAKEN,
        f'{_named(by)} of "{vm.name}" takes {what}, which {_named(of)} has in the guest',
        vm.where((*by, "address")),
        labels=(Label(vm.where(of), "the lock keeps it for this one"),),
        help=f"write another place, or let the guest be laid out anew: vmc lock renew {vm.name}",
    )


def _named(path: Path) -> str:
    return " ".join(path)
