"""A menu that waits too long."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import show_quantity


@rule(4610, "menu-timeout", phase=Phase.DEFINE)
def menu_timeout(vm: Domain) -> Iterator[Finding]:
    """
    What: `boot.menu-timeout` is above 65535 ms with the menu on.
    Why: libvirt 9.0.0 refuses it at define ("invalid value for boot menu timeout, must be in range [0,65535]", virDomainDefBootValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          boot { devices = [hd]; menu = true; menu-timeout = 70s }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          boot { devices = [hd]; menu = true; menu-timeout = 3s }
        }
    """
    boot = vm.boot
    if boot is not None and boot.menu and boot.menu_timeout and boot.menu_timeout > 65_535_000_000:
        yield Finding(("boot", "menu-timeout"), f"menu-timeout {show_quantity(boot.menu_timeout)} is above 65.535 s", instead="65s")
