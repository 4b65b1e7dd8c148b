"""The machine as a whole: architecture, machine type, emulator, firmware, boot order."""

from __future__ import annotations

from vmspec.model.boot import Boot, Nvram
from vmspec.model.devices.device import Boot as Bootable
from vmspec.model.domain import Domain
from vmspec.model.machine import USUAL
from vmspec.model.value import Symbol
from vmspec.model.walk import device_kinds, has_boot_order
from vmspec.normal.edit import filled, made, on_each, without
from vmspec.normal.target import Target


def identity(vm: Domain, target: Target) -> Domain:
    """libvirt's number of a running guest is not configuration (virDomainDefParseIDs, src/conf/domain_conf.c 9.0.0); the host's
    architecture stands in for none (virDomainDefParseCaps), and the emulator is that of the architecture (qemuDomainDefPostParseBasic)."""
    vm = filled(without(vm, "id"), arch=Symbol(target.host_arch), type=Symbol("kvm"))
    return filled(vm, emulator_path=target.emulators.get(str(vm.arch)))


def machine_type(vm: Domain, target: Target) -> Domain:
    """A machine type is chosen where none is said (qemuDomainDefPostParse, src/qemu/qemu_domain.c 9.0.0)."""
    return filled(vm, machine=Symbol(target.preferred or USUAL.get(str(vm.arch), "none")))


def canonical_machine(vm: Domain, target: Target) -> Domain:
    """An alias becomes the versioned type (qemuCanonicalizeMachine, src/qemu/qemu_domain.c 9.0.0)."""
    name = target.aliases.get(str(vm.machine))
    return vm if name is None else vm.but(machine=Symbol(name))


def firmware(vm: Domain, target: Target) -> Domain:
    """Types of the loader and of the variables (virDomainDefPostParseOs, src/conf/domain_postparse.c; qemuDomainDefPostParse,
    src/qemu/qemu_domain.c; virDomainLoaderDefParseXMLNvram, src/conf/domain_conf.c 9.0.0)."""
    own = vm.firmware
    if own is None:
        return vm
    if own.enrolled_keys:
        own = own.but(secure_boot=True)
    if own.loader is not None:
        old_style = own.type is None and own.loader_type == "pflash" and own.loader_readonly
        if old_style and own.stateless is not True and (own.nvram is None or (own.nvram.path is None and own.nvram.source is None)):
            own = own.but(nvram=made(own.nvram, Nvram, path=f"{target.nvram_dir}/{vm.name}_VARS.fd"))
        own = filled(own, loader_type=Symbol("rom"))
    return vm.but(firmware=own)


def boot_menu(vm: Domain, target: Target) -> Domain:
    """A menu that is not shown has no time (virDomainDefParseBootXML, src/conf/domain_conf.c 9.0.0)."""
    return vm if vm.boot is None or vm.boot.menu else vm.but(boot=without(vm.boot, "menu_timeout"))


def load_parameters(vm: Domain, target: Target) -> Domain:
    """In capitals (virDomainDeviceLoadparmIsValid and virStringToUpper, virDomainDeviceBootParseXML, src/conf/domain_conf.c 9.0.0)."""
    for kind in device_kinds(Bootable):
        vm = on_each(vm, kind, lambda own: own.but(boot_loadparm=own.boot_loadparm.upper()) if own.boot_loadparm else own)
    return vm


def boot_order(vm: Domain, target: Target) -> Domain:
    """A hard disk is booted where nothing else is said (virDomainDefBootOrderPostParse, src/conf/domain_postparse.c 9.0.0)."""
    if vm.os_type not in (None, "hvm"):
        return vm
    if (vm.boot is not None and vm.boot.devices) or has_boot_order(vm):
        return vm
    return vm.but(boot=made(vm.boot, Boot, devices=(Symbol("hd"),)))
