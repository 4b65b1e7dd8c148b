"""The layer below an image, read from headers as QEMU writes them, and as nobody should."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from vmspec.deploy.headers import END, SIZE, Below, below


def qcow2(name: bytes = b"", format: bytes = b"", version: int = 3) -> bytes:
    """A header with an extension for the format and the name behind it."""
    head = 104 if version == 3 else 72
    extension = struct.pack(">II", 0xE2792ACA, len(format)) + format.ljust((len(format) + 7) // 8 * 8, b"\0") if format else b""
    extension += struct.pack(">II", 0, 0)
    at = head + len(extension) if name else 0
    data = struct.pack(">4sIQI", b"QFI\xfb", version, at, len(name)).ljust(100, b"\0") + struct.pack(">I", 104)
    return data[:head].ljust(head, b"\0") + extension + name + bytes(64)


def qed(name: bytes = b"", features: int = 0) -> bytes:
    held = struct.pack("<4sIIIQQQQQII", b"QED\0", 65536, 4, 1, features, 0, 0, 65536, 1 << 20, 64, len(name))
    return held.ljust(64, b"\0") + name


DESCRIPTOR = b'# Disk DescriptorFile\nversion=1\nparentCID=12345678\nparentFileNameHint="base.vmdk"\n'
CASES: dict[str, tuple[bytes, str | None, Below | None]] = {
    "absolute": (qcow2(b"/x/base.raw", b"raw"), "qcow2", Below(("path", "/x/base.raw"), "raw")),
    "relative": (qcow2(b"../base.qcow2", b"qcow2"), "qcow2", Below(("path", "/srv/base.qcow2"), "qcow2")),
    "version 2": (qcow2(b"base", b"raw", 2), "qcow2", Below(("path", "/srv/vms/base"), "raw")),
    "no format": (qcow2(b"base"), "qcow2", Below(("path", "/srv/vms/base"))),
    "no layer": (qcow2(), "qcow2", END),
    "qed": (qed(b"base.raw", 5), "qed", Below(("path", "/srv/vms/base.raw"), "raw")),
    "qed alone": (qed(), "qed", END),
    "vmdk": (DESCRIPTOR, "vmdk", Below(("path", "/srv/vms/base.vmdk"))),
    "vmdk alone": (DESCRIPTOR.partition(b"parentFile")[0], "vmdk", END),
    "a guest's own bytes": (qcow2(b"/etc/shadow", b"raw"), "raw", END),
    "probed": (qcow2(b"base", b"raw"), None, Below(("path", "/srv/vms/base"), "raw")),
    "nothing to probe": (bytes(512), None, END),
    "not what it is said to be": (bytes(512), "qcow2", None),
    "cut off": (qcow2(b"base", b"raw")[:40], "qcow2", None),
    "a name as long as a disk": (struct.pack(">4sIQI", b"QFI\xfb", 3, 104, 1 << 30).ljust(200, b"\0"), "qcow2", None),
    "extensions that go round": (qcow2(b"base").replace(struct.pack(">II", 0, 0), struct.pack(">II", 7, 0xFFFFFFF0), 1), "qcow2", None),
    "json": (qcow2(b'json:{"driver":"raw","file":{"driver":"file","filename":"/x/a"}}'), "qcow2", Below(("path", "/x/a"))),
    "flat json": (qcow2(b'json:{"driver":"qcow2","file.driver":"file","file.filename":"/x/a"}'), "qcow2", Below(("path", "/x/a"))),
    "rbd in json": (qcow2(b'json:{"driver":"rbd","pool":"p","image":"i"}'), "qcow2", Below(("rbd", "p/i"))),
    "an unknown driver": (qcow2(b'json:{"driver":"quorum","children":[]}'), "qcow2", None),
    "json to the end of the stack": (qcow2(b"json:" + b'{"file":' * 400), "qcow2", None),
    "a url": (qcow2(b"nbd://host:10809/disk"), "qcow2", Below(("nbd", "disk"))),
    "ceph": (qcow2(b"rbd:pool/image:id=admin"), "qcow2", Below(("rbd", "pool/image"))),
}


@pytest.mark.parametrize("name", CASES)
def test_the_layer_below(name: str) -> None:
    data, format, expected = CASES[name]
    found = below(data, format, "/srv/vms/a.img")
    if name == "extensions that go round":
        assert found is not None and found.format is None
    else:
        assert found == expected


@pytest.mark.skipif(shutil.which("qemu-img") is None, reason="needs qemu-img")
@pytest.mark.parametrize("format", ["qcow2", "qcow", "qed", "vmdk"])
def test_as_qemu_writes_them(tmp_path: Path, format: str) -> None:
    base, over = tmp_path / "base.img", tmp_path / "over.img"
    kind = "vmdk" if format == "vmdk" else "raw"
    for words in (["-f", kind, str(base), "1M"], ["-f", format, "-b", "base.img", "-F", kind, str(over)]):
        subprocess.run(["qemu-img", "create", "-q", *words], check=True, cwd=tmp_path)
    found = below(over.read_bytes()[:SIZE], format, str(over))
    assert found is not None
    assert found.place == ("path", str(base))
    alone = below(base.read_bytes()[:SIZE], kind, str(base))
    assert alone == END
