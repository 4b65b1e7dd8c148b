"""Objects beside guests and hosts: secrets, packet filters."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet
from vmspec.model.block import Block
from vmspec.model.kinds import ObjectKind
from vmspec.model.nwfilter import Nwfilter
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
                yield Finding((name,), f"a secret of usage {spec.usage} has {with_article(needed)} and no {name}", of=own)


@rule(6017, "nwfilter-rule", phase=Phase.DEFINE)
def nwfilter_rule(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A rule of a filter lacks its action or direction, is for several protocols at once, or has a protocol of which nothing is said.
    Why: libvirt 9.0.0 refuses a rule without either at define ("rule node requires action attribute", "rule node requires direction
    attribute", virNWFilterRuleParse, src/conf/nwfilter_conf.c), and of several protocols it reads the first alone.
    A rule without a protocol is for all packets, so that `icmp { }` must not be taken for nothing.
    Example:
        nwfilter lab { rule ssh { action = accept; tcp { dstportstart = 22 } } }
    Instead:
        nwfilter lab { rule ssh { action = accept; direction = in; tcp { dstportstart = 22 } } }
    """
    for own in fleet.of(ObjectKind.NWFILTER):
        assert isinstance(own.spec, Nwfilter)
        for each in own.spec.rule:
            here = ("rule", each.label)
            for name in ("action", "direction"):
                if vars(each).get(name) is None:
                    yield Finding(here, f"rule {each.label} has no {name}", of=own)
            for path in own.blocks:
                if len(path) == 3 and path[:2] == here and vars(each).get(path[2].replace("-", "_")) is None:
                    yield Finding(
                        path, f"rule {each.label} says nothing of {path[2]}", help=f"write `{path[2]} = true` for all of it", of=own
                    )
            protocols = [name for name, value in vars(each).items() if isinstance(value, Block)]
            if len(protocols) > 1:
                said = f"rule {each.label} is for {' and '.join(protocols)}, and a rule is for one protocol"
                yield Finding((*here, protocols[1].replace("_", "-")), said, help="write a rule for each", of=own)
