"""Which name a wrong one stands for."""

import re
from pathlib import Path

import pytest

import vmspec
from vmspec.base.suggest import did_you_mean, likeliest, nearest

IOTUNE = ["group-name", "read-bytes-sec", "read-bytes-sec-max", "read-iops-sec", "read-iops-sec-max", "size-iops-sec"]
IOTUNE += ["total-bytes-sec", "total-iops-sec", "total-iops-sec-max", "total-iops-sec-max-length", "write-bytes-sec", "write-iops-sec"]
VM = ["autostart", "boot", "cpu", "description", "disk", "interface", "memory", "memory-device", "start-after", "title", "uuid"]


@pytest.mark.parametrize(
    ("wrong", "names", "meant"),
    [
        ("memry", VM, "memory"),
        ("Memory", VM, "memory"),
        ("mmeory", VM, "memory"),
        ("interfaces", VM, "interface"),
        # Words left out, added, or spelt otherwise.
        ("total-iops", IOTUNE, "total-iops-sec"),
        ("total-iops-max", IOTUNE, "total-iops-sec-max"),
        ("read-iops", IOTUNE, "read-iops-sec"),
        ("write-byte", IOTUNE, "write-bytes-sec"),
        ("write_bytes", IOTUNE, "write-bytes-sec"),
        ("bytes-write", IOTUNE, None),
        ("group", IOTUNE, "group-name"),
        ("memory-size", ["current", "max", "size"], "size"),
        ("passthrough", ["host-model", "host-passthrough", "maximum"], "host-passthrough"),
        # Two are as likely.
        ("bytes", IOTUNE, None),
        # Only what a word begins with.
        ("desc", VM, "description"),
        ("auto", VM, "autostart"),
        ("de", VM, None),
        ("dis", ["discard", "disk"], "disk"),
        ("disca", ["discard", "discord"], "discard"),
        # Nothing alike.
        ("frobnicate", VM, None),
        ("", VM, None),
        ("x", [], None),
        ("web-2", ["db-1", "db-2"], None),
    ],
)
def test_likeliest(wrong: str, names: list[str], meant: str | None) -> None:
    assert likeliest(wrong, names) == likeliest(wrong, reversed(names)) == meant


def test_nearest_knows_letters_only() -> None:
    assert nearest("total-iops", IOTUNE) is None
    assert nearest("web-1", ["web"]) is None


def test_the_question() -> None:
    assert did_you_mean("nme", ["name"], "${}") == "did you mean `$name`?"
    assert did_you_mean("nothing", ["name"]) is None


def test_no_other_module_asks_it() -> None:
    root = Path(vmspec.__file__).parent
    asking = [str(p.relative_to(root)) for p in sorted(root.rglob("*.py")) if re.search("did you mean", p.read_text("utf-8"))]
    assert asking == ["base/suggest.py"]
