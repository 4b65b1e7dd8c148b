"""Secrets of a plan: passwords that are filled in or kept as the host has them, and the secrets of libvirt that definitions name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

from vmspec.base.code import Code
from vmspec.base.record import record, replace
from vmspec.model.block import Block
from vmspec.model.devices.storage_net import RbdSource
from vmspec.model.devices.storage_parts import Auth, Encryption, EncryptionSecret
from vmspec.model.domain import Domain
from vmspec.model.value import Secret
from vmspec.model.walk import walk
from vmspec.plan.state import Actual, Desired

BAD_SECRET = Code(
    8017,
    "bad-secret",
    """
    What: A secret that a deploy was given cannot be read, or cannot be what it is to be.
    Why: An empty password, one with control characters (libvirt turns line ends into blanks), or one that is longer than the display
        takes would lock everybody out without a word.
    """,
)

LIMITS = {"vnc": 8, "spice": 60}
"""Bytes of a password. libvirt 9.0.0 refuses a longer one of VNC at define (qemuValidateDomainDeviceDefVNCGraphics,
src/qemu/qemu_validate.c); QEMU 7.2 with Spice 0.15 one of more than 60 at the start ("Could not set password")."""


def filled(domain: Domain, passwords: Mapping[str, str]) -> Domain:
    """A definition with these passwords in its displays, by their type."""
    if not passwords:
        return domain
    return domain.but(graphics=tuple(each.but(passwd=passwords.get(str(each.type), each.passwd)) for each in domain.graphics))


def keeping_passwords(wanted: Desired, there: Actual | None) -> tuple[Desired, str]:
    """With what the host has where no value was given; and why that cannot be."""
    if not wanted.open:
        return wanted, ""
    display, param = next(iter(wanted.open.items()))
    if there is None:
        return wanted, f"the password of its {display} display was not given: --secret {param}=…"
    if there.passwords is None:
        return wanted, f"libvirt does not show what password its {display} display has: --secret {param}=…"
    known = there.passwords.inactive
    for display, param in wanted.open.items():
        if display not in known:
            return wanted, f"its {display} display has no password there that could be kept, and none was given: --secret {param}=…"
    return replace(wanted, domain=filled(wanted.domain, {display: known[display] for display in wanted.open})), ""


# ------------------------------------------------------------------------------------------- libvirt's own secrets


@record(frozen=True)
class SecretReference:
    """How a definition names a secret of libvirt."""

    kind: str
    """As libvirt calls its usage: `ceph`, `iscsi`, `volume`, `vtpm`."""
    usage: str | None
    uuid: str | None = None

    @property
    def name(self) -> str:
        return self.usage if self.usage is not None else self.uuid or ""


@record(frozen=True)
class Held:
    """A secret that a host has."""

    uuid: str
    kind: str
    usage: str
    empty: bool = False
    same: bool | None = None
    """Whether its value is the one that was given; None where none was, or libvirt does not show it (a private secret)."""


class Doing(Enum):
    NOTHING = "nothing"
    SET = "set"
    MISSING = "missing"
    EMPTY = "empty"
    """The host has it, without a value: an ephemeral one after a restart of libvirt."""


@record(frozen=True)
class SecretPlan:
    """What is to be done about one secret of libvirt that VMs name."""

    name: str
    kind: str
    doing: Doing
    vms: tuple[str, ...]
    uuid: str | None = None
    comparable: bool = True
    """False: it is set each time, as libvirt does not show what it holds."""

    def __str__(self) -> str:
        whose = f"the {self.kind} secret {self.name}"
        match self.doing:
            case Doing.MISSING:
                return f"{whose} is not there (virsh secret-define)"
            case Doing.EMPTY:
                return f"{whose} has no value: --secret secret:{self.name}=…"
            case Doing.SET:
                return f"{whose}: (secret) → (secret)" + ("" if self.comparable else " (private: it cannot be compared)")
            case Doing.NOTHING:
                return f"{whose} stays"

    @property
    def counts(self) -> bool:
        """Whether the host is known not to be as the program wants it."""
        return self.lacks or (self.doing is Doing.SET and self.comparable)

    @property
    def lacks(self) -> bool:
        return self.doing in (Doing.MISSING, Doing.EMPTY)


def named_in(domain: Domain) -> tuple[SecretReference, ...]:
    """The secrets that a domain names, in its order."""
    holders = (*domain.disk, *domain.tpm, *(() if domain.firmware is None or domain.firmware.nvram is None else (domain.firmware.nvram,)))
    return tuple(dict.fromkeys(each for holder in holders for _, block in walk(holder) for each in _named(block)))


def _named(block: Block) -> Iterator[SecretReference]:
    held = vars(block)
    if held.get("encryption_secret"):
        yield SecretReference("vtpm", None, str(held["encryption_secret"]))
    usage, uuid = held.get("secret"), held.get("secret_uuid")
    if usage is not None or uuid is not None:
        name = usage.name if isinstance(usage, Secret) else None if usage is None else str(usage)
        yield SecretReference(_kind(block), name, None if uuid is None else str(uuid))


def _kind(block: Block) -> str:
    match block:
        case Encryption() | EncryptionSecret():
            return "volume"
        case Auth():
            return str(block.secret_type)
        case _:
            return "ceph" if isinstance(block, RbdSource) else "iscsi"


def secret_plans(vms: Iterable[Desired], held: Sequence[Held], given: frozenset[str]) -> tuple[SecretPlan, ...]:
    """Of all that the VMs of a host name; `given` are the names that have a value."""
    users: dict[SecretReference, list[str]] = {}
    for vm in vms:
        for named in named_in(vm.domain):
            users.setdefault(named, []).append(vm.name)
    return tuple(_plan(named, tuple(names), held, given) for named, names in users.items())


def _plan(named: SecretReference, vms: tuple[str, ...], held: Sequence[Held], given: frozenset[str]) -> SecretPlan:
    found = next((each for each in held if is_it(each, named)), None)
    if found is None:
        return SecretPlan(named.name, named.kind, Doing.MISSING, vms)
    right = found.same is True if named.name in given else not found.empty
    doing = Doing.NOTHING if right else Doing.SET if named.name in given else Doing.EMPTY
    return SecretPlan(named.name, named.kind, doing, vms, found.uuid, found.empty or found.same is not None)


def is_it(held: Held, named: SecretReference) -> bool:
    """A UUID is one whatever the letters' case; a usage is unique among secrets of its kind (virSecretObjListAdd, libvirt 9.0.0)."""
    if named.uuid is not None:
        return held.uuid.lower() == named.uuid.lower()
    return (held.kind, held.usage) == (named.kind, named.usage)
