"""A vhost-user port without a virtio card."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.interfaces import is_virtio
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import VhostUserSource


@rule(4421, "interface-vhostuser-model", phase=Phase.DEFINE)
def vhostuser_model(interface: Interface) -> Iterator[Finding]:
    """
    What: A vhost-user interface has another model than virtio, or its server reconnects.
    Why: vhost-user speaks virtio; libvirt 9.0.0 refuses other models, and `reconnect` with `mode = server`, at define
    (virDomainNetDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Wrong or no <model> 'type' attribute specified with <interface
    type='vhostuser'/>. vhostuser requires the virtio-net* frontend.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          interface eth0 { source = vhostuser("/run/a.sock", mode = server); model = e1000e }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          interface eth0 { source = vhostuser("/run/a.sock", mode = server); model = virtio }
        }
    """
    source = interface.source
    if not isinstance(source, VhostUserSource):
        return
    if not is_virtio(interface):
        yield Finding(
            ("interface", interface.label, "model"),
            f"a vhost-user port needs model = virtio, not {interface.model or 'rtl8139'}",
            instead="virtio",
        )
    if source.mode == "server" and source.reconnect is not None and source.reconnect.enabled:
        yield Finding(("interface", interface.label, "source", "reconnect"), "a server waits to be called and does not reconnect")
