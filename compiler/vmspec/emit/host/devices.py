"""Devices of the host: virtual functions made while it starts, and devices that are vfio-pci's before their own driver sees them.

Sources: Linux Documentation/ABI/testing/sysfs-bus-pci (driver_override, sriov_numvfs), udev(7), modprobe.d(5) softdep,
initramfs-tools(7) hooks and its hooks/udev, which copies /etc/udev/rules.d, dracut.conf(5).
"""

from __future__ import annotations

from vmspec.emit.host.file import OURS, ROOT, FileEntry, HostFile, lines
from vmspec.emit.host.systemd import service
from vmspec.lower.fleet import HostObject

RULES = f"{ROOT}etc/udev/rules.d"
DISPLAY = ("nouveau", "nvidia", "nvidia_drm", "amdgpu", "radeon", "i915", "xe", "snd_hda_intel")
"""Drivers that take a graphics card or its sound function as soon as they are loaded."""
INITRAMFS_TOOLS = ("debian", "ubuntu")
DRACUT = ("rhel", "fedora", "centos", "rocky", "alma", "suse", "opensuse")
REGENERATE = {"initramfs-tools": "update-initramfs -u -k all", "dracut": "dracut -f --regenerate-all"}


def functions(host: HostObject) -> HostFile | None:
    """By the driver's bind event, which comes after the driver made the card ready; the number cannot be changed but through 0, and that
    would take the functions from guests."""
    rules, entries = [], []
    for nic in sorted(host.spec.nic, key=lambda nic: nic.label):
        if not nic.vfs:
            continue
        if nic.address:
            rules.append(f'ACTION=="bind", SUBSYSTEM=="pci", KERNEL=="{nic.address}", {_number("sriov_numvfs", nic.vfs)}')
        else:  # it has its name from the kernel or the initramfs, or gets it from 80-net-setup-link.rules
            number = _number("device/sriov_numvfs", nic.vfs)
            rules += [f'ACTION=="add", SUBSYSTEM=="net", {key}=="{nic.label}", {number}' for key in ("KERNEL", "NAME")]
        entries.append(FileEntry(f"virtual functions of {nic.label}", (("nic", nic.label, "vfs"),), str(nic.vfs)))
    if not rules:
        return None
    return HostFile(
        f"{RULES}/90-vmspec-functions.rules",
        lines(f"# {OURS}", rules),
        tuple(entries),
        "virtual functions of network cards",
        ("udevadm control --reload",),
        ("udevadm control --reload",),
        reboot=True,
    )


def _number(attribute: str, number: int) -> str:
    return f'ATTR{{{attribute}}}=="0", ATTR{{{attribute}}}="{number}"'


def vfio_rules(host: HostObject) -> HostFile | None:
    """By address, not by id: an id would take every twin of the device. Where the host says the id too, another device that has come to
    the address after a change of the hardware is left alone."""
    addresses = _addresses(host)
    if not addresses:
        return None
    ids = {device.address: str(device.id).lower() for device in host.spec.device if device.address and device.id}
    rules = []
    for address in addresses:
        vendor, _, product = ids.get(address, "").partition(":")
        same = f'ATTR{{vendor}}=="0x{vendor}", ATTR{{device}}=="0x{product}", ' if product else ""
        rules.append(f'ACTION=="add", SUBSYSTEM=="pci", KERNEL=="{address}", {same}ATTR{{driver_override}}="vfio-pci"')
    return HostFile(
        f"{RULES}/10-vmspec-vfio.rules",
        lines(f"# {OURS}", "# Read before 80-drivers.rules, which loads the device's own driver.", rules),
        _entries(addresses),
        "devices for vfio-pci, before their own driver is loaded",
        ("udevadm control --reload",),
        ("udevadm control --reload",),
        reboot=True,
    )


def vfio_modules(host: HostObject) -> HostFile | None:
    """vfio-pci is loaded before the drivers that would take the devices: those that the host names, or those of graphics cards."""
    addresses = _addresses(host)
    if not addresses:
        return None
    said = {str(device.driver) for device in host.spec.device if device.address in addresses and device.driver} - {"vfio-pci"}
    drivers = sorted(said) or DISPLAY
    text = lines(f"# {OURS}", [f"softdep {driver} pre: vfio-pci" for driver in drivers])
    return HostFile(f"{ROOT}etc/modprobe.d/vmspec-vfio.conf", text, _entries(addresses), "vfio-pci before other drivers", reboot=True)


def initramfs(host: HostObject) -> HostFile | None:
    """A driver in the initramfs binds before the root is there, so vfio-pci has to be in it too."""
    addresses = _addresses(host)
    if not addresses or host.spec.os is None:
        return None
    if host.spec.os in INITRAMFS_TOOLS:
        path = "etc/initramfs-tools/hooks/vmspec-vfio"
        text = lines(
            "#!/bin/sh",
            f"# {OURS}",
            '[ "$1" = prereqs ] && exit 0',
            ". /usr/share/initramfs-tools/hook-functions",
            "force_load vfio_pci",
            "force_load vfio_iommu_type1",
        )
        again = REGENERATE["initramfs-tools"]
        return HostFile(
            f"{ROOT}{path}", text, _entries(addresses), "vfio-pci in the initramfs", (f"chmod 755 /{path}", again), (again,), reboot=True
        )
    if host.spec.os in DRACUT:
        text = lines(
            f"# {OURS}",
            'force_drivers+=" vfio_pci vfio_iommu_type1 "',
            'install_items+=" /etc/udev/rules.d/10-vmspec-vfio.rules /etc/modprobe.d/vmspec-vfio.conf "',
        )
        again = REGENERATE["dracut"]
        return HostFile(
            f"{ROOT}etc/dracut.conf.d/50-vmspec.conf",
            text,
            _entries(addresses),
            "vfio-pci in the initramfs",
            (again,),
            (again,),
            reboot=True,
        )
    return None


def vfio_service(host: HostObject) -> HostFile | None:
    """For drivers that are built into the kernel, and so are there before any rule: the device is taken from them."""
    addresses = _addresses(host)
    if not addresses:
        return None
    device = "/sys/bus/pci/devices"
    commands = [
        f"ExecStart=/bin/sh -ec 'echo vfio-pci > {device}/{a}/driver_override; "
        f'if [ "$$(basename "$$(readlink {device}/{a}/driver)")" = vfio-pci ]; then exit 0; fi; '
        f"if [ -e {device}/{a}/driver ]; then echo {a} > {device}/{a}/driver/unbind; fi; "
        f"echo {a} > /sys/bus/pci/drivers_probe'"
        for a in addresses
    ]
    return service(
        "vmspec-vfio.service",
        "PCI devices for guests",
        ["ExecStartPre=/sbin/modprobe vfio-pci", *commands],
        _entries(addresses),
        "devices bound to vfio-pci",
    )


def _addresses(host: HostObject) -> list[str]:
    return sorted(host.spec.vfio or ())


def _entries(addresses: list[str]) -> tuple[FileEntry, ...]:
    return tuple(FileEntry(address, (("vfio",),)) for address in addresses)
