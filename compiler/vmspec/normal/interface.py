"""Network interfaces: model, mode, and names that only a running guest has."""

from __future__ import annotations

from typing import Any

from vmspec.model.devices.interface import KNOWN_MODELS, Interface
from vmspec.model.devices.network import (
    BridgeSource,
    DirectSource,
    EthernetSource,
    HostdevPort,
    NetworkSource,
    UserSource,
    VdpaSource,
)
from vmspec.model.domain import Domain
from vmspec.model.machine import ARM, arch, is_arm_virt, is_riscv_virt, is_s390, machine
from vmspec.model.value import Symbol
from vmspec.normal.edit import filled, on_each, without
from vmspec.normal.target import Target

_GENERATED = ("vnet", "macvtap", "macvlan")
_VIRTIO = ("virtio", "virtio-transitional", "virtio-non-transitional")
_KNOWN = {model.lower(): model for model in KNOWN_MODELS}
"""Models that libvirt knows, in any case (virDomainNetSetModelString, VIR_ENUM_IMPL of virDomainNetModel, src/conf/domain_conf.c 9.0.0)."""
_DRIVER = ("driver", "queues", "rx_queue_size", "tx_queue_size", "txmode", "ioeventfd", "event_idx", "rss", "rss_hash_report",
           "host_offload", "guest_offload", "iommu", "ats", "packed", "page_per_vq")  # fmt: skip


def parsed(vm: Domain, target: Target) -> Domain:
    """Type user; macvtap in mode vepa; generated names and what only a running guest has are dropped
    (virDomainNetDefParseXML, src/conf/domain_conf.c 9.0.0)."""
    return on_each(vm, "interface", _parsed)


def _parsed(net: Interface) -> Interface:
    source: Any = net.source if net.source is not None else UserSource()
    if isinstance(source, DirectSource):
        source = without(filled(source, mode=Symbol("vepa")), "network", "portgroup", "portid")
    elif isinstance(source, NetworkSource):
        source = without(source, "portid", "bridge", "mac_table_manager")
    elif isinstance(source, BridgeSource):
        source = without(source, "network", "portgroup", "portid", "mac_table_manager")
    elif isinstance(source, HostdevPort) and source.managed is False:
        source = without(source, "managed")
    if isinstance(source, HostdevPort):
        source = without(source, "missing")
    net = without(net.but(source=source), "guest_actual", "mac_current")
    if not isinstance(source, (NetworkSource, BridgeSource, EthernetSource)):
        net = without(net, "filterref")
    if net.model is not None:
        net = net.but(model=Symbol(_KNOWN.get(net.model.lower(), net.model)))
    if net.model not in _VIRTIO or isinstance(source, HostdevPort):
        net = _undriven(net)
    if net.ip:
        net = net.but(ip=tuple(filled(each, family=Symbol("ipv6" if ":" in (each.address or "") else "ipv4")) for each in net.ip))
    if net.coalesce is not None and not net.coalesce.rx_frames:
        net = without(net, "coalesce")
    if net.queues == 1:
        net = without(net, "queues")
    if net.target is not None and net.target.startswith(_GENERATED) and net.target_managed is not False:
        net = without(net, "target")
    return net


def _undriven(net: Interface) -> Interface:
    """No driver but for a card that is said to be virtio; a host device has one that binds it (virDomainNetDefParseXMLDriver)."""
    net = net.but(backend=without(net.backend, "vhost")) if net.backend is not None else net
    return without(net, *(name for name in _DRIVER if not (name == "driver" and isinstance(net.source, HostdevPort))))


def completed(vm: Domain, target: Target) -> Domain:
    """The model where none is said (qemuDomainDeviceNetDefPostParse, src/qemu/qemu_domain.c 9.0.0)."""
    default = _model(vm, target)

    def complete(net: Interface) -> Interface:
        if isinstance(net.source, VdpaSource):
            net = filled(net, model=Symbol("virtio"))
        elif not isinstance(net.source, HostdevPort):
            net = filled(net, model=Symbol(default))
        return net

    return on_each(vm, "interface", complete)


def _model(vm: Domain, target: Target) -> str:
    """qemuDomainDefaultNetModel, src/qemu/qemu_domain.c 9.0.0."""
    if is_s390(vm) or is_arm_virt(vm) or is_riscv_virt(vm):
        return "virtio"
    if arch(vm) in ARM:
        return "scm91c111" if machine(vm) == "versatilepb" else "lan9118"
    if target.has("rtl8139"):
        return "rtl8139"
    if target.has("e1000"):
        return "e1000"
    return "virtio" if target.has("virtio-net") else "rtl8139"
