"""What a plan is made for: to bring a host to the program, or back to what a deploy found there."""

from __future__ import annotations

from enum import Enum


class PlanMode(Enum):
    """As journals and people call it."""

    DEPLOY = "deploy"
    """Wanted is what the program says."""
    ROLLBACK = "rollback"
    """Wanted is what the journal says was there before."""
