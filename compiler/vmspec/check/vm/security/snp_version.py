"""Confidential memory that libvirt 9.0 does not know."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4631, "snp-version", phase=Phase.START)
def snp_version(vm: Domain) -> Iterator[Finding]:
    """
    What: `launch-security.type` is sev-snp or tdx.
    Why: libvirt knows sev-snp since 10.5.0 and tdx since 11.6.0 (docs/formatdomain.rst of those versions); an older one refuses the
    definition. State the host's version: `host.libvirt = "10.5.0"`.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          launch-security { type = sev-snp; policy = 0x30000 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
        }
    """
    security = vm.launch_security
    if security is not None and security.type in ("sev-snp", "tdx"):
        since = {"sev-snp": "10.5.0", "tdx": "11.6.0"}[security.type]
        yield Finding(("launch-security", "type"), f"{security.type} needs libvirt {since}")
