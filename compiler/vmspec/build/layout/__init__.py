"""Where devices sit in the guest: versioned algorithms. A published version never changes; a new one is a new file."""

from __future__ import annotations

from vmspec.build.layout import v1

CURRENT = 1
"""The version that a VM without a lock entry gets."""

__all__ = ["CURRENT", "v1"]
