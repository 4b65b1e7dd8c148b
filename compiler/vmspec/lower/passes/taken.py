"""Reports an address that is written for a device but reserved for another."""

from __future__ import annotations

from collections.abc import Sequence

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


def no_place_left(vm: Vm, what: str, homeless: Sequence[tuple[str, Path]], why: str = "") -> tuple[Diagnostic, ...]:
    """One for all devices of a guest that find no place of a kind, at the first of them."""
    if not homeless:
        return ()
    (first, path), count = homeless[0], len(homeless)
    whom = first if count == 1 else f"{count:,} devices, the first of which is {first}"
    because = f": {why}" if why else ""
    return (Diagnostic(codes.NO_PLACE, f'"{vm.name}" has no {what} left for {whom}{because}', vm.where(path), about=vm.name),)


def _named(path: Path) -> str:
    return " ".join(path)
