"""A volume in a pool that the program does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.suggest import did_you_mean
from vmspec.check.queries.references import uses
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet


@rule(6012, "pool-undeclared", phase=Phase.FLEET)
def pool_undeclared(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A volume names its pool by a bare word, and the program declares no such pool.
    Why: A bare word is an object of the program; a pool that only the host has is quoted.
    Example:
        pool images { type = dir; target = "/var/lib/libvirt/images" }
        volume "web.qcow2" { pool = imges; capacity = 20GiB; format = qcow2 }
    Instead:
        pool images { type = dir; target = "/var/lib/libvirt/images" }
        volume "web.qcow2" { pool = images; capacity = 20GiB; format = qcow2 }
    """
    for use in uses(fleet):
        if use.bare and use.target is None:
            yield Finding(
                use.path,
                f"no pool is named {use.name}",
                help=did_you_mean(use.name, use.known) or f'a pool that only the host has is quoted: "{use.name}"',
                of=use.user,
            )
