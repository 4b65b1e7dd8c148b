"""Writes compiler/vmspec/model/machine_compat.json: which properties of devices each machine type sets, asked of QEMU itself.

`python tests/machine_table.py` asks the QEMUs of libvirt-12 (tests/libvirts.py) by QMP, query-machines with compat-props, which QEMU has
since 9.1. For each type only what differs from the next newer one is kept. Standard library only.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.libvirts import LIBVIRTS, missing

TABLE = Path(__file__).parents[1] / "compiler" / "vmspec" / "model" / "machine_compat.json"
QEMUS = {
    "qemu-system-x86_64": ("pc-q35", "pc-i440fx"),
    "qemu-system-aarch64": ("virt",),
    "qemu-system-ppc64": ("pseries",),
    "qemu-system-s390x": ("s390-ccw-virtio",),
}
ASKS = ({"execute": "qmp_capabilities"}, {"execute": "query-machines", "arguments": {"compat-props": True}}, {"execute": "query-version"})
Properties = dict[tuple[str, str], str]


def table(root: Path) -> dict[str, Any]:
    """By family and version, oldest last: `[device, property, value]` of what differs from the next newer version."""
    families: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
    version = ""
    for binary, wanted in QEMUS.items():
        machines, version = ask(root, binary)
        for family in wanted:
            families[family] = deltas(family, machines)
    return {"qemu": version, "families": families}


def ask(root: Path, binary: str) -> tuple[list[Mapping[str, Any]], str]:
    lines = "".join(f"{json.dumps(each)}\n" for each in (*ASKS, {"execute": "quit"}))
    command = ["chroot", str(root), binary, "-machine", "none", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio"]
    said = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    answers = [json.loads(line)["return"] for line in said if '"return"' in line]
    number = answers[2]["qemu"]
    return answers[1], f"{number['major']}.{number['minor']}.{number['micro']}"


def deltas(family: str, machines: list[Mapping[str, Any]]) -> dict[str, list[tuple[str, str, str]]]:
    of_version: dict[tuple[int, ...], Properties] = {}
    for machine in machines:
        found = re.fullmatch(rf"{re.escape(family)}-([0-9]+)\.([0-9]+)", machine["name"])
        if found:
            held = ((each["qom-type"], each["property"], each["value"]) for each in machine.get("compat-props", ()))
            of_version[int(found[1]), int(found[2])] = {(device, name): value for device, name, value in held}
    newer: Properties = {}
    result = {}
    for version in sorted(of_version, reverse=True):
        own = of_version[version]
        result[".".join(map(str, version))] = [(*key, own[key]) for key in sorted(own) if newer.get(key) != own[key]]
        newer = own
    return result


def main() -> int:
    reason = missing("libvirt-12")
    if reason:
        print(reason)
        return 1
    lines = json.dumps(table(LIBVIRTS["libvirt-12"].root), indent=0).replace("[\n", "[").replace(",\n", ", ")
    TABLE.write_text(re.sub(r"\n\]", "]", lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
