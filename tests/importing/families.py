"""Domains of made-up fleets, as libvirt prints them."""

from __future__ import annotations

WATCHDOG = "<watchdog model='i6300esb' action='reset'/>"
EXTRAS = (
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
    "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
)


def domain(name: str, number: int, *, mib: int = 4096, disks: int = 1, extra: str = "") -> str:
    ports = "".join(
        f"<controller type='pci' index='{n}' model='pcie-root-port'><target chassis='{n}' port='0x{n + 15:x}'/>"
        f"<address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x{n - 1}'/></controller>"
        for n in range(1, 5)
    )
    images = "".join(
        f"<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/><source file='/images/{name}-{n}.qcow2'/>"
        f"<target dev='vd{'abc'[n]}' bus='virtio'/></disk>"
        for n in range(disks)
    )
    return (
        f"<domain type='kvm'><name>{name}</name><uuid>{number:08x}-0000-4000-8000-000000000000</uuid>"
        f"<memory unit='KiB'>{mib * 1024}</memory><currentMemory unit='KiB'>{mib * 1024}</currentMemory><vcpu placement='static'>2</vcpu>"
        "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><boot dev='hd'/></os><features><acpi/><apic/></features>"
        "<cpu mode='host-passthrough' check='none' migratable='on'/><clock offset='utc'><timer name='rtc' tickpolicy='catchup'/></clock>"
        "<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>"
        f"<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{images}<controller type='pci' index='0' model='pcie-root'/>{ports}"
        f"<interface type='bridge'><mac address='52:54:00:00:{number >> 8:02x}:{number & 255:02x}'/><source bridge='br0'/>"
        f"<model type='virtio'/></interface>{extra}<memballoon model='virtio'/></devices></domain>"
    )
