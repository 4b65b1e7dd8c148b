"""Virtual functions that a network of libvirt deals out, and the cards of the host that they are of."""

from __future__ import annotations

from vmspec.check.queries.hostdevs import pci_address
from vmspec.lower.fleet import Fleet, Vm
from vmspec.model.kinds import ObjectKind
from vmspec.model.network import Forward, Network


def pool_of(name: str, vm: Vm, fleet: Fleet) -> tuple[str, ...] | None:
    """What a network of the program deals out to a guest: the name of its card, or the addresses of functions; None for other networks."""
    forward = forward_of(name, vm, fleet)
    if forward is None or forward.mode != "hostdev":
        return None
    return (forward.pf,) if forward.pf else tuple(pci_address(a) for a in forward.address)


def forward_of(name: str, vm: Vm, fleet: Fleet) -> Forward | None:
    """How the network that a guest uses by this name forwards, where the program declares it for the guest's host."""
    spec = next((n.spec for n in fleet.of(ObjectKind.NETWORK) if n.name == name and n.host in (None, vm.host)), None)
    return spec.forward if isinstance(spec, Network) else None
