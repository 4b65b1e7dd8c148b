"""Devices are found by the schema: every class of device that the model has, and one that it has not yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from tests.model.gadget import Bigger, Gadget
from vmspec.check.queries.pci import placed
from vmspec.check.rule import Finding, Rule
from vmspec.check.vm.devices.address import ccw_machine, duplicate_ccw, zpci
from vmspec.check.vm.devices.identity import acpi_index, alias_dropped, duplicate_alias, duplicate_boot_order
from vmspec.check.vm.pci.addresses import unassigned_address
from vmspec.lower.passes.ccw import on_ccw
from vmspec.lower.passes.devices import KINDS
from vmspec.lower.passes.devices import devices as in_order
from vmspec.model.block import Block, Many, schema
from vmspec.model.devices.device import Boot, CcwAddress, Device, PciAddress, Unassigned, UsbAddress
from vmspec.model.devices.memory_balloon import MemoryBalloon
from vmspec.model.devices.rng import Rng
from vmspec.model.domain import Domain
from vmspec.model.memory import Memory
from vmspec.model.value import Symbol
from vmspec.model.walk import device_places, devices, has_boot_order, walk


def with_gadgets(*gadgets: Gadget) -> Bigger:
    return Bigger(name="a", gadget=gadgets)


def findings(rule: Rule, vm: Domain) -> list[Finding]:
    found: Iterable[Finding] = rule.check(vm)
    return list(found)


def classes(base: type[Device] = Device) -> Iterator[type[Device]]:
    for kind in base.__subclasses__():
        yield from classes(kind)
        if kind.__module__.startswith("vmspec.") and kind.element:
            yield kind


def placed_classes() -> list[type[Device]]:
    """The class at each place of devices."""
    found: list[type[Device]] = []
    for steps in device_places(Domain):
        block: type[Block] = Domain
        for step in steps:
            block = next(kind for field in schema(block) if field.python == step for kind in field.types)
        assert issubclass(block, Device)
        found.append(block)
    return found


def test_every_class_of_device_has_a_place() -> None:
    assert {kind.__name__ for kind in classes()} == {kind.__name__ for kind in placed_classes()}
    assert len(placed_classes()) > 25


def domain_with(steps: tuple[str, ...], kind: type[Device], **features: object) -> Domain:
    held = kind(label="x", **features)
    if steps == ("memory", "balloon"):
        return Domain(name="a", memory=Memory(balloon=MemoryBalloon(**features)), rng=(Rng(label="r", **features),))
    many = next(field for field in schema(Domain) if field.python == steps[0])
    value: object = (held,) if isinstance(many.line, Many) else held
    others: dict[str, object] = {"rng": (Rng(label="r", **features),)} if steps != ("rng",) else {}
    return Domain(name="a", **{**others, steps[0]: value if steps != ("rng",) else (held, Rng(label="r", **features))})


@pytest.mark.parametrize(("steps", "kind"), list(zip(device_places(Domain), placed_classes(), strict=True)), ids=str)
def test_an_alias_is_told_of_every_device(steps: tuple[str, ...], kind: type[Device]) -> None:
    assert len(findings(duplicate_alias, domain_with(steps, kind, alias="ua-a"))) == 1
    assert len(findings(alias_dropped, domain_with(steps, kind, alias="a"))) == 2
    assert len(findings(acpi_index, domain_with(steps, kind, acpi_index=1, address=UsbAddress(bus=0, port="1")))) == 2


@pytest.mark.parametrize("kind", [kind for kind in placed_classes() if issubclass(kind, Boot)], ids=lambda kind: kind.__name__)
def test_a_boot_order_is_told_of_every_device_that_boots(kind: type[Device]) -> None:
    steps = next(each for each, found in zip(device_places(Domain), placed_classes(), strict=True) if found is kind)
    assert has_boot_order(Domain(name="a", **{steps[0]: (kind(label="x", boot=1),)}))
    twice = Domain(name="a", **{steps[0]: (kind(label="x", boot=1), kind(label="y", boot=1))})
    assert len(findings(duplicate_boot_order, twice)) == 1


def test_the_build_and_the_normal_form_go_through_every_device() -> None:
    from vmspec.normal.device_table import ORDER

    kinds = {steps[-1] for steps in device_places(Domain)}
    assert {*(kind.replace("-", "_") for kind in KINDS), "balloon", "nvram", "pstore"} == kinds
    assert set(ORDER) == kinds


def test_a_new_device_is_found_by_alias_boot_order_and_address() -> None:
    at = CcwAddress(cssid=0xFE, ssid=0, devno=1)
    two = with_gadgets(Gadget(label="x", alias="ua-a", boot=1, address=at), Gadget(label="y", alias="ua-a", boot=1, address=at))
    assert [str(each) for each in devices(two)] == ["gadget x", "gadget y"]
    for rule in (duplicate_alias, duplicate_boot_order, duplicate_ccw):
        assert [finding.at[:2] for finding in findings(rule, two)] == [("gadget", "y")]
    assert len(findings(ccw_machine, two)) == 2
    assert len(findings(unassigned_address, with_gadgets(Gadget(label="x", address=Unassigned())))) == 1
    on_pci = with_gadgets(Gadget(label="x", address=PciAddress(bus=1, slot=0, zpci_uid=1)))
    assert len(findings(zpci, on_pci)) == 1
    assert [str(each) for each in placed(on_pci)] == ["gadget x"]


def test_a_new_virtio_device_of_s390x_has_a_channel_address() -> None:
    assert on_ccw(Gadget(label="x"))


def test_walk_reaches_every_block() -> None:
    vm = Domain(name="a", memory=Memory(balloon=MemoryBalloon(model=Symbol("virtio"))), rng=(Rng(label="r"),))
    assert [path for path, _ in walk(vm)] == [(), ("memory",), ("memory", "balloon"), ("rng", "r")]
    assert list(in_order(vm))
