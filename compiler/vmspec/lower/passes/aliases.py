"""Gives devices aliases, `ua-` and the label, so that every tool and plan knows a device by one name.

Source: libvirt 9.0.0 src/conf/domain_conf.c (USER_ALIAS_PREFIX, USER_ALIAS_CHARS: letters, digits, `_` and `-`; anything else is
dropped silently); its schema gives none to a smartcard. A built-in controller has no alias, for QEMU knows its bus by a name of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from hashlib import sha256

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.buses import replaced
from vmspec.lower.passes.change import Context, PassResult, derived
from vmspec.lower.passes.devices import devices
from vmspec.model.devices.console import Console
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Device
from vmspec.model.devices.smartcard import Smartcard

LONGEST = 40
"""libvirt makes names of sockets and of QEMU's objects from an alias; a socket's path ends at 107 bytes (unix(7))."""
WHY = "from the label"
TWIN = "one device with the first serial line"


def expand(vm: Vm, context: Context) -> PassResult:
    placed: dict[Path, Device] = {}
    trails: dict[Path, Provenance] = {}
    there = list(devices(vm.spec))
    named = [(path, device) for path, _, device in there if device.alias is None and has_alias(device)]
    taken = Counter(str(device.alias) for _, _, device in there if device.alias is not None)
    taken.update(short(path[-1]) for path, _ in named)
    for path, device in named:
        name = short(path[-1])
        if taken[name] > 1:
            name = short("-".join(path))
        placed[path] = device.but(alias=name)
        trails[(*path, "alias")] = derived(vm, WHY, path)
    _twin(vm, placed, trails)
    return PassResult(replaced(vm, placed), trails)


def _twin(vm: Vm, placed: dict[Path, Device], trails: dict[Path, Provenance]) -> None:
    """The console that is the first serial line is one device with it, and has its alias."""
    console = next((c for c in vm.spec.console if is_twin(c)), None)
    serial = next((s for s in vm.spec.serial if s.port == "0"), None)
    if console is None or console.alias is not None or serial is None:
        return
    held = placed.get(("serial", serial.label), serial)
    placed["console", console.label] = console.but(alias=held.alias)
    trails["console", console.label, "alias"] = derived(vm, TWIN, ("serial", serial.label))


def is_twin(device: Device) -> bool:
    return isinstance(device, Console) and device.target == "serial" and device.port == "0"


def has_alias(device: Device) -> bool:
    if is_twin(device) or isinstance(device, Smartcard):
        return False
    if isinstance(device, Controller):
        return device.type in ("scsi", "virtio-serial") and bool(device.label) and device.label != f"{device.type}{device.index}"
    return str(getattr(device, "model", "")) != "none"


@lru_cache(maxsize=65536)
def short(label: str) -> str:
    """An alias such as `ua-eth0`. A label with other characters gets a hash, so that aliases stay distinct."""
    text = re.sub(r"[^a-zA-Z0-9_-]", "-", label)
    if text != label or len(text) > LONGEST:
        text = f"{text[: LONGEST - 9]}-{sha256(label.encode()).hexdigest()[:8]}"
    return f"ua-{text}"
