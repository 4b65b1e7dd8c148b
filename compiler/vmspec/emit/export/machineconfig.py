"""A MachineConfig of OpenShift and OKD: kernel arguments, files and units by Ignition.

Sources: machineconfiguration.openshift.io/v1 (kernelArguments, kernelType), Ignition's specification 3.2.0 (storage.files with data URLs,
modes in decimal; systemd.units with dropins).
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from vmspec.emit.export.parts import HostParts, parts
from vmspec.emit.host.file import OURS
from vmspec.lower.fleet import HostObject

Yaml: TypeAlias = "str | int | bool | Sequence[Yaml] | Mapping[str, Yaml]"
SYSTEM = "rhel"
"""RHEL CoreOS."""


def machine_config(host: HostObject) -> str:
    """For the pool of machines of its own that the host has: `role` names it."""
    held = parts(host, SYSTEM)
    role = re.sub(r"[^a-z0-9-]+", "-", host.name.lower()).strip("-") or "host"
    storage: dict[str, Yaml] = {"files": [_file(*each) for each in held.files]} if held.files else {}
    units = _units(held)
    config: dict[str, Yaml] = {"ignition": {"version": "3.2.0"}}
    config |= {"storage": storage} if storage else {}
    config |= {"systemd": {"units": units}} if units else {}
    spec: dict[str, Yaml] = {"config": config}
    spec |= {"kernelArguments": list(held.arguments)} if held.arguments else {}
    spec |= {"kernelType": "realtime"} if host.spec.realtime_kernel else {}
    document: dict[str, Yaml] = {
        "apiVersion": "machineconfiguration.openshift.io/v1",
        "kind": "MachineConfig",
        "metadata": {"labels": {"machineconfiguration.openshift.io/role": role}, "name": f"50-vmspec-{role}"},
        "spec": spec,
    }
    head = f"# {OURS.partition(',')[0]}: change the source and export again."
    return "\n".join([head, *_lines(document, "")]) + "\n"


def _file(path: str, mode: int, text: str) -> Yaml:
    source = f"data:text/plain;charset=utf-8;base64,{b64encode(text.encode()).decode()}"
    return {"path": path, "mode": mode, "overwrite": True, "contents": {"source": source}}


def _units(held: HostParts) -> list[Yaml]:
    found: dict[str, dict[str, Yaml]] = {}
    for name, text in held.units:
        found[name] = {"name": name, "contents": text} | ({"enabled": True} if "[Install]" in text else {})
    for name, text in held.drop_ins:
        found.setdefault(name, {"name": name})["dropins"] = [{"name": "90-vmspec.conf", "contents": text}]
    return list(found.values())


def _lines(value: Yaml, indent: str) -> Iterator[str]:
    """Block style; a text is JSON's string, which YAML 1.2 reads as the same, or a block of its lines."""
    match value:
        case Mapping():
            for key, each in value.items():
                yield from _entry(f"{indent}{key if re.fullmatch('[A-Za-z]+', key) else json.dumps(key)}:", each, indent + "  ")
        case _ if isinstance(value, Sequence) and not isinstance(value, str):
            for each in value:
                first, *rest = [*_lines(each, indent + "  ")] if isinstance(each, Mapping) else [f"{indent}  {json.dumps(each)}"]
                yield f"{indent}- {first.removeprefix(indent + '  ')}"
                yield from rest


def _entry(key: str, value: Yaml, indent: str) -> Iterator[str]:
    if isinstance(value, str) and value.endswith("\n") and value.isascii() and not re.search(r"[^ -~\n]|^\s", value):
        yield f"{key} |"
        yield from (f"{indent}{line}".rstrip() if not line else f"{indent}{line}" for line in value.split("\n")[:-1])
    elif isinstance(value, (str, int)):
        yield f"{key} {json.dumps(value)}"
    else:
        yield key
        yield from _lines(value, indent)
