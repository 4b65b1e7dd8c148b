"""Versioned algorithms for PCI addresses. What a published version assigned never changes.

Layout 1 takes the devices of a kind by label, as people count. Layout 2 takes them as they are written, the weaker layer's first, and the
lock holds that order; its places are layout 1's.
"""

from __future__ import annotations

from vmspec.lower.layout import v1

FIRST = 1
CURRENT = 2
"""The version that a VM without a lock entry gets."""
AS_WRITTEN = 2
"""From this version on, devices are ordered as they are written."""

__all__ = ["AS_WRITTEN", "CURRENT", "FIRST", "v1"]
