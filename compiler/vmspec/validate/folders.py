"""Where libvirt's RELAX NG lies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

INSTALLED = Path("/usr/share/libvirt/schemas")
"""Where libvirt's packages put them (libvirt0 of Debian, libvirt-libs of Fedora)."""
DOMAIN = "domain.rng"


def schema_folders(given: Sequence[Path]) -> tuple[Path, ...]:
    """The given ones; with none, that of the installed libvirt, if there is one."""
    return tuple(given) or ((INSTALLED,) if (INSTALLED / DOMAIN).is_file() else ())
