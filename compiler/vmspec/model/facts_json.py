"""Facts of a host as JSON, a file that is committed beside the sources.

A file of version 1 has the entries of `HostFacts`, in groups; what could not be read is absent. One without `version` was written by hand,
and has `libvirt`, `qemu`, `numa` and `siblings` alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from vmspec.base.json_text import Json
from vmspec.model.facts import CacheFacts, CardFacts, DeviceFacts, HostFacts, NodeFacts
from vmspec.model.kind import parse_cpus
from vmspec.model.value import CpuSet

VERSION = 1
Entry: TypeAlias = Mapping[str, object]
_SIZE = re.compile(r"([0-9]{1,15})(KiB|MiB|GiB)")
_SCALE = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class FactsError(ValueError):
    """The facts have another form than a version that is known."""


def facts_text(facts: HostFacts) -> str:
    """The file: entries in the order of this module, one line for each thing of a list, so that a difference can be read."""
    lines = [f'"version": {VERSION}']
    for key, value in entries(facts).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            inner = ",\n".join(f"  {_flat(each)}" for each in value)
            lines.append(f'"{key}": [\n{inner}\n ]')
        elif isinstance(value, dict) and len(_flat(value)) > 100:
            inner = ",\n".join(f"  {json.dumps(name)}: {_flat(each)}" for name, each in value.items())
            lines.append(f'"{key}": {{\n{inner}\n }}')
        else:
            lines.append(f'"{key}": {_flat(value)}')
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def _flat(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def entries(facts: HostFacts) -> dict[str, Json]:
    """What the file has, but for its version."""
    found: dict[str, Json] = {
        "arch": facts.arch,
        "os": _some({"id": facts.os, "version": facts.os_version, "like": list(facts.os_like)}),
        "kernel": _some(
            {
                "release": facts.kernel,
                "config": dict(sorted(facts.kernel_config.items())),
                "args": list(facts.kernel_args),
                "lockdown": facts.lockdown,
            }
        ),
        "boot": _some({"loader": facts.bootloader, "firmware": facts.firmware}),
        "systemd": facts.systemd,
        "tuned": _some({"version": facts.tuned, "profile_dirs": list(facts.tuned_profiles)}),
        "libvirt": facts.libvirt,
        "qemu": facts.qemu,
        "cpu": _some(
            {
                "vendor": facts.vendor,
                "name": facts.cpu,
                "model": facts.cpu_model,
                "smt": facts.smt,
                "affected": list(facts.affected),
                "idle": [f"{name} {latency}" for name, latency in facts.idle],
                "cpufreq": facts.cpufreq,
                "governors": list(facts.governors),
            }
        ),
        "page": _size(facts.page),
        "online": _cpus(facts.online),
        "numa": [
            _some(
                {
                    "id": node.id,
                    "cpus": str(node.cpus),
                    "memory": _size(node.memory),
                    "pages": [_size(page) for page in node.pages],
                    "distances": list(node.distances),
                }
            )
            for node in facts.numa
        ],
        "sockets": [str(cpus) for cpus in facts.sockets],
        "siblings": [str(cpus) for cpus in facts.siblings],
        "caches": [_some({"level": each.level, "size": _size(each.size), "cpus": str(each.cpus)}) for each in facts.caches],
        "kinds": {name: str(cpus) for name, cpus in facts.kinds.items()},
        "cgroup": _some({"version": facts.cgroup, "controllers": list(facts.controllers), "exclusive": facts.exclusive}),
        "features": list(facts.features),
        "nics": [
            _some(
                {
                    "name": nic.name,
                    "address": nic.address,
                    "node": nic.node,
                    "driver": nic.driver,
                    "mtu": nic.mtu,
                    "speed": nic.speed,
                    "vfs": nic.vfs,
                }
            )
            for nic in facts.nics
        ],
        "devices": [
            _some(
                {
                    "address": device.address,
                    "id": device.id,
                    "class": device.kind,
                    "node": device.node,
                    "iommu_group": device.iommu_group,
                    "driver": device.driver,
                    "vfs": device.vfs,
                }
            )
            for device in facts.devices
        ],
        "guests": _some(
            {
                "machines": list(facts.machines),
                "cpu_models": list(facts.cpu_models),
                "features": list(facts.guest_features),
                "loaders": list(facts.loaders),
                "launch_security": list(facts.launch_security),
            }
        ),
        "pools": [dict(pool) for pool in facts.pools],
        "networks": [dict(network) for network in facts.networks],
        "sysctls": _grouped(facts.sysctls),
        "parameters": {
            module: " ".join(f"{name}:{kind}" if kind else name for name, kind in sorted(names.items()))
            for module, names in sorted(facts.parameters.items())
        },
    }
    return {key: value for key, value in found.items() if value not in (None, [], {}, "")}


def _some(entry: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in entry.items() if value not in (None, [], {}, "") or key in ("cpus",)}


def _size(count: int | None) -> str | None:
    if count is None:
        return None
    unit = next((unit for unit in ("GiB", "MiB") if count and count % _SCALE[unit] == 0), "KiB")
    return f"{count // _SCALE[unit]}{unit}"


def _cpus(cpus: CpuSet | None) -> str | None:
    return None if cpus is None else str(cpus)


def _grouped(names: Iterable[str]) -> dict[str, Json]:
    """The last parts of dotted names, by what is before them: names of one folder are one line."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        folder, _, last = name.rpartition(".")
        groups.setdefault(folder, []).append(last)
    return {folder: " ".join(lasts) for folder, lasts in groups.items()}


