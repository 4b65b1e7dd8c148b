"""Numbers and words that libvirt writes in another spelling than the model's own."""

from __future__ import annotations

from typing import TypeVar

from vmspec.model.block import Block
from vmspec.model.devices.filesystem import Filesystem
from vmspec.model.devices.redirfilter import Redirfilter, UsbFilter
from vmspec.model.devices.shmem import Shmem
from vmspec.model.domain import Domain
from vmspec.model.value import Symbol
from vmspec.normal.edit import on_each, without
from vmspec.normal.target import Target

B = TypeVar("B", bound=Block)

_SHIFT = 20


def write(vm: Domain, target: Target) -> Domain:
    """virDomainShmemDefFormat, virDomainRedirFilterDefFormat, virDomainFSDefFormat, src/conf/domain_conf.c 9.0.0."""
    vm = on_each(vm, "shmem", _shmem)
    vm = on_each(vm, "filesystem", _filesystem)
    if vm.redirfilter is not None:
        rules = tuple(_rule(rule) for rule in vm.redirfilter.rules)
        vm = vm.but(redirfilter=Redirfilter(**{**vars(vm.redirfilter), "rules": rules}) if rules else None)
    return vm


def _shmem(own: Shmem) -> Shmem:
    """Whole MiB, by their letter."""
    return own if own.size is None else _with(own, {"size": str(own.size >> _SHIFT), "size.unit": "M"})


def _filesystem(own: Filesystem) -> Filesystem:
    """Modes have four digits."""
    modes = {name: Symbol(f"{int(mode, 8):04o}") for name in ("fmode", "dmode") if (mode := getattr(own, name)) is not None}
    return own.but(**modes) if modes else own


def _rule(own: UsbFilter) -> UsbFilter:
    """Hexadecimal in capitals; what fits all is left out; a version has two digits after its point."""
    own = without(own, *(name for name in ("class_", "vendor", "product", "version") if getattr(own, name) in (-1, "-1")))
    numbers = (("class_", 2), ("vendor", 4), ("product", 4))
    spelled = {name: f"0x{number:0{digits}X}" for name, digits in numbers if (number := getattr(own, name)) is not None}
    if own.version is not None:
        major, _, minor = own.version.partition(".")
        own = own.but(version=Symbol(f"{int(major)}.{minor.ljust(2, '0')}"))
    return _with(own, spelled)


def _with(own: B, spelled: dict[str, str]) -> B:
    return own.but(spelling={**own.spelling, **spelled})
