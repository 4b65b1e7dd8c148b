"""Sets UUID and MAC addresses, from names or from the lock (after a rename or an import)."""

from __future__ import annotations

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.identity import vm_uuid
from vmspec.lower.passes.change import Context, PassResult, derived
from vmspec.model.devices.kinds import UUID as UUID_KIND
from vmspec.model.kind import Text

UUID = "version 5 of the VM's name in the project's namespace"
KEPT = "the identity that the guest had before"
MAC = "from the UUID and the interface's label"


SMBIOS = "the UUID that the guest reads of its firmware"


def uuid_of(vm: Vm, context: Context) -> str:
    return vm.spec.uuid or context.lock.uuid or _of_sysinfo(vm) or vm_uuid(context.project, vm.name)


def _of_sysinfo(vm: Vm) -> str | None:
    """libvirt refuses two that differ, and takes this one where no other is said (virSysinfoSystemParseXML, src/conf/domain_conf.c
    9.0.0)."""
    system = vm.spec.sysinfo.system if vm.spec.sysinfo is not None else None
    read = UUID_KIND.from_xml(Text(str(system.get("uuid", "")))) if system else None
    return None if read is None else str(read)


def expand(vm: Vm, context: Context) -> PassResult:
    features: dict[str, object] = {}
    trails: dict[Path, Provenance] = {}
    if vm.spec.uuid is None:
        features["uuid"] = uuid_of(vm, context)
        trails["uuid",] = _uuid_trail(vm, context)
    if vm.spec.name is None:
        features["name"] = vm.name
    if any(card.mac is None for card in vm.spec.interface):
        features["interface"] = tuple(
            card if card.mac is not None else card.but(mac=context.macs[card.label]) for card in vm.spec.interface
        )
        for card in vm.spec.interface:
            if card.mac is None:
                trails["interface", card.label, "mac"] = _mac_trail(vm, card.label, card.label in context.lock.mac)
    return PassResult(features, trails)


def _uuid_trail(vm: Vm, context: Context) -> Provenance:
    if context.lock.uuid is not None:
        return derived(vm, KEPT, origin="lock")
    return derived(vm, UUID) if _of_sysinfo(vm) is None else derived(vm, SMBIOS, ("sysinfo", "system", "uuid"))


def _mac_trail(vm: Vm, label: str, kept: bool) -> Provenance:
    card = ("interface", label)
    return derived(vm, KEPT, card, origin="lock") if kept else derived(vm, MAC, card, ("uuid",))
