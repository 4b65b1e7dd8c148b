"""The image below an image, from the first bytes of its file: qcow, qcow2, QED and VMDK.

Sources: QEMU 7.2 docs/interop/qcow2.txt, docs/interop/qed_spec.txt, block/qcow.c, block/vmdk.c. What a guest writes into a raw image may
look like any of these, so that only what is said to be of a format is read as one.
"""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from vmspec.plan.chain import ImageKey

SIZE = 1 << 16
"""Bytes that are read of an image. A name has at most 1,023 of them, and QEMU writes it right behind the header and its extensions."""
LONGEST = 4096
LAYERED = ("qcow", "qcow2", "qed", "vmdk")
"""The formats of libvirt 9.0.0 that can have a layer below (fileTypeInfo, src/storage_file/storage_file_probe.c)."""


@dataclass(frozen=True)
class Below:
    """The next layer. `format`: as the header says it, None where it does not."""

    place: ImageKey | None
    format: str | None = None


END = Below(None)


def below(data: bytes, format: str | None, path: str) -> Below | None:
    """Of an image at `path`; END where there is no layer below, None where the bytes are not what they are said to be."""
    if format is not None and format not in LAYERED:
        return END
    if data[:4] == b"QFI\xfb":
        return _qcow(data, path)
    if data[:4] == b"QED\0":
        return _qed(data, path)
    if data[:4] == b"KDMV" or data.startswith(b"# Disk DescriptorFile"):
        return _vmdk(data, path)
    return END if format is None else None


def _qcow(data: bytes, path: str) -> Below | None:
    version, offset, size = _int(data, 4, 4), _int(data, 8, 8), _int(data, 16, 4)
    if offset == 0:
        return END
    return _named(_text(data, offset, size), path, _named_format(data, offset) if version >= 2 else None)


FORMAT_EXTENSION = 0xE2792ACA


def _named_format(data: bytes, end: int) -> str | None:
    """From the extensions of a qcow2 header, which lie before the name."""
    at = 72 if _int(data, 4, 4) == 2 else _int(data, 100, 4)
    while at >= 72 and at + 8 <= min(end, len(data)):
        kind, size = _int(data, at, 4), _int(data, at + 4, 4)
        if kind == FORMAT_EXTENSION:
            return data[at + 8 : at + 8 + size].decode("ascii", "replace") or None
        if kind == 0:
            break
        at += 8 + (size + 7) // 8 * 8
    return None


HAS_BACKING_FILE, IS_RAW = 1, 4


def _qed(data: bytes, path: str) -> Below | None:
    features, offset, size = (int.from_bytes(data[a : a + n], "little") for a, n in ((16, 8), (56, 4), (60, 4)))
    if not features & HAS_BACKING_FILE:
        return END
    return _named(_text(data, offset, size), path, "raw" if features & IS_RAW else None)


SECTOR = 512


def _vmdk(data: bytes, path: str) -> Below | None:
    """The descriptor is a text, alone in a file or behind a header."""
    if data[:4] == b"KDMV":
        offset, size = (int.from_bytes(data[a : a + 8], "little") * SECTOR for a in (28, 36))
        text = data[offset : offset + size] if offset else b""
    else:
        text = data
    if not text:
        return None
    parent = re.search(rb'^parentFileNameHint="([^"\n]{1,4095})"', text, re.MULTILINE)
    return END if parent is None else _named(parent[1].decode("utf-8", "surrogateescape"), path, None)


def _named(name: str | None, path: str, format: str | None) -> Below | None:
    place = None if name is None else _place(name, path)
    return None if place is None else Below(place, format)


def _int(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")


def _text(data: bytes, offset: int, size: int) -> str | None:
    if not 0 < size <= LONGEST or offset + size > len(data):
        return None
    return data[offset : offset + size].rstrip(b"\0").decode("utf-8", "surrogateescape")


# ----------------------------------------------------------------------------------------------- names of images


def _place(name: str, path: str) -> ImageKey | None:
    """Where a name leads that stands in an image at `path`: a path, relative to that image; a URL; or QEMU's JSON. None: we cannot tell."""
    if name.startswith("json:"):
        return _json_place(name[5:], path)
    if re.match(r"[a-z0-9+]+:", name) is None:
        return "path", posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    parts = urlsplit(name)
    kind = parts.scheme.partition("+")[0]
    if kind in ("file", "host_device"):
        return "path", posixpath.normpath(parts.path)
    if kind == "rbd":
        return "rbd", parts.path.partition(":")[0].partition("@")[0]
    return kind, unquote(parts.path).lstrip("/")


def _json_place(text: str, path: str) -> ImageKey | None:
    try:
        held: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    for _ in range(8):
        if not isinstance(held, dict):
            return None
        inner = held.get("file")
        flat = {key.removeprefix("file."): value for key, value in held.items() if key.startswith("file.")}
        if isinstance(inner, dict):
            held = inner
        elif flat:
            held = flat
        else:
            return _driver_place(held, path)
    return None


def _driver_place(held: dict[str, object], path: str) -> ImageKey | None:
    driver = str(held.get("driver", "file"))
    words = {key: value for key, value in held.items() if isinstance(value, str)}
    match driver:
        case "file" | "host_device" if "filename" in words:
            return _place(words["filename"], path)
        case "rbd" if {"pool", "image"} <= words.keys():
            return "rbd", f"{words['pool']}/{words['image']}"
        case "nbd" if "export" in words:
            return "nbd", words["export"]
        case "iscsi" if "target" in words:
            return "iscsi", f"{words['target']}/{held.get('lun', 0)}"
        case "http" | "https" | "ftp" | "ftps" if "url" in words:
            return _place(words["url"], path)
        case _:
            return None
