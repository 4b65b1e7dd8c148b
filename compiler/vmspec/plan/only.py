"""A choice of VMs (`--only`): by name, or by a pattern of names."""

from __future__ import annotations

from fnmatch import fnmatchcase

from vmspec.base.record import record


@record(frozen=True)
class Only:
    """Those with one of the names, or that fit one of the patterns (`*`, `?`, `[…]`)."""

    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()

    def fits(self, name: str) -> bool:
        return name in self.names or any(fnmatchcase(name, pattern) for pattern in self.patterns)
