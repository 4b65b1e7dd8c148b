"""libvirt's own secrets on a host: which there are, and setting the values of those that a deploy is given. None is defined or deleted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence

from vmspec.deploy.apply import Outcome
from vmspec.deploy.binding import HostError, Refused, libvirt
from vmspec.deploy.failpoints import act
from vmspec.deploy.host import HostConnection
from vmspec.deploy.journal import Journal
from vmspec.deploy.steps import SecretSet
from vmspec.plan.secrets import BAD_SECRET, Doing, Held, SecretPlan, SecretReference, is_it, named_in, secret_plans
from vmspec.plan.state import Desired
from vmspec.plan.verdict import HostPlan

KINDS = {1: "volume", 2: "ceph", 3: "iscsi", 4: "tls", 5: "vtpm"}
"""virSecretUsageType, include/libvirt/libvirt-secret.h 9.0.0."""


def with_secrets(plan: HostPlan, vms: Sequence[Desired], host: HostConnection | None, given: Mapping[str, bytes]) -> HostPlan:
    """The plan with what is to be done about the secrets that its VMs name; hosts that have none to name are not asked."""
    named = tuple(dict.fromkeys(each for vm in vms for each in named_in(vm.domain)))
    if not named or host is None:
        return plan
    held = _held(host, named, given)
    return plan if held is None else plan.with_secrets(secret_plans(vms, held, frozenset(given)))


def set_values(plans: Iterable[SecretPlan], host: HostConnection, given: Mapping[str, bytes], journal: Journal) -> list[Outcome]:
    found: list[Outcome] = []
    for each in plans:
        if each.doing is not Doing.SET or each.uuid is None:
            continue
        name = f"secret {each.name}"
        try:
            with act(f"set {name}"):
                host.set_secret(each.uuid, _value(each.kind, each.name, given[each.name]))
            journal.write(SecretSet(each.uuid), sync=False)
            found.append(Outcome(name, ("value set",)))
        except Refused as error:
            found.append(Outcome(name, (), str(error)))
    return found


def _held(host: HostConnection, named: Iterable[SecretReference], given: Mapping[str, bytes]) -> list[Held] | None:
    """None where the driver has no secrets at all (test:///)."""
    module = libvirt()
    secrets = host.secrets()
    if secrets is None:
        return None
    found: list[Held] = []
    for secret in secrets:
        plain = Held(secret.UUIDString(), KINDS.get(secret.usageType(), "other"), secret.usageID())
        name = next((each.name for each in named if is_it(plain, each)), None)
        if name is None:
            continue
        try:
            value = secret.value()
        except module.libvirtError as error:
            # A private one is not shown (VIR_ERR_INVALID_SECRET), one without a value is called missing.
            empty = error.get_error_code() == module.VIR_ERR_NO_SECRET
            found.append(Held(plain.uuid, plain.kind, plain.usage, empty=empty))
            continue
        same = value == _value(plain.kind, name, given[name]) if name in given else None
        found.append(Held(plain.uuid, plain.kind, plain.usage, same=same))
    return found


def _value(kind: str, name: str, given: bytes) -> bytes:
    """As libvirt keeps it: a key of Ceph is given in Base64, as `ceph auth get-key` prints it and `virsh secret-set-value` takes it, and
    kept as its bytes."""
    if kind != "ceph":
        return given
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise HostError(BAD_SECRET, f"the value of the ceph secret {name} is no Base64, as `ceph auth get-key` prints it") from None
