"""One difference between what is wanted and what is there, what it costs to make it, and which line of a source it comes from."""

from __future__ import annotations

from enum import Enum

from vmspec.base.provenance import Path
from vmspec.base.record import record
from vmspec.model.value import Value


class Effect(Enum):
    """What it takes until a change counts, and what it breaks on the way (docs/deploy.md has the whole table)."""

    LIVE = "live"
    """Applied to the running guest."""
    NEXT_BOOT = "next-boot"
    """Counts from the guest's next start."""
    GUEST_ABI = "guest-abi"
    """From the next start too, and the guest sees other hardware."""
    HOST_REBOOT = "host-reboot"
    """Counts when the host has been restarted."""
    MIGRATION_BREAKING = "migration-breaking"
    """From the next start; the guest can then no longer move to every host that it could move to."""
    COSMETIC = "cosmetic"
    """No guest and no host notices."""


class Author(Enum):
    """Who has changed something since our last deploy."""

    PROGRAM = ""
    """The source, or nobody knows."""
    HAND = "changed by hand"
    BOTH = "changed by hand, and in the program"


@record(frozen=True, slots=True)
class Difference:
    """A feature by its path in the language; None for what is not set. For a whole device both are the device or None."""

    path: Path
    before: Value | None
    after: Value | None


@record(frozen=True, slots=True)
class SourcePlace:
    """The line that is to be looked at and the layer that decided; no file for what no source says."""

    file: str | None = None
    line: int | None = None
    layer: str | None = None


@record(frozen=True, slots=True)
class Change:
    """A difference as people see it. Texts are as the language writes them; a secret's is `(secret)`."""

    path: str
    before: str | None
    after: str | None
    effect: Effect
    where: SourcePlace = SourcePlace()
    author: Author = Author.PROGRAM

    @property
    def drift(self) -> bool:
        """Whether the host has other than what was last deployed."""
        return self.author is not Author.PROGRAM
