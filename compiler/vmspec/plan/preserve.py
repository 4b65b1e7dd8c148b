"""What is the host's in a definition and stays there: what libvirt chose where the source says nothing, and what others have written."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.base.record import replace
from vmspec.model.block import Many, schema
from vmspec.model.boot import Firmware, Nvram
from vmspec.model.devices.interface import Interface
from vmspec.model.domain import Domain
from vmspec.model.features import Features
from vmspec.model.value import Value
from vmspec.plan.compare import pairs
from vmspec.plan.state import Actual, Desired, Platform


def keeping(wanted: Domain, there: Domain, known: Domain | None = None) -> Domain:
    """With the emulator, the file of the firmware's variables and the metadata of others. `known` is what libvirt made of it at our last
    deploy: a choice of that time stands against what somebody has put in its place."""
    chosen = there if known is None else known
    kept: dict[str, Value | Mapping[str, str] | None] = {}
    if wanted.emulator_path is None and chosen.emulator_path is not None:
        kept["emulator_path"] = chosen.emulator_path
    path = nvram_path(chosen) or nvram_path(there)
    placed = wanted.firmware if path is None or nvram_path(wanted) is not None else _with_nvram(wanted.firmware, path)
    firmware = _as_chosen(placed, there.firmware)
    if firmware is not wanted.firmware:
        kept["firmware"] = firmware
    smm = None if there.features is None else there.features.smm
    if firmware is not placed and firmware is not None and firmware.loader_secure and smm is not None:
        features = wanted.features or Features()
        kept["features"] = features.but(smm=features.smm or smm)
    foreign = there.raw.get("metadata")
    if foreign is not None and "metadata" not in wanted.raw:
        kept["raw"] = {**wanted.raw, "metadata": foreign}
    return wanted.but(**kept) if kept else wanted


CHOSEN = ("type", "enrolled_keys", "secure_boot", "loader", "loader_readonly", "loader_secure", "loader_type", "loader_format")
CHOSEN_FILES = ("template", "template_format", "own_format")


def _as_chosen(wanted: Firmware | None, there: Firmware | None) -> Firmware | None:
    """With what libvirt chose of the host's firmware descriptors, where nothing else is wanted: since 9.2.0 it stands in the definition
    (qemuFirmwareFillDomain, src/qemu/qemu_firmware.c)."""
    if wanted is None or there is None or (wanted.type is None and wanted.loader is None):
        return wanted
    own, theirs = vars(wanted), vars(there)
    if any(own.get(name) is not None and own[name] != theirs.get(name) for name in CHOSEN):
        return wanted
    chosen = wanted.but(**{name: theirs[name] for name in CHOSEN if own.get(name) is None and theirs.get(name) is not None})
    if wanted.nvram is None or there.nvram is None:
        return chosen
    files = {name: value for name, value in vars(there.nvram).items() if name in CHOSEN_FILES and vars(wanted.nvram).get(name) is None}
    return chosen.but(nvram=wanted.nvram.but(**files))


def kept(wanted: Desired, there: Domain, known: Domain | None) -> Desired:
    """The same of a VM that is to be defined."""
    domain = keeping(wanted.domain, there, known)
    return wanted if domain is wanted.domain else replace(wanted, domain=domain)


def keeping_identity(wanted: Desired, there: Actual) -> Desired:
    """With the UUID and MACs of the host where the source says none."""
    domain = wanted.domain
    own = domain.but(uuid=there.uuid, interface=_interfaces(domain, there.domain))
    return wanted if own == domain else replace(wanted, uuid=there.uuid, domain=own)


def keeping_variables(wanted: Desired, there: Actual, platform: Platform) -> Desired | None:
    """Of a VM that gets another name, with the file that libvirt named after the old one; None where nobody knows where that is.

    libvirt 9.0.0 renames no such file, and makes a new one under the new name (qemuDomainRenameCallback, src/qemu/qemu_driver.c;
    qemuDomainNVRAMPathFormat, src/qemu/qemu_domain.c).
    """
    if not _has_variables(there.domain) or nvram_path(wanted.domain) is not None:
        return wanted
    default = None if platform.variables is None else f"{platform.variables}/{there.name}_VARS.fd"
    path = nvram_path(there.domain) or default
    if path is None:
        return None
    return replace(wanted, domain=with_variables(wanted.domain, path))


def with_passwords(domain: Domain, passwords: Mapping[str, str]) -> Domain:
    """A definition whose displays that say no password have these, by their type."""
    graphics = tuple(each.but(passwd=passwords.get(str(each.type)) if each.passwd is None else each.passwd) for each in domain.graphics)
    return domain if graphics == domain.graphics else domain.but(graphics=graphics)


def with_variables(domain: Domain, path: str) -> Domain:
    """A definition that says where the variables of its firmware are."""
    return domain.but(firmware=_with_nvram(domain.firmware, path))


def without_emulator(domain: Domain) -> Domain:
    """A definition whose emulator another host's libvirt chooses."""
    return domain.but(emulator_path=None)


def nvram_path(domain: Domain) -> str | None:
    nvram = None if domain.firmware is None else domain.firmware.nvram
    return None if nvram is None else nvram.path


def _has_variables(domain: Domain) -> bool:
    firmware = domain.firmware
    if firmware is None or firmware.stateless:
        return False
    return firmware.type == "efi" or firmware.loader_type == "pflash"


def _with_nvram(firmware: Firmware | None, path: str) -> Firmware:
    own = firmware or Firmware()
    return own.but(nvram=(own.nvram or Nvram()).but(path=path))


def _interfaces(wanted: Domain, there: Domain) -> tuple[Interface, ...]:
    line = schema(Domain).by_name["interface"].line
    assert isinstance(line, Many)
    if not wanted.interface:
        return ()
    found: list[Interface] = []
    for old, new in pairs(there.interface, wanted.interface, line):
        if isinstance(new, Interface):
            found.append(new.but(mac=old.mac) if isinstance(old, Interface) and new.mac is None else new)
    return tuple(found)
