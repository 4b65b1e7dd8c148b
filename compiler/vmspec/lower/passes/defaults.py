"""Makes libvirt's defaults explicit, so that define adds nothing to what is emitted.

Each was seen on libvirt 9.0.0 by defining a domain without it and reading back the inactive XML; the code is in
src/conf/domain_conf.c, src/conf/domain_postparse.c and src/qemu/qemu_domain.c (qemuDomainDeviceDefPostParse).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.lower.passes.memo import reading
from vmspec.model.block import Attr, Block, schema
from vmspec.model.boot import Boot
from vmspec.model.clock import Clock
from vmspec.model.devices.filesystem import Filesystem
from vmspec.model.devices.hostdev import Hostdev, PciHostdev
from vmspec.model.devices.panic import Panic
from vmspec.model.devices.rng import Random, Rng
from vmspec.model.devices.sound import Sound
from vmspec.model.devices.tpm import Tpm
from vmspec.model.devices.watchdog import Watchdog
from vmspec.model.events import Events
from vmspec.model.machine import is_s390, is_x86
from vmspec.model.value import Symbol
from vmspec.model.walk import has_boot_order

Filled: TypeAlias = Mapping[str, object]
WHY = "what libvirt would add, written out"
BOOT, CLOCK, EVENTS = Boot(), Clock(), Events()


def boot_order(vm: Vm, context: Context) -> PassResult:
    features: dict[str, object] = {}
    trails: dict[Path, Provenance] = {}
    _one(vm, ("boot",), _boot(vm, vm.spec.boot), features, trails)
    return PassResult(features, trails) if features else NOTHING


@reading("clock", "events")
def of_machine(vm: Vm, context: Context) -> PassResult:
    """Clock and events."""
    features: dict[str, object] = {}
    trails: dict[Path, Provenance] = {}
    for name, fill in BLOCKS.items():
        _one(vm, (name,), fill(vm, vars(vm.spec).get(name)), features, trails)
    return PassResult(features, trails) if features else NOTHING


@reading("hostdev", "filesystem", "watchdog", "rng", "tpm", "panic", "sound", "vsock", "arch")
def of_devices(vm: Vm, context: Context) -> PassResult:
    features: dict[str, object] = {}
    trails: dict[Path, Provenance] = {}
    for kind, of_device in DEVICES.items():
        python = kind.replace("-", "_")
        blocks: tuple[Block, ...] = vars(vm.spec).get(python, ())
        whole = [_of_variant(vm, (kind, block.label), block, trails) for block in blocks]
        made = tuple(_filled(vm, (kind, block.label), block, of_device(vm, block), trails) for block in whole)
        if any(a is not b for a, b in zip(made, blocks, strict=True)):
            features[python] = made
    if vm.spec.vsock is not None and vm.spec.vsock.auto is None and vm.spec.vsock.cid is None:
        features["vsock"] = _filled(vm, ("vsock",), vm.spec.vsock, {"auto": True}, trails)
    return PassResult(features, trails) if features else NOTHING


@reading("interface")
def of_interfaces(vm: Vm, context: Context) -> PassResult:
    trails: dict[Path, Provenance] = {}
    made = tuple(_of_variant(vm, ("interface", block.label), block, trails) for block in vm.spec.interface)
    return PassResult({"interface": made}, trails) if trails else NOTHING


def _one(vm: Vm, path: Path, made: tuple[Block, Filled] | None, features: dict[str, object], trails: dict[Path, Provenance]) -> None:
    if made is not None and made[1]:
        features[path[0]] = _filled(vm, path, made[0], made[1], trails)


def _of_variant(vm: Vm, path: Path, block: Block, trails: dict[Path, Provenance]) -> Block:
    """With the model's defaults of the kind of source that was chosen: `pci(…)` alone says no mode."""
    source = vars(block).get("source")
    if not isinstance(source, Block):
        return block
    defaults = {f.python: f.line.default for f in schema(type(source)) if isinstance(f.line, Attr) and f.line.default is not None}
    whole = _filled(vm, (*path, "source"), source, defaults, trails)
    return block if whole is source else block.but(source=whole)


def _filled(vm: Vm, path: Path, block: Block, values: Filled, trails: dict[Path, Provenance]) -> Block:
    missing = {name: value for name, value in values.items() if vars(block).get(name) is None}
    for name in missing:
        trails[(*path, name.replace("_", "-"))] = derived(vm, WHY, path)
    return block.but(**missing) if missing else block


def _boot(vm: Vm, held: object) -> tuple[Block, Filled] | None:
    """A guest without any order boots from its first disk (virDomainDefBootOrderPostParse)."""
    if has_boot_order(vm.spec) or vm.spec.os_type not in (None, "hvm"):
        return None
    block = held if isinstance(held, Boot) else BOOT
    return None if block.bootloader else (block, {"devices": (Symbol("hd"),)} if not block.devices else {})


def _clock(vm: Vm, held: object) -> tuple[Block, Filled] | None:
    block = held if isinstance(held, Clock) else CLOCK
    return block, {"offset": Symbol("utc")}


def _events(vm: Vm, held: object) -> tuple[Block, Filled] | None:
    block = held if isinstance(held, Events) else EVENTS
    return block, {"on_poweroff": Symbol("destroy"), "on_reboot": Symbol("restart"), "on_crash": Symbol("destroy")}


BLOCKS: Mapping[str, Callable[[Vm, object], tuple[Block, Filled] | None]] = {"clock": _clock, "events": _events}


def _hostdev(vm: Vm, block: Block) -> Filled:
    """A PCI device is taken from the host and given back by libvirt, unless the user binds it; libvirt's own default is not to."""
    assert isinstance(block, Hostdev)
    return {"managed": isinstance(block.source, PciHostdev)}


def _filesystem(vm: Vm, block: Block) -> Filled:
    assert isinstance(block, Filesystem)
    return {"accessmode": Symbol("passthrough")}


def _watchdog(vm: Vm, block: Block) -> Filled:
    assert isinstance(block, Watchdog)
    return {"model": Symbol("i6300esb" if not is_s390(vm.spec) else "diag288"), "action": Symbol("reset")}


def _rng(vm: Vm, block: Block) -> Filled:
    assert isinstance(block, Rng)
    return {"backend": Random(path="/dev/urandom")}


def _tpm(vm: Vm, block: Block) -> Filled:
    assert isinstance(block, Tpm)
    model = {"model": Symbol("tpm-crb" if is_x86(vm.spec) else "tpm-tis")}
    return model | ({"version": Symbol("2.0")} if block.backend == "emulator" else {})


def _panic(vm: Vm, block: Block) -> Filled:
    assert isinstance(block, Panic)
    return {"model": Symbol("isa")} if is_x86(vm.spec) else {}


def _sound(vm: Vm, block: Block) -> Filled:
    assert isinstance(block, Sound)
    return {"model": Symbol("ich9")}


DEVICES: Mapping[str, Callable[[Vm, Block], Filled]] = {
    "hostdev": _hostdev,
    "filesystem": _filesystem,
    "watchdog": _watchdog,
    "rng": _rng,
    "tpm": _tpm,
    "panic": _panic,
    "sound": _sound,
}
