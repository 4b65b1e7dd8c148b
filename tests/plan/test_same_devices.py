"""Comparison by meaning: what counts as the same device, and what is no difference at all."""

from __future__ import annotations

from vmspec.base.source import Source
from vmspec.importing.domain import read_domain
from vmspec.model.domain import Domain
from vmspec.plan.change import Difference
from vmspec.plan.compare import differences


def domain(devices: str = "", rest: str = "") -> Domain:
    text = f"<domain type='kvm'><name>vm</name>{rest}<devices><emulator>/usr/bin/qemu</emulator>{devices}</devices></domain>"
    return read_domain(text.encode(), Source("vm.xml", text)).domain


def paths(a: Domain, b: Domain) -> list[str]:
    return [".".join(each.path) for each in differences(a, b)]


def test_units_and_spellings_are_no_difference() -> None:
    a = domain(rest="<memory unit='GiB'>1</memory><vcpu cpuset='0,1,2,3'>4</vcpu>")
    b = domain(rest="<memory unit='KiB'>1048576</memory><vcpu cpuset='0-4,^4'>4</vcpu>")
    assert list(differences(a, b)) == []


def test_hexadecimal_is_a_number() -> None:
    disk = "<disk type='file'><target dev='vda' bus='virtio'/><address type='pci' domain='{}' bus='{}' slot='{}' function='0'/></disk>"
    assert list(differences(domain(disk.format("0", "1", "0x10")), domain(disk.format("0x0000", "0x01", "16")))) == []


def test_a_value_by_its_path() -> None:
    a, b = domain(rest="<memory unit='MiB'>512</memory>"), domain(rest="<memory unit='MiB'>1024</memory>")
    (found,) = differences(a, b)
    assert found.path == ("memory", "size") and (found.before, found.after) == (512 << 20, 1024 << 20)


def test_devices_are_the_same_by_alias_before_all() -> None:
    a = domain("<disk type='file'><source file='/a'/><target dev='vda' bus='virtio'/><alias name='ua-x'/></disk>")
    b = domain("<disk type='file'><source file='/b'/><target dev='vdb' bus='virtio'/><alias name='ua-x'/></disk>")
    assert paths(a, b) == ["disk.vdb.source.path", "disk.vdb.target"]


def test_interfaces_are_the_same_by_mac_whatever_their_order() -> None:
    one = "<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/></interface>"
    two = "<interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='{}'/></interface>"
    a, b = domain(one + two.format("br1")), domain(two.format("br9") + one)
    (found,) = differences(a, b)
    assert (found.before, found.after) == ("br1", "br9") and found.path[-2:] == ("source", "bridge")


def test_host_devices_are_the_same_by_their_place_on_the_host() -> None:
    source = "<source><address domain='0' bus='{}' slot='0' function='0'/></source>"
    device = "<hostdev mode='subsystem' type='pci' managed='{}'>" + source + "</hostdev>"
    a = domain(device.format("yes", "1") + device.format("yes", "2"))
    b = domain(device.format("no", "2") + device.format("yes", "1"))
    (found,) = differences(a, b)
    assert (found.path[-1], found.before, found.after) == ("managed", True, False)


def test_a_device_that_only_one_has_is_one_difference() -> None:
    a = domain("<disk type='file'><target dev='vda' bus='virtio'/></disk>")
    (gone,), (new,) = differences(a, domain()), differences(domain(), a)
    assert gone.after is None and gone.before == a.disk[0] and gone.path == ("disk", "vda")
    assert new.before is None and new.after == a.disk[0]


def test_another_kind_of_source_is_one_difference() -> None:
    a = domain("<disk type='file'><source file='/a'/><target dev='vda' bus='virtio'/></disk>")
    b = domain("<disk type='block'><source dev='/dev/a'/><target dev='vda' bus='virtio'/></disk>")
    assert paths(a, b) == ["disk.vda.source"]


def test_companions_of_a_usb_controller_are_the_same_by_their_model() -> None:
    one, two = (f"<controller type='usb' index='0' model='{model}'><master startport='{port}'/></controller>" for model, port in MODELS)
    assert paths(domain(one + two), domain(two + one)) == []


MODELS = (("ich9-uhci1", 0), ("ich9-uhci2", 2))


def test_vcpus_and_cells_are_the_same_by_their_number() -> None:
    a = domain(rest="<vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='2'/><vcpupin vcpu='1' cpuset='3'/></cputune>")
    b = domain(rest="<vcpu>2</vcpu><cputune><vcpupin vcpu='1' cpuset='3'/><vcpupin vcpu='0' cpuset='4'/></cputune>")
    assert paths(a, b) == ["vcpu.0.pin"]


def test_foreign_metadata_is_compared_as_xml() -> None:
    a = domain(rest="<metadata><a:x xmlns:a='urn:a' k='1'><a:y/></a:x></metadata>")
    b = domain(rest="<metadata>\n <z:x xmlns:z='urn:a'  k='1'>\n  <z:y></z:y>\n </z:x></metadata>")
    c = domain(rest="<metadata><a:x xmlns:a='urn:a' k='2'><a:y/></a:x></metadata>")
    assert list(differences(a, b)) == [] and paths(a, c) == ["xml.metadata"]


def test_a_bare_element_is_a_difference() -> None:
    a, b = domain("<redirfilter/>"), domain()
    assert [type(each) for each in differences(a, b)] == [Difference]
