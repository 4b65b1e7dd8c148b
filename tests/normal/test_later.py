"""What releases after 9.0.0 add, as their documentation and dumps have it: there is no such driver here to ask."""

from __future__ import annotations

import pytest

from vmspec.base.source import Source
from vmspec.importing.domain import read_domain
from vmspec.model.domain import Domain
from vmspec.normal.predict import predict
from vmspec.normal.target import Target


def predicted(libvirt: tuple[int, ...], rest: str = "", devices: str = "") -> Domain:
    text = f"""<domain type='kvm'><name>vm</name><memory>1024</memory>{rest}<os><type arch='x86_64' machine='q35'>hvm</type></os>
        <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{devices}</devices></domain>"""
    return predict(read_domain(text.encode(), Source("vm.xml", text)).domain, Target(libvirt=libvirt))


@pytest.mark.parametrize(("libvirt", "expected"), [((9, 0, 0), []), ((9, 1, 0), ["itco"]), ((10, 0, 0), ["itco"])])
def test_the_watchdog_of_q35_is_listed(libvirt: tuple[int, ...], expected: list[str]) -> None:
    assert [str(own.model) for own in predicted(libvirt).watchdog] == expected


def test_the_listed_watchdog_acts_as_the_others() -> None:
    vm = predicted((9, 1, 0), devices="<watchdog model='i6300esb' action='poweroff'/>")
    assert [(own.model, own.action) for own in vm.watchdog] == [("i6300esb", "poweroff"), ("itco", "poweroff")]


def test_a_listed_watchdog_is_not_added_again() -> None:
    vm = predicted((11, 0, 0), devices="<watchdog model='itco' action='none'/>")
    assert [(own.model, own.action) for own in vm.watchdog] == [("itco", "none")]


@pytest.mark.parametrize(("libvirt", "expected"), [((10, 0, 0), None), ((10, 1, 0), 1)])
def test_a_topology_says_its_clusters(libvirt: tuple[int, ...], expected: int | None) -> None:
    vm = predicted(libvirt, "<vcpu>2</vcpu><cpu><topology sockets='1' cores='2' threads='1'/></cpu>")
    assert vm.cpu is not None and vm.cpu.topology is not None and vm.cpu.topology.clusters == expected


@pytest.mark.parametrize(("libvirt", "vcpus", "expected"), [((10, 9, 0), 256, False), ((10, 10, 0), 255, False), ((10, 10, 0), 256, True)])
def test_many_vcpus_bring_an_iommu(libvirt: tuple[int, ...], vcpus: int, expected: bool) -> None:
    vm = predicted(libvirt, f"<vcpu current='2'>{vcpus}</vcpu>")
    assert [(own.model, own.eim, own.intremap) for own in vm.iommu] == ([("intel", True, True)] if expected else [])
    assert (vm.features is not None and vm.features.ioapic == "qemu") == expected


def test_an_iommu_keeps_what_it_says() -> None:
    vm = predicted((10, 10, 0), "<vcpu>300</vcpu>", "<iommu model='intel'><driver eim='off'/></iommu>")
    assert [(own.eim, own.intremap) for own in vm.iommu] == [(False, None)]


@pytest.mark.parametrize(
    ("libvirt", "expected"),
    [((9, 0, 0), (None, None)), ((11, 4, 0), (None, None)), ((11, 5, 0), ("usb-bot", None)), ((12, 5, 0), ("usb-bot", "virtio-vga"))],
)
def test_models_stand_in_the_definition(libvirt: tuple[int, ...], expected: tuple[str | None, str | None]) -> None:
    devices = "<disk type='file' device='cdrom'><target dev='sda' bus='usb'/></disk><video><model type='virtio'/></video>"
    vm = predicted(libvirt, devices=devices)
    assert (vm.disk[0].model, vm.video[0].device) == expected


@pytest.mark.parametrize(("libvirt", "expected"), [((9, 1, 0), (None, None)), ((9, 2, 0), ("raw", "raw"))])
def test_firmware_says_its_formats(libvirt: tuple[int, ...], expected: tuple[str | None, str | None]) -> None:
    text = """<domain type='kvm'><name>vm</name><memory>1024</memory><os><type arch='x86_64' machine='q35'>hvm</type>
        <loader readonly='yes' type='pflash'>/a.fd</loader><nvram>/b.fd</nvram></os><features><acpi/></features></domain>"""
    own = predict(read_domain(text.encode(), Source("vm.xml", text)).domain, Target(libvirt=libvirt)).firmware
    assert own is not None and own.nvram is not None and (own.loader_format, own.nvram.own_format) == expected


def test_no_mouse_without_ps2() -> None:
    rest = "<features><ps2 state='off'/></features>"
    assert not predicted((10, 7, 0), rest).input
    assert [str(own.type) for own in predicted((10, 7, 0)).input] == ["mouse", "keyboard"]
