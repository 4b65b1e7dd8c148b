"""The probes of every file of a host: one line a file, or the reason why its effect is seen elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from vmspec.deploy.probes import boot, switches, units
from vmspec.deploy.probes.guests import guest
from vmspec.deploy.probes.probe import Probe, Shown
from vmspec.emit.host import FILES
from vmspec.emit.host.file import HostFile
from vmspec.emit.host.tuned import SUFFIXES
from vmspec.lower.fleet import HostObject, Vm

UNITS = "root/etc/systemd/system"
PROBES: Mapping[str, units.FilesProbes] = {
    "root/etc/sysctl.d/90-vmspec.conf": switches.sysctls,
    "root/etc/modprobe.d/vmspec.conf": switches.parameters,
    "root/etc/modules-load.d/vmspec.conf": switches.modules,
    "root/etc/tmpfiles.d/vmspec.conf": switches.below_sys,
    **{f"{UNITS}/{name}.d/90-vmspec.conf": units.group(name) for name in ("system.slice", "user.slice", "init.scope")},
    f"{UNITS}/dev-hugepages1G.mount": units.mount,
    f"{UNITS}/vmspec-hugepages.service": units.late_pages,
    f"{UNITS}/vmspec-realtime.service": units.realtime,
    f"{UNITS}/vmspec-partition.service": units.unit("vmspec-partition.service"),
    f"{UNITS}/vmspec-vfio.service": units.drivers,
    **{f"{UNITS}/{name}.d/90-vmspec.conf": units.unit(name, "inactive") for name in ("ksm.service", "ksmtuned.service")},
    "root/etc/vmspec/irqbalance.env": units.banned,
    f"{UNITS}/ovs.slice": units.polling,
    **{f"{UNITS}/{name}.d/90-vmspec.conf": units.in_slice(name) for name in ("ovs-vswitchd.service", "ovsdb-server.service")},
    "root/etc/udev/rules.d/90-vmspec-functions.rules": units.functions,
    "root/etc/tuned/vmspec/tuned.conf": units.profile,
    "cmdline": boot.line,
}
"""By the file's path in the output."""

IRQBALANCE = f"{UNITS}/irqbalance.service.d/90-vmspec.conf"
ELSEWHERE: Mapping[str, str] = {
    "root/etc/default/grub.d/90-vmspec.cfg": "the arguments are seen on the command line",
    "root/etc/tuned/profiles/vmspec/tuned.conf": "it is the profile of etc/tuned/vmspec, where other versions of tuned look",
    **{f"root/etc/tuned/{name}-variables.conf": "what follows from it is seen on the command line" for name in SUFFIXES},
    "root/etc/vmspec/partition": "what it makes is seen at each guest's vCPUs",
    "root/etc/libvirt/hooks/qemu.d/50-vmspec": "what it calls for is seen at each guest's vCPUs",
    "root/etc/udev/rules.d/10-vmspec-vfio.rules": "the driver of each device is seen for vmspec-vfio.service",
    "root/etc/modprobe.d/vmspec-vfio.conf": "the driver of each device is seen for vmspec-vfio.service",
    "root/etc/initramfs-tools/hooks/vmspec-vfio": "the driver of each device is seen for vmspec-vfio.service",
    "root/etc/dracut.conf.d/50-vmspec.conf": "the driver of each device is seen for vmspec-vfio.service",
}
"""Files without a probe of their own, and why."""


def host_probes(host: HostObject, show: Shown = str) -> Iterator[Probe]:
    """`show`: how CPUs are said."""
    made = [file for emit in FILES if (file := emit(host)) is not None]
    for file in made:
        yield from _of_file(host, file, show)


def _of_file(host: HostObject, file: HostFile, show: Shown) -> Iterator[Probe]:
    if file.path == IRQBALANCE:  # to be off, or to leave CPUs alone, which its process tells
        if host.spec.irqbalance is False:
            yield from units.unit("irqbalance.service", "inactive")(host, file, show)
        return
    probes = PROBES.get(file.path)
    if probes is not None:
        yield from probes(host, file, show)


def guest_probes(host: HostObject, vms: Iterable[Vm]) -> Iterator[Probe]:
    for vm in vms:
        yield from guest(vm, host)
