"""Odd definitions that libvirt 9.0 accepts: a rule once refused each. tests/real/test_foreign.py asks the driver itself."""

from __future__ import annotations

_DEVICES = {
    "five serial ports without a target": "<serial type='pty'/>" * 5,
    "one serial port twice, without a target": "<serial type='pty'><target port='0'/></serial>" * 2,
    "udp without a mode": "<channel type='udp'><source service='5678'/><target type='virtio' name='a'/></channel>",
    "a console that names the serial port": "<serial type='pty'/><console type='unix'/>",
    "qemu-vdagent on a serial port": "<serial type='qemu-vdagent'/>",
    "a closed tray": "<disk type='block'><source dev='/dev/a'/><target dev='vda' bus='virtio' tray='closed'/></disk>",
    "a memory balloon that is none": (
        "<video><model type='vga'/><address type='pci' bus='0' slot='1'/></video>"
        "<memballoon model='none'><address type='pci' bus='0' slot='1'/></memballoon>"
    ),
    "a video card that is none": "<video><driver packed='on'/><model type='none'><acceleration accel3d='yes'/></model></video>",
    "the audio backend that libvirt adds": "<graphics type='vnc'><audio id='1'/></graphics>",
    "a model in capitals": "<interface type='user'><model type='ViRtIo'/><driver packed='on'/></interface>",
    "USB bus 0 that libvirt adds": (
        "<controller type='usb' index='1' model='qemu-xhci'/><input type='tablet' bus='usb'><address type='usb' bus='0' port='1'/></input>"
    ),
    "a USB port of 0, which is none": "<input type='tablet' bus='usb'><address type='usb' bus='0' port='0'/></input>",
    "as many root ports as there is room for": "<controller type='pci' index='240' model='pcie-root-port'/>",
    "coalesce without a number": "<interface type='user'><coalesce><rx/></coalesce></interface>",
}
_TOP = {
    "a check without a model": "<cpu check='partial'/>",
    "vCPUs that do not say whether they are hotpluggable": ("<vcpus><vcpu id='0' enabled='yes'/><vcpu id='1' enabled='yes'/></vcpus>"),
}
_LISTED = "<vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/><vcpu id='1' enabled='no' hotpluggable='yes'/></vcpus>"
_SMM = "<loader secure='yes' readonly='yes' type='pflash'>/usr/share/OVMF/a.fd</loader><nvram>/var/a.fd</nvram>"


def _domain(devices: str = "", top: str = "", boot: str = "", features: str = "<acpi/>", current: int = 2) -> str:
    return (
        "<domain type='qemu'><name>a</name><memory>1048576</memory>"
        f"<vcpu current='{current}'>2</vcpu>{top}<os><type arch='x86_64' machine='q35'>hvm</type>{boot}</os>"
        f"<features>{features}</features><devices>{devices}</devices></domain>"
    )


ACCEPTED = {
    **{name: _domain(devices=devices) for name, devices in _DEVICES.items()},
    **{name: _domain(top=top) for name, top in _TOP.items()},
    "a count above the most, where each vCPU is listed": _domain(top=_LISTED, current=3),
    "a System Management Mode without a state": _domain(boot=_SMM, features="<acpi/><smm/>"),
}
