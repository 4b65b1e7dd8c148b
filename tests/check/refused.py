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
    "a USB bus in hexadecimal": domain("<input type='tablet' bus='usb'><address type='usb' bus='0x00' port='1'/></input>"),
    "more than a number": domain().replace("512</memory>", "512<node>0</node></memory>"),
    "two balloons": domain("<memballoon model='virtio'/><memballoon model='none'/>"),
    "a balloon without a model": domain("<memballoon/>"),
    "a sound card without a model": domain("<sound/>"),
    "a topology without threads": domain(more="<cpu mode='host-model'><topology sockets='1' cores='2'/></cpu>"),
    "a controller's model of another type": domain("<controller type='sata' index='0' model='pcie-root'/>"),
    "two models of a controller": domain(
        "<controller type='pci' index='1' model='pcie-root-port'><model name='ioh3420'/><model name='ioh3420'/></controller>"
    ),
    "two sources of a port": domain("<serial type='unix'><source mode='bind' path='/a'/><source mode='bind' path='/b'/></serial>"),
    "a boot loader": domain(more="<bootloader>/usr/bin/pygrub</bootloader>"),
    "a serial number with a semicolon": domain(disk(extra="<serial>a b;c</serial>")),
    "the day on which a password ends": domain("<graphics type='vnc' passwd='x' passwdValidTo='tomorrow'/>"),
    "a size beyond all bounds": domain(more="<currentMemory unit='EiB'>99999999</currentMemory>"),
    "a scheduler without a priority": domain(more="<cputune><vcpusched vcpus='0' scheduler='fifo'/></cputune>"),
    "another kernel than a machine's": domain().replace(">hvm<", ">linux<"),
    "a line end in a name": domain(name="<name>a\nb</name>"),
    "a UUID of a memory module": domain(
        "<memory model='nvdimm'><uuid>6dd3e4a5-1d76-44ce-961f-f119f5aad935</uuid><source><path>/n</path></source>"
        "<target><size unit='MiB'>512</size><node>0</node></target></memory>",
        more="<maxMemory slots='4' unit='GiB'>4</maxMemory><cpu><numa><cell id='0' cpus='0-1' memory='512' unit='MiB'/></numa></cpu>",
    ),
    "commands to a SCSI device unfiltered": domain(
        "<controller type='scsi' index='0' model='virtio-scsi'/><hostdev mode='subsystem' type='scsi' sgio='unfiltered'>"
        "<source><adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/></source></hostdev>"
    ),
    "a balloon without a PCI bus": domain().replace("pc-q35-7.2", "isapc"),
    "a USB controller without a PCI bus": domain("<memballoon model='none'/>").replace("pc-q35-7.2", "microvm"),
}
