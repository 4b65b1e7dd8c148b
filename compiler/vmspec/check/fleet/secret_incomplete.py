"""A secret that does not say what it is for."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet
from vmspec.model.kinds import ObjectKind
from vmspec.model.secret import StoredSecret

NAMED_BY = {"volume": "volume", "ceph": "name", "iscsi": "target", "tls": "name", "vtpm": "name"}
"""By usage: the setting that says which one of that usage it is (src/conf/secret_conf.c 9.0.0, virSecretDefParseUsage)."""


@rule(6016, "secret-incomplete", phase=Phase.DEFINE)
def secret_incomplete(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A secret has neither a `usage` nor a UUID, not the name that its usage calls for, or one of another usage.
    Why: Guests name a secret by its usage; libvirt 9.0.0 refuses one without the name at define (virSecretDefParseUsage,
    src/conf/secret_conf.c: "unknown secret usage", "Ceph usage specified, but name is missing").
    Example:
        secret ceph { usage = ceph; target = "client.libvirt" }
    Instead:
        secret ceph { usage = ceph; name = "client.libvirt" }
    """
    for own in fleet.of(ObjectKind.SECRET):
        spec = own.spec
        assert isinstance(spec, StoredSecret)
        needed = NAMED_BY.get(str(spec.usage))
        if needed is None:
            if spec.uuid is None:
                said = f"secret {own.name} says neither what it is for nor its UUID: no guest could name it"
                yield Finding((), said, help="write `usage = ceph` (iscsi, volume, tls, vtpm)", of=own)
            continue
        for name in dict.fromkeys(NAMED_BY.values()):
            there = vars(spec).get(name) is not None
            if name == needed and not there:
                yield Finding(("usage",), f"a secret of usage {spec.usage} says its {needed}", help=f'write `{needed} = "…"`', of=own)
            elif there and name != needed:
                yield Finding((name,), f"a secret of usage {spec.usage} has a {needed} and no {name}", of=own)
