"""Layout 1: nobody ever moves, nobody shares a place, and every bus that a device sits on exists."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from vmspec.lower.layout.v1 import SPARE_PORTS, Connect, Family, Layout, Pci, Wanted, assign, parse

devices = st.dictionaries(
    st.sampled_from([f"disk.{c}" for c in "abcdefghijklmnop"] + [f"interface.{n}" for n in range(20)]),
    st.sampled_from(Connect),
    max_size=30,
)
families = st.sampled_from(Family)


def lay(family: Family, wanted: dict[str, Connect], kept: dict[str, str] | None = None, **more: object) -> Layout:
    return assign(family, tuple(Wanted(key, c) for key, c in sorted(wanted.items())), kept=tuple((kept or {}).items()), **more)  # type: ignore[arg-type]


@given(families, devices, devices, st.data())
@settings(max_examples=200, deadline=None)
def test_nobody_moves_when_devices_come_and_go(
    family: Family, first: dict[str, Connect], added: dict[str, Connect], data: st.DataObject
) -> None:
    before = lay(family, first)
    gone = data.draw(st.sets(st.sampled_from(sorted(first)))) if first else set()
    both = {**added, **{k: c for k, c in first.items() if k not in gone}}
    after = lay(family, both, dict(before.kept))
    stayed = before.addresses.keys() & both.keys()
    assert {k: after.addresses[k] for k in stayed} == {k: before.addresses[k] for k in stayed}
    removed = {before.addresses[k] for k in gone - both.keys()}
    assert not removed & set(after.addresses.values()), "the place of a device that is gone stays free"
    again = lay(family, {**both, **first}, dict(after.kept))
    assert {k: again.addresses[k] for k in first} == dict(before.addresses), "and it gets it back"


@given(families, devices)
@settings(max_examples=200, deadline=None)
def test_every_place_is_one_devices_and_on_a_bus_that_exists(family: Family, wanted: dict[str, Connect]) -> None:
    layout = lay(family, wanted)
    assert not layout.homeless
    places = list(layout.addresses.values()) + [c.address for c in layout.controllers if c.address]
    assert len(set(places)) == len(places)
    indexes = [c.index for c in layout.controllers]
    assert indexes == list(range(len(indexes))), "libvirt fills a gap with controllers of its own"
    models = {c.index: c.model for c in layout.controllers}
    for place in places:
        assert place.bus in models
        if models[place.bus] == "pcie-root-port":
            assert place.slot == 0
    functions = {(c.address.slot, c.address.function) for c in layout.controllers if c.model == "pcie-root-port" and c.address}
    assert all((slot, 0) in functions for slot, _ in functions), "without function 0 a guest does not look at the others"


@given(families.filter(lambda f: f is not Family.I440FX), devices, st.sets(st.integers(1, 20), max_size=6))
@settings(max_examples=100, deadline=None)
def test_controllers_of_the_user_leave_a_function_0_in_every_slot(family: Family, wanted: dict[str, Connect], theirs: set[int]) -> None:
    layout = lay(family, wanted, buses=tuple((n, "pcie-expander-bus") for n in sorted(theirs)))
    ports = [c.address for c in layout.controllers if c.model == "pcie-root-port" and c.address]
    assert len(set(ports)) == len(ports)
    assert all(Pci(0, port.slot, 0) in ports for port in ports)


def test_conventional_devices_share_one_bridge() -> None:
    layout = lay(Family.Q35, {"interface.a": Connect.CONVENTIONAL, "watchdog": Connect.CONVENTIONAL, "disk.a": Connect.EXPRESS})
    bridges = [c for c in layout.controllers if c.model == "pcie-to-pci-bridge"]
    assert len(bridges) == 1
    assert {layout.addresses["interface.a"].bus, layout.addresses["watchdog"].bus} == {bridges[0].index}


def test_root_ports_are_spare() -> None:
    layout = lay(Family.Q35, {"disk.a": Connect.EXPRESS})
    assert str(layout.addresses["disk.a"]) == "01:00.0"
    assert [c.model for c in layout.controllers] == ["pcie-root"] + ["pcie-root-port"] * (1 + SPARE_PORTS)
    first = layout.controllers[1]
    assert (first.address, first.multifunction, first.chassis, first.port) == (Pci(0, 2, 0), True, 1, 0x10)


def test_what_the_user_wrote_is_left_alone() -> None:
    wanted = {"disk.a": Connect.EXPRESS}
    layout = lay(Family.Q35, wanted, taken=(Pci(1, 0), Pci(0, 2, 0)), buses=((2, "pcie-root-port"),))
    assert str(layout.addresses["disk.a"]) == "03:00.0"
    assert 2 not in {c.index for c in layout.controllers}
    assert Pci(0, 2, 0) not in {c.address for c in layout.controllers}


def test_the_chipsets_place_is_taken_where_it_is_free() -> None:
    video = (Wanted("video.a", Connect.CONVENTIONAL, Pci(0, 1)), Wanted("video.b", Connect.CONVENTIONAL, Pci(0, 1)))
    layout = assign(Family.Q35, video)
    assert [str(p) for p in layout.addresses.values()] == ["00:01.0", "02:01.0"]


def test_too_many_devices_are_named() -> None:
    layout = lay(Family.Q35, {f"disk.{n:03}": Connect.EXPRESS for n in range(200)})
    assert layout.homeless[0] == "disk.179"


@given(st.integers(0, 255), st.integers(0, 31), st.integers(0, 7))
def test_addresses_read_back(bus: int, slot: int, function: int) -> None:
    place = Pci(bus, slot, function)
    assert parse(str(place)) == place
    assert parse(str(place).upper() + " ") is None
