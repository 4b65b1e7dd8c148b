"""The order of the text counts once: it decides names, places, ports and what boots; from then on the lock keeps them."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vmspec.base.diagnostic import Severity
from vmspec.driver.compilation import BuildOptions, Compilation
from vmspec.emit.domain import domain_xml
from vmspec.lower.fleet import Vm
from vmspec.lower.lock import Lock, VmLock, read_lock, renewed, write_lock
from vmspec.model.devices.device import PciAddress

_NUMBER = itertools.count()


def build(folder: Path, text: str, lock: Lock | None = None, **options: object) -> Compilation:
    here = folder / f"p{next(_NUMBER)}"
    here.mkdir()
    (here / "vmspec.toml").write_text('id = "3d0f8a2c-6f0e-4a39-9a63-0f2b7c1d9e51"\n')
    (here / "a.vmspec").write_text(text)
    if lock is not None:
        (here / "vmspec.lock").write_text(write_lock(lock))
    made = Compilation([here], BuildOptions(**options))  # type: ignore[arg-type]
    assert [d.message for d in made.diagnostics if d.severity is Severity.ERROR] == [], text
    return made


def vm(made: Compilation, name: str = "a") -> Vm:
    return next(vm for vm in made.fleet.vms if vm.name == name)


def targets(made: Compilation) -> dict[str, str]:
    return {disk.label: str(disk.target) for disk in vm(made).spec.disk}


def labels(made: Compilation, kind: str = "disk") -> list[str]:
    return [block.label for block in vars(vm(made).spec).get(kind, ())]


def disk(label: str) -> str:
    return f'disk {label} {{ source = file("/images/{label}.qcow2") }}'


SMALL = "cpu.count = 1; memory.size = 1GiB"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"vm a {{ {SMALL}; {disk('root')}; {disk('data')} }}", ["root", "data"], id="as-written"),
        pytest.param(f"vm a {{ {SMALL}; {disk('d10')}; {disk('d9')} }}", ["d10", "d9"], id="numbers"),
        pytest.param(
            f"profile p {{ {disk('root')} }}\nvm a extends p {{ {SMALL}; {disk('a')}; disk root {{ cache = none }} }}",
            ["root", "a"],
            id="profile-first",
        ),
        pytest.param(
            f"profile p {{ {disk('z')} }}\nprofile q {{ {disk('y')} }}\nvm a extends q, p {{ {SMALL}; {disk('x')} }}",
            ["y", "z", "x"],
            id="in-the-order-of-the-parents",
        ),
        pytest.param(
            f'vm a {{ {SMALL}; {disk("b")}; for $n in [z, y] {{ disk "${{n}}" {{ source = file("/i/${{n}}.raw") }} }}; {disk("a")} }}',
            ["b", "z", "y", "a"],
            id="for",
        ),
        pytest.param(
            f"profile p {{ {disk('z')}; {disk('m')} }}\nvm a extends p {{ {SMALL}; {disk('a')}; replace {disk('z')} }}",
            ["z", "m", "a"],
            id="replaced-in-its-place",
        ),
        pytest.param(
            f"profile p {{ {disk('z')}; {disk('m')} }}\nprofile q extends p {{ unset disk z }}\n"
            f"vm a extends q {{ {SMALL}; {disk('a')}; {disk('z')} }}",
            ["m", "a", "z"],
            id="removed-and-written-again",
        ),
        pytest.param(
            f'profile p {{ disk "*" {{ cache = none }} }}\nvm a extends p {{ {SMALL}; {disk("b")}; {disk("a")} }}',
            ["b", "a"],
            id="wildcard",
        ),
        pytest.param(f"vm a {{ {SMALL}; when $env == none {{ {disk('b')} }} else {{ {disk('c')} }}; {disk('a')} }}", ["b", "a"], id="when"),
    ],
)
def test_the_order_is_that_of_the_text(tmp_path: Path, text: str, expected: list[str]) -> None:
    made = build(tmp_path, text)
    assert labels(made) == expected
    assert targets(made) == dict(zip(expected, ("vda", "vdb", "vdc", "vdd"), strict=False))
    places = [vm(made).spec.disk[n].address for n in range(len(expected))]
    assert places == sorted(places, key=lambda place: getattr(place, "bus", 0))


def test_each_follows_the_text_too(tmp_path: Path) -> None:
    own = ['disk "' + label + '" { source = file("/i/' + label + '.${n}") }' for label in ("root", "x-${n}", "data")]
    made = build(tmp_path, 'vm "${n}" { each $n in [b, a]; ' + "; ".join([SMALL, *own]) + " }")
    assert labels(made) == ["root", "x-a", "data"]


def test_an_environment_comes_last(tmp_path: Path) -> None:
    text = f"vm a {{ {SMALL}; {disk('root')}; {disk('data')} }}\nenv prod {{ vm a {{ {disk('audit')} }} }}"
    assert labels(build(tmp_path, text, env="prod")) == ["root", "data", "audit"]


def test_cards_serial_lines_and_controllers(tmp_path: Path) -> None:
    text = f"""vm a {{ {SMALL}
      interface wan {{ source = bridge("br0") }}
      interface lan {{ source = bridge("br1") }}
      interface dmz {{ source = bridge("br2") }}
      serial second {{ source = pty() }}
      serial first {{ source = pty() }}
      controller slow {{ type = scsi }}
      controller fast {{ type = scsi }}
    }}"""
    spec = vm(build(tmp_path, text)).spec
    assert [getattr(card.address, "bus", None) for card in spec.interface] == [1, 2, 3]
    assert {line.label: line.port for line in spec.serial} == {"second": "0", "first": "1"}
    assert {c.label: c.index for c in spec.controller if c.type == "scsi"} == {"slow": 0, "fast": 1}


def test_what_is_added_comes_last_and_what_goes_is_reserved(tmp_path: Path) -> None:
    first = build(tmp_path, f"vm a {{ {SMALL}; {disk('root')}; {disk('data')}; serial x {{ source = pty() }} }}")
    more = f"serial y {{ source = pty() }}; {disk('new')}; {disk('root')}; {disk('data')}; serial x {{ source = pty() }}"
    second = build(tmp_path, f"vm a {{ {SMALL}; {more} }}", first.lock)
    assert labels(second) == ["root", "data", "new"], "the first disk still boots"
    assert targets(second) == {"root": "vda", "data": "vdb", "new": "vdc"}
    assert {line.label: line.port for line in vm(second).spec.serial} == {"x": "0", "y": "1"}
    third = build(tmp_path, f"vm a {{ {SMALL}; serial y {{ source = pty() }}; {disk('new')}; {disk('data')} }}", second.lock)
    assert targets(third) == {"data": "vdb", "new": "vdc"}
    assert {line.label: line.port for line in vm(third).spec.serial} == {"y": "1"}


def test_a_name_that_another_disk_has_is_not_taken_from_it(tmp_path: Path) -> None:
    first = build(tmp_path, f"vm a {{ {SMALL}; {disk('root')} }}")
    here = tmp_path / "taken"
    here.mkdir()
    (here / "vmspec.toml").write_text('id = "3d0f8a2c-6f0e-4a39-9a63-0f2b7c1d9e51"\n')
    (here / "a.vmspec").write_text(f"vm a {{ {SMALL}; {disk('vda')}; {disk('root')} }}")
    (here / "vmspec.lock").write_text(write_lock(first.lock))
    assert [d.code.number for d in Compilation([here]).diagnostics] == [4006]


def test_a_controller_that_comes_back_with_another_type_moves_nobody(tmp_path: Path) -> None:
    def indexes(made: Compilation) -> dict[str, int | None]:
        return {block.label: block.index for block in vm(made).spec.controller if block.label in ("x", "y", "z")}

    scsi, usb = "{ type = scsi; model = virtio-scsi }", "{ type = usb; model = qemu-xhci }"
    first = build(tmp_path, f"vm a {{ {SMALL}; controller x {scsi}; controller y {usb}; controller z {scsi} }}")
    assert indexes(first) == {"x": 0, "y": 0, "z": 1}
    assert first.lock.vm(None, "a").numbers == {"controller.x": "scsi:0", "controller.y": "usb:0", "controller.z": "scsi:1"}
    without = build(tmp_path, f"vm a {{ {SMALL}; controller y {usb}; controller z {scsi} }}", first.lock)
    again = build(tmp_path, f"vm a {{ {SMALL}; controller x {usb}; controller y {usb}; controller z {scsi} }}", without.lock)
    assert indexes(again) == {"x": 1, "y": 0, "z": 1}
    old = VmLock(machine="pc-q35-7.2", layout=2, numbers={"controller.x": "4", "controller.y": "0"})
    kept = build(tmp_path, f"vm a {{ {SMALL}; controller x {scsi}; controller y {usb} }}", Lock({"default": {"a": old}}))
    assert vm(kept).spec.controller[0].index == 4
    assert dict(kept.lock.vm(None, "a").numbers) == dict(old.numbers), "a lock of before stays as it is"


TAKEN = (
    (
        'interface eth0 { source = bridge("br0") }',
        'rng r { address = pci("0000:01:00.0") }',
        'rng r of "a" takes the PCI address 01:00.0, which interface eth0 has in the guest',
    ),
    (
        "input one { type = tablet; bus = usb }",
        'input two { type = mouse; bus = usb; address = usb(bus = 0, port = "1") }',
        'input two of "a" takes the USB port 1, which input one has in the guest',
    ),
    (
        "channel one { target = virtio; source = pty() }",
        "channel two { target = virtio; source = pty(); address = virtio-serial(controller = 0, port = 1) }",
        'channel two of "a" takes the virtio-serial port 1, which channel one has in the guest',
    ),
    (
        "controller one { type = scsi }",
        "controller two { type = scsi; index = 0 }",
        'controller two of "a" takes the number 0, which controller one has in the guest',
    ),
    (
        "hostdev lun { source = scsi(adapter = scsi_host2, bus = 0, target = 0, unit = 0) }",
        'disk sda { bus = scsi; source = block("/dev/x") }',
        'disk sda of "a" takes the SCSI unit 0, which hostdev lun has in the guest',
    ),
)


@pytest.mark.parametrize(("device", "other", "message"), TAKEN)
def test_a_place_that_another_device_has_is_not_taken_from_it(tmp_path: Path, device: str, other: str, message: str) -> None:
    first = build(tmp_path, f"vm a {{ {SMALL}; {device} }}")
    here = tmp_path / "taken"
    here.mkdir()
    (here / "vmspec.toml").write_text('id = "3d0f8a2c-6f0e-4a39-9a63-0f2b7c1d9e51"\n')
    (here / "a.vmspec").write_text(f"vm a {{ {SMALL}; {other}; {device} }}")
    (here / "vmspec.lock").write_text(write_lock(first.lock))
    found = Compilation([here]).diagnostics
    assert [(d.code.number, d.message) for d in found] == [(4008, message)]
    assert found[0].labels[0].span.text.startswith(device.partition(" {")[0])


def test_scsi_devices_of_the_host_have_units_beside_the_disks(tmp_path: Path) -> None:
    lun = "hostdev {} {{ source = scsi(adapter = scsi_host2, bus = 0, target = 0, unit = {}) }}"
    disks = 'disk sda { bus = scsi; source = block("/dev/x") }; disk sdc { bus = scsi; source = block("/dev/y") }'
    first = build(tmp_path, f"vm a {{ {SMALL}; {disks}; {lun.format('one', 1)}; {lun.format('two', 2)} }}")
    units = {each.label: getattr(each.address, "unit", None) for each in vm(first).spec.hostdev}
    assert units == {"one": 1, "two": 3}
    second = build(tmp_path, f"vm a {{ {SMALL}; {disks}; {lun.format('two', 2)} }}", first.lock)
    assert [getattr(each.address, "unit", None) for each in vm(second).spec.hostdev] == [3]


def test_layout_1_goes_by_label(tmp_path: Path) -> None:
    """Guests that were built before the order counted keep what they have."""
    lock = Lock().having(
        None,
        {
            "a": VmLock(
                machine="pc-q35-7.2",
                layout=1,
                targets={"root": "vdb", "data": "vda"},
                addresses={"balloon": "03:00.0", "controller.sata0": "00:1f.2", "disk.data": "01:00.0", "disk.root": "02:00.0"},
            )
        },
    )
    text = f"vm a {{ {SMALL}; {disk('root')}; {disk('data')} }}"
    made = build(tmp_path, text, lock)
    assert made.lock == lock
    assert targets(made) == {"root": "vdb", "data": "vda"}
    anew = build(tmp_path, text, renewed(lock, None, "a"))
    assert targets(anew) == {"root": "vda", "data": "vdb"}


def test_another_family_lays_the_guest_out_anew(tmp_path: Path) -> None:
    text = f'vm a {{ {SMALL}; machine = MACHINE; {disk("root")}; interface eth0 {{ source = bridge("br0") }} }}'
    first = build(tmp_path, text.replace("MACHINE", "q35"))
    second = build(tmp_path, text.replace("MACHINE", "pc-i440fx-7.2"), first.lock)
    assert [d.code.number for d in second.diagnostics] == [8905]
    assert 'the entry of "a" in vmspec.lock' in second.diagnostics[0].notes[0]
    assert second.lock.vm(None, "a").machine == "pc-i440fx-7.2"
    assert all(text.startswith("00:") for text in second.lock.vm(None, "a").addresses.values())
    assert vm(first).spec.uuid == vm(second).spec.uuid
    assert vm(first).spec.interface[0].mac == vm(second).spec.interface[0].mac
    assert build(tmp_path, text.replace("MACHINE", "pc-i440fx-7.2"), second.lock).diagnostics == ()
    newer = build(tmp_path, text.replace("MACHINE", "pc-q35-8.0"), first.lock)
    assert newer.lock.vm(None, "a").addresses == first.lock.vm(None, "a").addresses


# ------------------------------------------------------------------------------------------- functions of one device


def test_functions_of_one_device_share_a_slot(tmp_path: Path) -> None:
    text = f"""vm a {{ {SMALL}
      hostdev nic {{ source = pci(0000:02:00.0) }}
      hostdev sound {{ source = pci(0000:01:00.1) }}
      hostdev gpu {{ source = pci(0000:01:00.0) }}
    }}"""
    made = build(tmp_path, text)
    spots = {h.label: h.address for h in vm(made).spec.hostdev}
    gpu, sound, nic = spots["gpu"], spots["sound"], spots["nic"]
    assert gpu.but(function=1, multifunction=None) == sound  # type: ignore[union-attr]
    assert gpu.multifunction is True and nic.multifunction is None  # type: ignore[union-attr]
    assert nic.bus != gpu.bus  # type: ignore[union-attr]


def test_virtual_functions_are_devices_by_themselves(tmp_path: Path) -> None:
    text = f"vm a {{ {SMALL}; hostdev v1 {{ source = pci(0000:3b:02.0) }}; hostdev v2 {{ source = pci(0000:3b:02.1) }} }}"
    one, two = (getattr(h.address, "bus", None) for h in vm(build(tmp_path, text)).spec.hostdev)
    assert one != two


def test_a_function_that_comes_later_joins_the_others(tmp_path: Path) -> None:
    first = build(tmp_path, f"vm a {{ {SMALL}; hostdev gpu {{ source = pci(0000:01:00.0) }} }}")
    both = f"vm a {{ {SMALL}; hostdev sound {{ source = pci(0000:01:00.1) }}; hostdev gpu {{ source = pci(0000:01:00.0) }} }}"
    second = build(tmp_path, both, first.lock)
    before, after = first.lock.vm(None, "a").addresses, second.lock.vm(None, "a").addresses
    assert after["hostdev.gpu"] == before["hostdev.gpu"] and after["hostdev.sound"] == before["hostdev.gpu"][:-1] + "1"


# ------------------------------------------------------------------------------------------------- random fleets

FORMS = {
    "disk": ("source = file(PATH)", "source = file(PATH); bus = scsi", "source = file(PATH); bus = sata", "source = file(PATH); bus = usb"),
    "interface": ("source = bridge(br0)", "source = user()", "source = bridge(br0); model = e1000"),
    "serial": ("source = pty()",),
    "channel": ("source = unix(); target = virtio; name = NAME",),
    "rng": ('backend = random("/dev/urandom")',),
    "controller": ("type = scsi", "type = virtio-serial"),
    "hostdev": ("source = pci(HOST)",),
    "input": ("type = tablet; bus = usb",),
}
LABELS = ("root", "data", "a", "z", "d9", "d10", "lan", "wan", "m", "logs", "q", "t")
Device = tuple[str, str, str]


def written(devices: list[Device], machine: str) -> str:
    lines = [f"  {kind} {label} {{ {body} }}" for kind, label, body in devices]
    return "\n".join([f"vm a {{ {SMALL}; machine = {machine}", *lines, "}"])


def drawn(random: random.Random, taken: set[tuple[str, str]]) -> Device | None:
    kind = random.choice(sorted(FORMS))
    label = random.choice(LABELS)
    if (kind, label) in taken or (kind == "serial" and sum(k == "serial" for k, _ in taken) > 3):
        return None
    taken.add((kind, label))
    bus, function = divmod(LABELS.index(label), 2)
    forms = FORMS[kind]
    chosen = forms[bus % len(forms)] if kind == "controller" else random.choice(forms)
    body = chosen.replace("HOST", f"0000:{bus + 0x10:02x}:00.{function}").replace("br0", '"br0"')
    return kind, label, body.replace("PATH", f'"/i/{label}.raw"').replace("NAME", f'"org.{label}"')


def some(random: random.Random, count: int, taken: set[tuple[str, str]]) -> list[Device]:
    return [device for device in (drawn(random, taken) for _ in range(count)) if device is not None]


def seen(guest: Vm) -> dict[tuple[str, str], tuple[object, ...]]:
    """What the guest knows each device by."""
    found: dict[tuple[str, str], tuple[object, ...]] = {}
    for kind in FORMS:
        for block in vars(guest.spec).get(kind, ()):
            if kind == "controller" and block.label.startswith("pci."):
                continue
            place = block.address.but(multifunction=None) if isinstance(block.address, PciAddress) else block.address
            found[kind, block.label] = (place, *(vars(block).get(name) for name in ("target", "port", "index", "mac")))
    return found


@given(st.integers(0, 2**32), st.sampled_from(("q35", "pc")))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_device_that_stays_never_moves(tmp_path: Path, seed: int, machine: str) -> None:
    random_ = random.Random(seed)
    taken: set[tuple[str, str]] = set()
    devices = some(random_, 10, taken)
    lock: Lock | None = None
    before: dict[tuple[str, str], tuple[object, ...]] = {}
    booted: list[str] = []
    for _ in range(4):
        text = written(devices, machine)
        made = build(tmp_path, text, lock)
        now = seen(vm(made))
        stayed = [(kind, label) for kind, label, _ in devices if (kind, label) in before]
        assert {key: now[key] for key in stayed} == {key: before[key] for key in stayed}, text
        order = [label for label in labels(made) if label in booted]
        assert order == [label for label in booted if label in order], "what boots first stays so"
        assert domain_xml(vm(build(tmp_path, text, lock)).spec) == domain_xml(vm(made).spec)
        again, broken = read_lock_of(made.lock)
        assert again == made.lock and not broken
        lock, before, booted = made.lock, now, labels(made)
        kept = [device for device in devices if random_.random() > 0.2]
        random_.shuffle(kept)
        for device in some(random_, 3, {(kind, label) for kind, label, _ in (*devices, *kept)}):
            kept.insert(random_.randrange(len(kept) + 1), device)
        devices = kept


def read_lock_of(lock: Lock) -> tuple[Lock, bool]:
    from vmspec.base.source import Source

    found, wrong = read_lock(Source("vmspec.lock", write_lock(lock)))
    return found, bool(wrong)
