"""Makes serial lines and consoles explicit: libvirt treats the first console and the first serial line as one device.

Sources: libvirt 9.0.0 src/conf/domain_postparse.c (virDomainDefAddConsoleCompat), src/qemu/qemu_domain.c (qemuDomainChrDefPostParse).
"""

from __future__ import annotations

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived, labelled
from vmspec.lower.passes.memo import reading
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.chardev import PtySource, UnixSource
from vmspec.model.devices.console import Console
from vmspec.model.devices.serial import Serial
from vmspec.model.machine import serial_model, serial_target
from vmspec.model.value import Symbol

PAIR = "the first console is the first serial line"
FILLED = "what libvirt would add, written out"


@reading("serial", "console", "channel", "arch", "machine")
def expand(vm: Vm, context: Context) -> PassResult:
    if not (vm.spec.serial or vm.spec.console or vm.spec.channel):
        return NOTHING
    trails: dict[Path, Provenance] = {}
    serials, consoles = list(vm.spec.serial), list(vm.spec.console)
    if serials and not any(c.target in (None, "serial") for c in consoles):
        label = serials[0].label
        consoles = [labelled(Console, label, source=serials[0].source, target=Symbol("serial")), *consoles]
        trails["console", label] = trails["console", label, "source"] = derived(vm, PAIR, ("serial", label))
    elif consoles and not serials and consoles[0].target in (None, "serial"):
        label = consoles[0].label
        serials = [labelled(Serial, label, source=consoles[0].source)]
        trails["serial", label] = trails["serial", label, "source"] = derived(vm, PAIR, ("console", label))
    features = {
        "serial": tuple(_serial(vm, block, n, trails) for n, block in enumerate(serials)),
        "console": tuple(_console(vm, block, n, serials[0] if serials else None, trails) for n, block in enumerate(consoles)),
        "channel": tuple(_channel(vm, block, trails) for block in vm.spec.channel),
    }
    return PassResult(features, trails)


def _serial(vm: Vm, block: Serial, number: int, trails: dict[Path, Provenance]) -> Serial:
    target = str(block.target or serial_target(vm.spec) or "") or None
    values: dict[str, object] = {"source": PtySource(), "port": str(number)}
    if target is not None:
        values["target"] = Symbol(target)
        model = serial_model(vm.spec, target)
        if model is not None:
            values["model"] = Symbol(model)
    return block.but(**_missing(vm, ("serial", block.label), block, values, trails))


def _console(vm: Vm, block: Console, number: int, first: Serial | None, trails: dict[Path, Provenance]) -> Console:
    values: dict[str, object] = {"source": PtySource(), "target": Symbol("serial"), "port": str(number)}
    if number == 0 and first is not None and first.source is not None:
        values["source"] = first.source
    return block.but(**_missing(vm, ("console", block.label), block, values, trails))


def _channel(vm: Vm, block: Channel, trails: dict[Path, Provenance]) -> Channel:
    return block.but(**_missing(vm, ("channel", block.label), block, {"source": UnixSource(), "target": Symbol("virtio")}, trails))


def _missing(
    vm: Vm, here: Path, block: Serial | Console | Channel, values: dict[str, object], trails: dict[Path, Provenance]
) -> dict[str, object]:
    found = {name: value for name, value in values.items() if vars(block).get(name) is None}
    for name in found:
        trails[(*here, name)] = derived(vm, FILLED, here)
    return found
