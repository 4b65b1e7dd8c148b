"""A card that this QEMU may not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.suggest import likeliest, question
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface

_KNOWN = (
    "virtio", "virtio-transitional", "virtio-non-transitional", "virtio-net-pci", "virtio-net-pci-transitional",
    "virtio-net-pci-non-transitional", "virtio-net-device", "virtio-net-ccw", "e1000", "e1000e", "e1000-82544gc", "e1000-82545em", "igb",
    "rtl8139", "pcnet", "ne2k_pci", "ne2k_isa", "vmxnet3", "usb-net", "lan9118", "smc91c111", "spapr-vlan", "sungem", "tulip", "netfront",
    "i82550", "i82551", "i82557a", "i82557b", "i82557c", "i82558a", "i82558b", "i82559a", "i82559b", "i82559c", "i82559er", "i82562",
    "i82801",
)  # fmt: skip


@rule(4424, "interface-unknown-model", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def unknown_model(interface: Interface) -> Iterator[Finding]:
    """
    What: `model` is not among the cards of QEMU for x86 guests.
    Why: libvirt passes any model on at define (virDomainNetDefParseXML keeps it as text, src/conf/domain_conf.c 9.0.0); QEMU refuses
    unknown ones at start.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); model = virtoi }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); model = virtio }
        }
    """
    if interface.model and interface.model not in _KNOWN:
        close = likeliest(interface.model, _KNOWN)
        yield Finding(
            ("interface", interface.label, "model"),
            f"{interface.model} is no network card of QEMU",
            help=question(close) if close else None,
            instead=close,
        )
