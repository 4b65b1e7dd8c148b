"""Every file of a fleet's output but the manifest and the source map, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import Any

from vmspec.base.source import Span
from vmspec.base.unspoken import without_passwords
from vmspec.emit.artifact import Artifact
from vmspec.emit.domain import block_xml
from vmspec.emit.host import emit_host
from vmspec.emit.raw import has_raw, raw_parts, without_raw
from vmspec.emit.seed import seed_artifact
from vmspec.emit.source_mapping import marks
from vmspec.lower.fleet import Fleet, Object
from vmspec.model.block import Block
from vmspec.model.domain import UNHASHED, Domain
from vmspec.model.kinds import definitions


def emit(fleet: Fleet) -> Iterator[Artifact]:
    """VMs in source order, each with its seed, then what else libvirt holds, then the hosts."""
    for vm in fleet.vms:
        yield _xml(vm, file_of(vm))
        if vm.spec.seed is not None and (seed := seed_artifact(vm)) is not None:
            yield seed
    for kind in definitions():
        for each in fleet.of(kind):
            yield _xml(each, file_of(each))
    for host in fleet.hosts:
        yield from emit_host(host)


def file_of(of: Object[Any]) -> str:
    folder = of.kind.folder
    return f"{folder if of.host is None else f'hosts/{of.host}/{folder}'}/{of.name}.xml"


def _xml(of: Object[Any], path: str) -> Artifact:
    typed: bytes | None = None
    raw: tuple[tuple[str, Span], ...] = ()
    if has_raw(of.spec):
        typed = block_xml(without_raw(of.spec)).encode()
        raw = tuple((place, of.where(path)) for place, path in raw_parts(of.spec))
    text = block_xml(of.spec)
    digest = hash_of(text)
    return Artifact(
        path=path,
        data=text.replace(UNHASHED, digest, 1).encode(),
        span=of.span,
        marks=partial(marks, of),
        raw=raw,
        typed=typed,
        object=of.name,
        kind=of.kind,
        private=_has_password(of.spec),
        digest=digest,
        imported=not of.resolve,
    )


def _has_password(spec: Block) -> bool:
    return isinstance(spec, Domain) and any(isinstance(each.passwd, str) and each.passwd for each in spec.graphics)


def hash_of(text: str) -> str:
    """Of the source of a definition: a comment in it does not change this, an attribute does.

    Passwords are left out. Who may read a domain's metadata knows all else that the hash is made of, and could try them one by one.
    """
    return sha256(without_passwords(text.encode())).hexdigest()[:32]
