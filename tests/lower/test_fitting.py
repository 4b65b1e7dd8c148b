"""What a guest gets follows from what it is: its architecture, its host's QEMU and CPUs, the kind of each device."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lower.test_order import SMALL, build, disk, vm
from vmspec.model.devices.device import CcwAddress, PciAddress
from vmspec.model.machine import red_hat, version_of


@pytest.mark.parametrize(
    ("arch", "machine", "target", "model"),
    [
        ("x86_64", "q35", "isa-serial", "isa-serial"),
        ("aarch64", "virt", "system-serial", "pl011"),
        ("armv7l", "virt", "system-serial", "pl011"),
        ("riscv64", "virt", "system-serial", "16550a"),
        ("ppc64le", "pseries", "spapr-vio-serial", "spapr-vty"),
        ("s390x", "s390-ccw-virtio", "sclp-serial", "sclpconsole"),
    ],
)
def test_the_serial_line_is_the_machines_own(tmp_path: Path, arch: str, machine: str, target: str, model: str) -> None:
    made = build(tmp_path, f"vm a {{ arch = {arch}; machine = {machine}; {SMALL}; serial s0 {{ source = pty() }} }}")
    line = vm(made).spec.serial[0]
    assert (line.target, line.model, line.port) == (target, model, "0")


@pytest.mark.parametrize(
    ("arch", "machine"),
    [("x86_64", "pc-q35-7.2"), ("aarch64", "virt-7.2"), ("armv7l", "virt-7.2"), ("riscv64", "virt")],
)
def test_the_usual_machine_of_an_architecture(tmp_path: Path, arch: str, machine: str) -> None:
    spec = vm(build(tmp_path, f"vm a {{ arch = {arch}; {SMALL}; {disk('vda')} }}")).spec
    assert (spec.machine, spec.disk[0].address) == (machine, PciAddress(domain=0, bus=1, slot=0, function=0))


def test_devices_of_s390x_have_device_numbers(tmp_path: Path) -> None:
    text = f"vm a {{ arch = s390x; machine = s390-ccw-virtio; {SMALL}; DISKS; interface eth0 {{ source = user() }} }}"
    first = build(tmp_path, text.replace("DISKS", f"{disk('root')}; {disk('data')}"))
    spec = vm(first).spec
    assert [d.address for d in spec.disk] == [CcwAddress(cssid=0xFE, ssid=0, devno=n) for n in (0, 1)]
    assert spec.interface[0].address == CcwAddress(cssid=0xFE, ssid=0, devno=2)
    second = build(tmp_path, text.replace("DISKS", f"{disk('new')}; {disk('data')}"), first.lock)
    now = {d.label: d.address.devno for d in vm(second).spec.disk if isinstance(d.address, CcwAddress)}
    assert now == {"data": 1, "new": 4}, "number 0 is the removed disk's, 2 and 3 are the card's and the balloon's"


@pytest.mark.parametrize(
    ("host", "machine", "expected"),
    [
        ('os = rhel; qemu = "9.0.0"', "q35", "pc-q35-rhel9.4.0"),
        ('os = rocky; qemu = "7.2.0"', "q35", "pc-q35-rhel9.2.0"),
        ("os = alma", "pc", "pc-i440fx-rhel7.6.0"),
        ('os = debian; qemu = "8.2.0"', "q35", "pc-q35-8.2"),
    ],
)
def test_machine_types_are_those_of_the_hosts_qemu(tmp_path: Path, host: str, machine: str, expected: str) -> None:
    node = "numa 0 { cpus = 0-3; memory = 16GiB }"
    made = build(tmp_path, f"host h {{ {host}; {node} }}\nvm a {{ place = host(h); machine = {machine}; {SMALL} }}")
    assert vm(made).spec.machine == expected


def test_versions_of_machine_types() -> None:
    assert [red_hat("q35", qemu) for qemu in ((5, 2), (6, 2), (8, 0), (10, 0))] == [
        f"pc-q35-rhel{release}" for release in ("8.4.0", "8.6.0", "9.2.0", "9.6.0")
    ]
    assert version_of("pc-q35-8.2") == (8, 2) and version_of("pc-q35-rhel9.4.0") is None and version_of("q35") is None


PASSED = "hostdev gpu { source = pci(0000:01:00.0) }"
CARD = "interface vf { source = hostdev(0000:3b:02.0) }"
TEAMED = 'interface v0 { source = bridge("br0"); model = virtio; teaming { type = persistent }; alias = ua-v0 }'


@pytest.mark.parametrize(
    ("more", "migratable"),
    [
        ("", True),
        (PASSED, False),
        (CARD, False),
        (f"cpu.migratable = true; {PASSED}", True),
        (f"{TEAMED}; {CARD.replace(' }', '; teaming { type = transient; persistent = ua-v0 } }')}", True),
    ],
    ids=["free", "hostdev", "vf", "said", "teaming"],
)
def test_a_guest_that_cannot_move_sees_invtsc(tmp_path: Path, more: str, migratable: bool) -> None:
    made = build(tmp_path, f"vm a {{ cpu {{ count = 1; mode = host-passthrough }}; memory.size = 1GiB; {more} }}")
    cpu = vm(made).spec.cpu
    assert cpu is not None and cpu.migratable is migratable


@pytest.mark.parametrize(("vendor", "threads", "expected"), [("amd", 2, "require"), ("amd", 1, None), ("intel", 2, None)])
def test_amd_guests_with_threads_have_topoext(tmp_path: Path, vendor: str, threads: int, expected: str | None) -> None:
    topology = f"topology {{ sockets = 1; cores = {2 // threads}; threads = {threads} }}"
    host = f"host h {{ vendor = {vendor}; numa 0 {{ cpus = 0-3; memory = 16GiB }} }}"
    made = build(
        tmp_path, f"{host}\nvm a {{ place = host(h); cpu {{ count = 2; mode = host-passthrough; {topology} }}; memory.size = 1GiB }}"
    )
    cpu = vm(made).spec.cpu
    assert cpu is not None and (cpu.features or {}).get("topoext") == expected


def test_wildcards_say_nothing_of_what_cannot_have_it(tmp_path: Path) -> None:
    text = f"""
profile fast {{
  interface "*" {{ model = virtio; queues = 4; rx-queue-size = 1024 }}
  disk "*" {{ cache = none; io = native; discard = unmap }}
}}
vm a extends fast {{
  cpu.count = 4; memory.size = 1GiB
  {CARD}
  interface eth0 {{ source = bridge("br0") }}
  disk cd {{ device = cdrom; source = file("/i/a.iso") }}
  {disk("root")}
}}"""
    spec = vm(build(tmp_path, text)).spec
    card, plain = spec.interface
    assert (card.model, card.queues, card.rx_queue_size) == (None, None, None)
    assert (plain.model, plain.queues, plain.rx_queue_size) == ("virtio", 4, 1024)
    drive, root = spec.disk
    assert (drive.cache, drive.io, drive.discard) == (None, None, None)
    assert (root.cache, root.io, root.discard) == ("none", "native", "unmap")
