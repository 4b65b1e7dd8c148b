"""Derives a guest's UUID and MAC addresses from stable names."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha1, sha256
from string import hexdigits

NAMESPACE = "39ef9c3f-ac73-5bdf-ba5e-563fb5f5b6b4"
"""Version 5 of `https://vmspec.dev/` in the namespace of URLs: the root of our UUIDs where the project id is not a UUID itself."""


def vm_uuid(project: str, name: str) -> str:
    """A version 5 UUID (RFC 9562, section 5.5) of the VM's name in the project's namespace."""
    digest = bytearray(sha1(_project(project) + name.encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@lru_cache(maxsize=16)
def _project(project: str) -> bytes:
    # Read here: to import Python's uuid takes 3 ms of a cold build, which then knows what kind of machine it runs on.
    digits = project.removeprefix("urn:uuid:").strip("{}").replace("-", "")
    if len(digits) == 32 and not set(digits).difference(hexdigits):
        return bytes.fromhex(digits)
    return _project(vm_uuid(NAMESPACE, project))


def mac(uuid: str, label: str, attempt: int = 0) -> str:
    """From the UUID and the interface's label. 52:54:00 is the prefix that QEMU and libvirt use for guests
    (libvirt 9.0.0 src/util/virmacaddr.c, virMacAddrGenerate; docs/formatdomain.rst). `attempt` counts up where another has it."""
    salt = f"#{attempt}" if attempt else ""
    digest = sha256(f"{uuid}/{label}{salt}".encode()).hexdigest()
    return f"52:54:00:{digest[0:2]}:{digest[2:4]}:{digest[4:6]}"


def next_instance(instance_id: str) -> str:
    """Another id of the same guest, counted up: to cloud-init its next start is a first one."""
    first, _, count = instance_id.partition(".")
    return f"{first}.{int(count or 1) + 1}"