# ----------------------------------------------------------------------------------------------------- from JSON


def read_facts(data: Entry) -> HostFacts:
    """Facts of any version that is known. Raises FactsError with what is wrong."""
    version = data.get("version", VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= VERSION:
        raise FactsError(f"its version is {version}, and this vmspec reads facts up to version {VERSION}: write them anew with `vmc facts`")
    if "version" not in data:
        return HostFacts(libvirt=_text(data, "libvirt"), qemu=_text(data, "qemu"), numa=_nodes(data), siblings=_groups(data, "siblings"))
    os, kernel, boot, tuned = (_map(data, key) for key in ("os", "kernel", "boot", "tuned"))
    cpu, cgroup, guests = (_map(data, key) for key in ("cpu", "cgroup", "guests"))
    exclusive = cgroup.get("exclusive")
    return HostFacts(
        arch=_text(data, "arch"),
        os=_text(os, "id"),
        os_version=_text(os, "version"),
        os_like=_texts(os, "like"),
        kernel=_text(kernel, "release"),
        kernel_config=_text_map(kernel, "config"),
        kernel_args=_texts(kernel, "args"),
        lockdown=_text(kernel, "lockdown"),
        bootloader=_text(boot, "loader"),
        firmware=_text(boot, "firmware"),
        systemd=_text(data, "systemd"),
        tuned=_text(tuned, "version"),
        tuned_profiles=_texts(tuned, "profile_dirs"),
        libvirt=_text(data, "libvirt"),
        qemu=_text(data, "qemu"),
        vendor=_text(cpu, "vendor"),
        cpu=_text(cpu, "name"),
        cpu_model=_text(cpu, "model"),
        smt=_text(cpu, "smt"),
        affected=_texts(cpu, "affected"),
        idle=tuple(_idle(each) for each in _texts(cpu, "idle")),
        cpufreq=_text(cpu, "cpufreq"),
        governors=_texts(cpu, "governors"),
        page=_bytes(data, "page"),
        online=_cpu_set(data, "online"),
        numa=_nodes(data),
        sockets=_groups(data, "sockets"),
        siblings=_groups(data, "siblings"),
        caches=tuple(_cache(each) for each in _maps(data, "caches")),
        kinds={name: _parsed(text, f"`kinds.{name}`") for name, text in _text_map(data, "kinds").items()},
        cgroup=_number(cgroup, "version"),
        controllers=_texts(cgroup, "controllers"),
        exclusive=exclusive if isinstance(exclusive, bool) else None,
        features=_texts(data, "features"),
        nics=tuple(_card(each) for each in _maps(data, "nics")),
        devices=tuple(_device(each) for each in _maps(data, "devices")),
        machines=_texts(guests, "machines"),
        cpu_models=_texts(guests, "cpu_models"),
        guest_features=_texts(guests, "features"),
        loaders=_texts(guests, "loaders"),
        launch_security=_texts(guests, "launch_security"),
        pools=tuple(_plain(each) for each in _maps(data, "pools")),
        networks=tuple(_plain(each) for each in _maps(data, "networks")),
        sysctls=frozenset(
            f"{folder}.{last}" if folder else last for folder, lasts in _text_map(data, "sysctls").items() for last in lasts.split()
        ),
        parameters={module: _typed(names) for module, names in _text_map(data, "parameters").items()},
    )


def _nodes(data: Entry) -> tuple[NodeFacts, ...]:
    found: list[NodeFacts] = []
    for index, each in enumerate(_maps(data, "numa", '{"id": 0, "cpus": "0-3"}')):
        if not isinstance(each.get("cpus"), str):
            raise FactsError(f'`numa[{index}]` is not an entry such as {{"id": 0, "cpus": "0-3"}}')
        number = _number(each, "id") if "id" in each else index
        if number is None or number < 0:
            raise FactsError(f"the `id` of `numa[{index}]` is not the number of a node")
        pages = tuple(_counted(text, f"`numa[{index}].pages`") for text in _texts(each, "pages"))
        cpus = _parsed(str(each["cpus"]), f"`numa[{index}]`")
        found.append(NodeFacts(id=number, cpus=cpus, memory=_bytes(each, "memory"), pages=pages, distances=_numbers(each, "distances")))
    return tuple(found)


def _groups(data: Entry, key: str) -> tuple[CpuSet, ...]:
    entries = data.get(key, ())
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise FactsError(f'`{key}` is {_kind(entries)}, and must be a list of entries such as "0,4"')
    found: list[CpuSet] = []
    for index, each in enumerate(entries):
        if not isinstance(each, str) or not each:
            raise FactsError(f'`{key}[{index}]` is not an entry such as "0,4"')
        found.append(_parsed(each, f"`{key}[{index}]`"))
    if sum(len(group) for group in found) != len(CpuSet.of(cpu for group in found for cpu in group)):
        raise FactsError(f"its `{key}` have a CPU in two {'cores' if key == 'siblings' else 'of them'}")
    return tuple(found)


def _cache(entry: Entry) -> CacheFacts:
    return CacheFacts(level=_number(entry, "level") or 0, size=_bytes(entry, "size"), cpus=_parsed(_text(entry, "cpus") or "", "`caches`"))


def _card(entry: Entry) -> CardFacts:
    return CardFacts(
        name=_text(entry, "name") or "",
        address=_text(entry, "address"),
        node=_number(entry, "node"),
        driver=_text(entry, "driver"),
        mtu=_number(entry, "mtu"),
        speed=_number(entry, "speed"),
        vfs=_number(entry, "vfs"),
    )


def _device(entry: Entry) -> DeviceFacts:
    return DeviceFacts(
        address=_text(entry, "address") or "",
        id=_text(entry, "id"),
        kind=_text(entry, "class"),
        node=_number(entry, "node"),
        iommu_group=_number(entry, "iommu_group"),
        driver=_text(entry, "driver"),
        vfs=_number(entry, "vfs"),
    )


def _idle(text: str) -> tuple[str, int]:
    name, _, latency = text.rpartition(" ")
    return name, int(latency) if latency.isdigit() else 0


def _typed(names: str) -> dict[str, str]:
    return {name: kind for name, _, kind in (each.partition(":") for each in names.split())}


def _plain(entry: Entry) -> dict[str, str]:
    return {key: str(value) for key, value in entry.items()}


def _parsed(text: str, where: str) -> CpuSet:
    cpus = parse_cpus(text) if text else CpuSet()
    if cpus is None:
        raise FactsError(f'{where} has "{text}", which is not a cpuset such as "0-3,8"')
    return cpus


def _counted(text: str, where: str) -> int:
    found = _SIZE.fullmatch(text)
    if found is None:
        raise FactsError(f'{where} is "{text}", and must be a size such as "64GiB"')
    return int(found[1]) * _SCALE[found[2]]


def _bytes(data: Entry, key: str) -> int | None:
    text = _text(data, key)
    return None if text is None else _counted(text, f"`{key}`")


def _cpu_set(data: Entry, key: str) -> CpuSet | None:
    text = _text(data, key)
    return None if text is None else _parsed(text, f"`{key}`")


def _text(data: Entry, key: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        example = ' such as "9.0.0"' if key in ("libvirt", "qemu") else ""
        raise FactsError(f"`{key}` is {_kind(value)}, and must be a text{example}")
    return value


def _number(data: Entry, key: str) -> int | None:
    value = data.get(key)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise FactsError(f"`{key}` is {_kind(value)}, and must be a number")
    return value


def _list(data: Entry, key: str, form: str = "") -> Sequence[object]:
    value = data.get(key, ())
    if not isinstance(value, (list, tuple)):
        raise FactsError(f"`{key}` is {_kind(value)}, and must be a list" + f" of entries such as {form}" * bool(form))
    return value


def _texts(data: Entry, key: str) -> tuple[str, ...]:
    found = tuple(each for each in _list(data, key) if isinstance(each, str))
    if len(found) != len(_list(data, key)):
        raise FactsError(f"`{key}` has an entry that is no text")
    return found


def _numbers(data: Entry, key: str) -> tuple[int, ...]:
    found = tuple(each for each in _list(data, key) if isinstance(each, int) and not isinstance(each, bool))
    if len(found) != len(_list(data, key)):
        raise FactsError(f"`{key}` has an entry that is no number")
    return found


def _map(data: Entry, key: str) -> Entry:
    value = data.get(key, {})
    if not isinstance(value, Mapping):
        raise FactsError(f"`{key}` is {_kind(value)}, and must be an object")
    return value


def _maps(data: Entry, key: str, form: str = "{…}") -> tuple[Entry, ...]:
    found = []
    for index, each in enumerate(_list(data, key, form)):
        if not isinstance(each, Mapping):
            raise FactsError(f"`{key}[{index}]` is not an entry such as {form}")
        found.append(each)
    return tuple(found)


def _text_map(data: Entry, key: str) -> Mapping[str, str]:
    entries = _map(data, key)
    for name, value in entries.items():
        if not isinstance(value, str):
            raise FactsError(f"`{key}.{name}` is {_kind(value)}, and must be a text")
    return {name: str(value) for name, value in entries.items()}


def _kind(value: object) -> str:
    """What JSON calls it."""
    match value:
        case bool():
            return "a boolean"
        case int():
            return "a number"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"
