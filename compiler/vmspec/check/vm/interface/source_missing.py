"""An interface that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import BridgeSource, DirectSource, NetworkSource, VdpaSource, VhostUserSource


@rule(4406, "interface-source-missing", phase=Phase.DEFINE)
def source_missing(interface: Interface) -> Iterator[Finding]:
    """
    What: An interface has no source, or its bridge, network or card has no name.
    Why: libvirt 9.0.0 refuses it at define (virDomainNetDefParseXML and virDomainNetDefParseXMLRequireSource, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { model = virtio }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { model = virtio; source = bridge("br0") }
        }
    """
    source = interface.source
    if source is None and "@type" in interface.raw:
        return  # of a kind that nobody knows (4950)
    if source is None:
        yield Finding(
            ("interface", interface.label),
            f"interface {interface.label} has no source",
            help='write source = bridge("br0"), network("default") or user()',
        )
        return
    missing = (
        (isinstance(source, BridgeSource) and not source.bridge)
        or (isinstance(source, NetworkSource) and not source.network)
        or (isinstance(source, (DirectSource, VdpaSource)) and not source.dev)
        or (isinstance(source, VhostUserSource) and not source.path)
    )
    if missing:
        yield Finding(("interface", interface.label, "source"), f"{source.tag}() needs the name of what it leads to")
