"""User data and network configuration of cloud-init, against its own schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from vmspec.check.queries import cloud_init, yaml_text
from vmspec.check.queries.cloud_init import Violation
from vmspec.check.rule import Finding, Phase, rule
from vmspec.check.within import MapPart, TextPart
from vmspec.model.document import Place, plain, unfolded
from vmspec.model.seed import Seed
from vmspec.model.value import Secret, Value

_OfDocument: TypeAlias = Callable[[object], list[Violation]]

_STARTS = (
    "#!",
    "#cloud-config",
    "#cloud-config-archive",
    "#cloud-boothook",
    "#include",
    "#include-once",
    "#part-handler",
    "#cloud-config-jsonp",
    "## template: jinja",
    "Content-Type:",
    "MIME-Version:",
)


@rule(4847, "seed-user-data-start", phase=Phase.ACCEPTED, needs="user_data")
def start(seed: Seed) -> Iterator[Finding]:
    """
    What: The first line of user data says what it is: `#cloud-config`, `#!/bin/sh`, …
    Why: cloud-init 26.2 takes anything else for nothing that it knows, warns in the guest's log and goes on without it
    (doc/rtd/explanation/format, cloudinit/handlers/__init__.py, INCLUSION_TYPES_MAP).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { user-data = "hostname: a" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { user-data = "#cloud-config\\nhostname: a" } }
    """
    first, _, _ = (seed.user_data or "").partition("\n")
    if seed.user_data is not None and not _is_template(first) and not first.rstrip().startswith(_STARTS):
        message = "user data begins with a blank line" if not first.strip() else f"user data begins with `{first.strip()[:60]}`"
        help_ = "the first line is `#cloud-config`, `#!` with an interpreter, or another of cloud-init's headers"
        yield Finding(("seed", "user-data"), f"{message}, which cloud-init does not know", within=TextPart(0, 0, first), help=help_)


@rule(4848, "seed-yaml", phase=Phase.ACCEPTED, needs="user_data network_config")
def yaml(seed: Seed) -> Iterator[Finding]:
    """
    What: Cloud config and network configuration are YAML in which no key stands twice.
    Why: cloud-init 26.2 logs what it cannot parse and starts the guest without it (cloudinit/util.py, load_yaml); of two equal keys the
    last one counts, without a word (PyYAML).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { user-data = "#cloud-config\\nhostname: [a" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { user-data = "#cloud-config\\nhostname: a" } }
    """
    for name, text in _texts(seed):
        for wrong in yaml_text.read(text).wrong:
            part, line = _part(text, wrong.mark), wrong.mark.line + 1
            yield Finding(("seed", name), f"line {line} of {name} is no YAML that cloud-init takes: {wrong.message}", within=part)


@rule(4849, "seed-cloud-config", phase=Phase.ACCEPTED, needs="user_data cloud_config")
def cloud_config(seed: Seed) -> Iterator[Finding]:
    """
    What: Cloud config holds the keys that cloud-init knows, each with what it may hold.
    Why: A key that is misspelt, or has a value of another type, is left out when the guest starts; the guest's log alone says so. The
    schema is cloud-init's own, of 26.2 (cloudinit/config/schemas/schema-cloud-config-v1.json).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { cloud-config { hostnam = a } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { cloud-config { hostname = a } } }
    """
    text = seed.user_data
    if text is not None and _is_cloud_config(text):
        yield from _of_text("user-data", text, cloud_init.of_cloud_config)
    entries = seed.cloud_config or {}
    if entries:
        for each in cloud_init.of_cloud_config(plain(unfolded(entries), _told)):
            at, rest = _entry_of(entries, each.place)
            yield Finding(("seed", "cloud-config", *at), each.message, help=each.help, within=MapPart(rest, each.of_key) if rest else None)


@rule(4854, "seed-network-config", phase=Phase.ACCEPTED, needs="network_config")
def network_config(seed: Seed) -> Iterator[Finding]:
    """
    What: A network configuration is of version 1 or 2, and holds what that version knows.
    Why: cloud-init 26.2 falls back to DHCP on the first interface, or to no network at all, and the guest is not reached. The schemas are
    its own (cloudinit/config/schemas/schema-network-config-v1.json and -v2.json).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { network-config = { version = 2; ethernets = { eth0 = { dhcp4 = sometimes } } } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { network-config = { version = 2; ethernets = { eth0 = { dhcp4 = true } } } } }
    """
    value = seed.network_config
    if isinstance(value, str):
        yield from _of_text("network-config", value, cloud_init.of_network_config)
    elif value is not None:
        for each in cloud_init.of_network_config(plain(value, _told)):
            yield Finding(("seed", "network-config"), each.message, help=each.help, within=MapPart(each.place, each.of_key))


def _told(secret: Secret, place: Place) -> str:
    """A secret is some text; one that is no password's hash would not be found out here anyway."""
    return secret.name


def _is_template(first: str) -> bool:
    return first.replace(" ", "").lower().startswith("##template:jinja")


def _is_cloud_config(text: str) -> bool:
    return text.partition("\n")[0].rstrip() == "#cloud-config"


def _texts(seed: Seed) -> Iterator[tuple[str, str]]:
    if seed.user_data is not None and _is_cloud_config(seed.user_data):
        yield "user-data", seed.user_data
    if isinstance(seed.network_config, str):
        yield "network-config", seed.network_config


def _of_text(name: str, text: str, judge: _OfDocument) -> Iterator[Finding]:
    found = yaml_text.read(text)
    if found.wrong:
        return
    if found.value is None and name == "user-data":
        return
    for each in judge(found.value):
        mark = found.at(each.place, each.of_key)
        message = f"line {mark.line + 1} of {name}: {each.message}"
        yield Finding(("seed", name), message, help=each.help, within=_part(text, mark))


def _part(text: str, mark: yaml_text.Mark) -> TextPart:
    lines = text.split("\n")
    number = min(mark.line, len(lines) - 1)
    return TextPart(number, min(mark.column, max(0, len(lines[number].rstrip()) - 1)), lines[number])


def _entry_of(entries: Mapping[str, Value], place: Place) -> tuple[tuple[str, ...], Place]:
    """The key of an open map that a place lies in, and the place from there."""
    for key in sorted(entries, key=len, reverse=True):
        steps = tuple(key.split("."))
        if place[: len(steps)] == steps:
            return (key,), place[len(steps) :]
    first = next((key for key in entries if place and key.split(".")[0] == place[0]), None)
    return ((first,) if first is not None else ()), ()
