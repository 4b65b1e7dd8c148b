"""The shape of a domain's XML: the same for two domains of which every schema says the same.

Two have one shape where they differ in names, absolute paths, UUIDs, unicast MAC addresses and hashes alone, each of them well-formed, and
where values that are equal in one are equal in the other: the schemas' patterns of these take any letter for any other, and what must be
unique or refers to something sees only what equals what.
"""

from __future__ import annotations

import re
from hashlib import sha256

_LEAF = re.compile(
    rb"(?P<name><name>)[\w.+-]+(?=</name>)"
    rb"|(?P<uuid>(?: uuid='|<uuid>))[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?=['<])"
    rb"|(?P<mac><mac address=')[0-9a-f][02468ace](?::[0-9a-f]{2}){5}(?=')"
    rb"|(?P<path>(?: (?:file|dev|dir|path)='|<(?:nvram|kernel|initrd)(?: [^>]*)?>))/[\w./+-]+(?=['<])"
    rb"|(?P<hash> source=')[0-9a-f]{32}(?=')"
)
KEPT = 100_000
"""Lines that are remembered to have none of these; nearly all of a fleet's are the same."""
_plain: set[bytes] = set()


def shape_of(data: bytes) -> bytes:
    """A hash; of XML as we emit it, without parts that the model does not know."""
    numbers: dict[bytes, int] = {}
    return sha256(b"\n".join([line if line in _plain else _without_leaves(line, numbers) for line in data.split(b"\n")])).digest()


def _without_leaves(line: bytes, numbers: dict[bytes, int]) -> bytes:
    def numbered(leaf: re.Match[bytes]) -> bytes:
        kind = leaf.lastgroup
        assert kind is not None
        before = leaf[kind]
        value = leaf[0].removeprefix(before)
        return b"%b\0%b %d" % (before, kind.encode(), numbers.setdefault(value, len(numbers)))

    found = _LEAF.sub(numbered, line)
    if found == line:
        if len(_plain) >= KEPT:
            _plain.clear()
        _plain.add(line)
    return found
