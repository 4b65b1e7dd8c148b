"""Emission: a block's lines as XML, whole and byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from vmspec.emit.domain import block_xml, domain_xml
from vmspec.emit.values import escape_attribute, escape_text
from vmspec.model.boot import Boot
from vmspec.model.cpu import Cpu, Topology
from vmspec.model.devices.device import PciAddress
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import FileSource
from vmspec.model.devices.storage_net import RbdSource
from vmspec.model.domain import Domain
from vmspec.model.features import Features
from vmspec.model.memory import Memory
from vmspec.model.numa import Cell, Numa
from vmspec.model.threads import Emulator, Vcpu
from vmspec.model.value import CpuSet, Size, Symbol

WHOLE = Domain(
    type=Symbol("kvm"),
    name="feed-a",
    os_type=Symbol("hvm"),
    arch=Symbol("x86_64"),
    machine=Symbol("pc-q35-7.2"),
    memory=Memory(size=Size(2**31), hugepages=Size(2**30), locked=True, dump_core=False),
    cpu=Cpu(
        count=1,
        max=2,
        mode=Symbol("host-passthrough"),
        features={"rdtscp": Symbol("require")},
        topology=Topology(sockets=1, cores=2, threads=1),
    ),
    vcpu=(Vcpu(label="0", pin=CpuSet.of([2]), scheduler=Symbol("fifo"), priority=1), Vcpu(label="1", pin=CpuSet.of([3]))),
    emulator=Emulator(pin=CpuSet.of([0, 1])),
    numa=Numa(cell=(Cell(label="0", cpus=CpuSet.of([0, 1]), memory=Size(2**31), mode=Symbol("strict"), nodeset=CpuSet.of([0])),)),
    features=Features(acpi=True, apic=False, pmu=False),
    boot=Boot(devices=(Symbol("hd"), Symbol("network"))),
    disk=(
        Disk(
            label="vda",
            target=Symbol("vda"),
            source=FileSource(path="/a&b's.qcow2", format="qcow2"),
            address=PciAddress(domain=0, bus=3, slot=0, function=0),
        ),
        Disk(label="vdb", readonly=True, source=RbdSource(name="pool/image", monitors=("ceph-1:6789", "ceph-2"))),
    ),
)

TEXT = """\
<domain type='kvm'>
  <name>feed-a</name>
  <memory dumpCore='off' unit='KiB'>2097152</memory>
  <memoryBacking>
    <hugepages>
      <page size='1048576' unit='KiB'/>
    </hugepages>
    <locked/>
  </memoryBacking>
  <vcpu current='1'>2</vcpu>
  <cputune>
    <vcpupin vcpu='0' cpuset='2'/>
    <vcpupin vcpu='1' cpuset='3'/>
    <vcpusched vcpus='0' scheduler='fifo' priority='1'/>
    <emulatorpin cpuset='0-1'/>
  </cputune>
  <numatune>
    <memnode cellid='0' mode='strict' nodeset='0'/>
  </numatune>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
    <boot dev='network'/>
  </os>
  <features>
    <acpi/>
    <pmu state='off'/>
  </features>
  <cpu mode='host-passthrough'>
    <topology sockets='1' cores='2' threads='1'/>
    <feature name='rdtscp' policy='require'/>
    <numa>
      <cell id='0' cpus='0-1' memory='2097152' unit='KiB'/>
    </numa>
  </cpu>
  <devices>
    <disk type='file'>
      <driver type='qcow2'/>
      <source file='/a&amp;b&apos;s.qcow2'/>
      <target dev='vda'/>
      <address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
    </disk>
    <disk type='network'>
      <source protocol='rbd' name='pool/image'>
        <host name='ceph-1' port='6789'/>
        <host name='ceph-2'/>
      </source>
      <readonly/>
    </disk>
  </devices>
</domain>
"""


def test_a_machine() -> None:
    assert domain_xml(WHOLE).splitlines() == TEXT.splitlines()


def test_the_same_block_is_the_same_text_every_time() -> None:
    assert domain_xml(WHOLE) == domain_xml(WHOLE.but(title=None)) == domain_xml(WHOLE)


def test_features_are_written_in_the_order_of_the_lines() -> None:
    cpu = {"mode": Symbol("custom"), "count": 2, "model": Symbol("Nehalem"), "check": Symbol("none")}
    assert domain_xml(Domain(cpu=Cpu(**cpu))) == domain_xml(Domain(cpu=Cpu(**dict(reversed(cpu.items())))))


@pytest.mark.parametrize(
    ("raw", "inside"),
    [
        ({"": "<x a='1'/>"}, "  <x a='1'/>\n"),
        ({"os": "<new/>"}, "  <os>\n    <type>hvm</type>\n    <new/>\n  </os>\n"),
        ({"os/type/@new": "a<b"}, "  <os>\n    <type new='a&lt;b'>hvm</type>\n  </os>\n"),
        ({"unknown/deep": "<x/>"}, "  <unknown><deep><x/></deep></unknown>\n"),
        ({"cputune/@x": "1"}, "  <cputune x='1'/>\n"),
        ({"unknown/@x": "1"}, "  <unknown x='1'></unknown>\n"),
    ],
)
def test_raw_parts_go_to_their_place(raw: dict[str, str], inside: str) -> None:
    text = domain_xml(Domain(os_type=Symbol("hvm"), raw=raw))
    etree.fromstring(text)
    assert inside in text


def test_libvirts_own_spelling_is_kept() -> None:
    memory = Memory(size=Size(10**9), max=Size(2**32), spelling={"size": "1", "size.unit": "GB", "max": "4194304"})
    text = domain_xml(Domain(memory=memory, features=Features(pmu=True, spelling={"pmu": ""})))
    assert "<memory unit='GB'>1</memory>" in text and "<maxMemory>4194304</maxMemory>" in text and "<pmu/>" in text


def test_a_shared_device_is_written_once_and_stays_right() -> None:
    disk = Disk(label="vda", readonly=True)
    other = Disk(label="vda", transient=True)
    assert block_xml(disk, "    ").startswith("    <disk")
    texts = [domain_xml(Domain(name=str(n), disk=(disk, other))) for n in range(3)]
    assert all(text.count("<readonly/>") == 1 and text.count("<transient/>") == 1 for text in texts)


@given(
    st.text(
        alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="".join(map(chr, range(32))) + "\x7f\ufffe\uffff")
        | st.sampled_from("\t\n&<>'\"")
    )
)
def test_any_text_survives(text: str) -> None:
    element = etree.fromstring(f"<a b='{escape_attribute(text)}'>{escape_text(text)}</a>")
    assert element.get("b") == text and (element.text or "") == text
