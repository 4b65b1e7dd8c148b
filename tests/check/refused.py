"""Definitions that libvirt 9.0 refuses at parse: a text that no kind reads, in many places."""

from __future__ import annotations


def domain(devices: str = "", *, head: str = "type='qemu'", name: str = "<name>g</name>", more: str = "", features: str = "<acpi/>") -> str:
    return (
        f"<domain {head}>{name}<memory unit='MiB'>512</memory><vcpu>2</vcpu>{more}"
        f"<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><features>{features}</features><devices>{devices}</devices></domain>"
    )


def disk(name: str = "vda", *, extra: str = "", kind: str = "file") -> str:
    return f"<disk type='{kind}'><source file='/a.img'/><target dev='{name}' bus='virtio'/>{extra}</disk>"


REFUSED = {
    "no name": domain(name=""),
    "no type": domain(head=""),
    "an unknown type": domain(head="type='foo'"),
    "a UUID that is none": domain(more="<uuid>1234</uuid>"),
    "an unknown unit": domain(more="<currentMemory unit='foo'>512</currentMemory>"),
    "an unknown CPU mode": domain(more="<cpu mode='host'/>"),
    "an unknown policy": domain(more="<cpu mode='host-model'><feature policy='foo' name='vmx'/></cpu>"),
    "an unknown boot device": domain().replace("</type>", "</type><boot dev='foo'/>"),
    "an unknown timer": domain(more="<clock offset='utc'><timer name='foo'/></clock>"),
    "a state": domain(features="<acpi/><hyperv><relaxed state='true'/></hyperv>"),
    "a name of a disk": domain(disk("foo")),
    "a cache": domain(disk(extra="<driver name='qemu' cache='foo'/>")),
    "a kind of disk": domain(disk(kind="foo")),
    "a kind of address": domain(disk(extra="<address type='foo'/>")),
    "a boot order": domain(disk(extra="<boot order='x'/>")),
    "a kind of interface": domain("<interface type='foo'/>"),
    "a model of a card": domain("<interface type='user'><model type='foo bar'/></interface>"),
    "a MAC address": domain("<interface type='user'><mac address='52:54:00'/></interface>"),
    "a watchdog": domain("<watchdog model='foo'/>"),
    "a source of randomness": domain("<rng model='virtio'><backend model='foo'/></rng>"),
    "a cpuset": domain(more="<cputune><vcpupin vcpu='0' cpuset='x'/></cputune>"),
    "five steps to a USB port": domain("<input type='tablet' bus='usb'><address type='usb' bus='0' port='1.2.3.4.5'/></input>"),
    "a PCI bus above 0xff": domain("<watchdog model='i6300esb'><address type='pci' bus='0x100' slot='1'/></watchdog>"),
    "shared memory of an old model": domain("<shmem name='a'><size unit='M'>4</size></shmem>"),
    "a root port too many": domain("<controller type='pci' index='241' model='pcie-root-port'/>"),
    "a boot loader": domain(more="<bootloader>/usr/bin/pygrub</bootloader>"),
}
