"""A USB device at an address of another kind."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import misfit
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.input import Input
from vmspec.model.devices.redirdev import Redirdev
from vmspec.model.domain import Domain
from vmspec.model.walk import devices


@rule(4555, "usb-device-address", phase=Phase.DEFINE)
def device_address(vm: Domain) -> Iterator[Finding]:
    """
    What: An input or redirected device on bus usb has an address that is not usb.
    Why: libvirt 9.0.0 refuses it at define (virDomainInputDefParseXML and virDomainRedirdevDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid address for a USB device.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          input { type = tablet; bus = usb; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          input { type = tablet; bus = usb; address = usb(0, "1") }
        }
    """
    for path, device in devices(vm):
        if isinstance(device, (Input, Redirdev)) and device.address is not None and misfit(device):
            yield Finding((*path, "address"), f"a USB device has a usb address, not {device.address.tag}")
