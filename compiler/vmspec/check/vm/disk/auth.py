"""Logins of network storage."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage_net import IscsiSource, Logged, RbdSource
from vmspec.model.devices.storage_parts import Encrypted


@rule(4348, "disk-auth-protocol", phase=Phase.DEFINE, needs="source")
def auth_protocol(disk: Disk) -> Iterator[Finding]:
    """
    What: The source logs in with a secret on a protocol without authentication.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidateSourceChainOne, src/conf/domain_validate.c): only iscsi, rbd, http,
    https, ftp, ftps and ssh log in.
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = rbd("pool/a", monitors = ["mon:6789"], secret = secret("ceph")) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = rbd("pool/a", monitors = ["mon:6789"], user = vm, secret = secret("ceph")) }
        }
    """
    source = disk.source
    if isinstance(source, (RbdSource, Logged)) and (source.secret or source.secret_uuid) and not source.user:
        yield Finding(("disk", disk.label, "source"), "the source has a secret and no user", help="add user = …")


@rule(4370, "disk-encryption-secrets", phase=Phase.DEFINE, needs="encryption source")
def encryption_secrets(disk: Disk) -> Iterator[Finding]:
    """
    What: An image that QEMU decrypts has several passphrases.
    Why: QEMU's LUKS takes one; the layers of librbd have one each. libvirt 9.0.0 refuses it at define
    (qemuDomainValidateStorageSource, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: qemu encryption engine expects only a single secret.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda {
            source = file("/srv/a.qcow2", format = qcow2)
            encryption {
              format = luks
              passphrases a { type = passphrase; secret = secret("a") }
              passphrases b { type = passphrase; secret = secret("b") }
            }
          }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda {
            source = file("/srv/a.qcow2", format = qcow2)
            encryption { format = luks; passphrases a { type = passphrase; secret = secret("a") } }
          }
        }
    """
    inner = disk.source.encryption if isinstance(disk.source, Encrypted) else None
    for path, encryption in ((("encryption",), disk.encryption), (("source", "encryption"), inner)):
        if encryption is not None and encryption.engine in (None, "qemu") and len(encryption.passphrases) > 1:
            yield Finding(("disk", disk.label, *path), f"QEMU takes one passphrase, and here are {len(encryption.passphrases)}")


_SECRET = re.compile(r"<secret\b[^>]*\btype=.(\w+)")


@rule(4350, "disk-auth-twice", phase=Phase.DEFINE, needs="auth encryption source")
def auth_twice(disk: Disk) -> Iterator[Finding]:
    """
    What: `auth` or `encryption` is set on the disk and in its source; or the secret is of another type than the protocol's.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefParseSourceXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: an <auth> definition already found for disk source.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda {
            source = rbd("pool/a", monitors = ["mon:6789"], user = vm, secret = secret("ceph"))
            auth { user = vm; secret = secret("ceph"); secret-type = ceph }
          }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = rbd("pool/a", monitors = ["mon:6789"], user = vm, secret = secret("ceph")) }
        }
    """
    source = disk.source
    if disk.auth is not None and isinstance(source, (RbdSource, Logged)) and (source.user or source.secret or source.secret_uuid):
        yield Finding(
            ("disk", disk.label, "auth"), "the source says already how to log in", labels=((("disk", disk.label, "source"), "here"),)
        )
    if disk.encryption is not None and isinstance(source, Encrypted) and source.encryption is not None:
        yield Finding(
            ("disk", disk.label, "encryption"),
            "the source says already how it is encrypted",
            labels=((("disk", disk.label, "source"), "here"),),
        )
    kind = "ceph" if isinstance(source, RbdSource) else "iscsi" if isinstance(source, IscsiSource) else None
    # Within the source the model knows the right type only, and keeps another as XML.
    for part in disk.raw.values() if kind else ():
        if (other := _SECRET.search(part)) and other[1] != kind:
            yield Finding(
                ("disk", disk.label, "source"), f"a login of {source.tag if source else ''}() has a {kind} secret, not {other[1]}"
            )
    if kind and disk.auth is not None and disk.auth.secret_type != kind:
        yield Finding(
            ("disk", disk.label, "auth", "secret-type"),
            f"{source.tag if source else ''}() logs in with a secret of type {kind}, not {disk.auth.secret_type}",
            instead=kind,
        )
