"""Gives a guest with a seed its instance id, which the lock keeps for life, and the drive or the name in fw_cfg where it finds the seed.

Sources: cloud-init 26.2, doc/rtd/reference/datasources/nocloud.rst (a drive labelled `cidata`); Ignition's docs/supported-platforms.md
(QEMU: fw_cfg `opt/com.coreos/config`); Microsoft, "Windows Setup automation overview" (autounattend.xml on a removable medium).
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived, labelled
from vmspec.lower.passes.identities import uuid_of
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import FileSource
from vmspec.model.host import Host
from vmspec.model.seed import IGNITION, Seed, is_nocloud
from vmspec.model.sysinfo import SysInfo
from vmspec.model.value import Symbol

FOLDER = "/var/lib/vmspec/seeds"
DISK = "seed"
"""The label of the drive, unless the VM has given it one with a source of its own."""
ID = "from the UUID at the first build, and kept in the lock"
KEPT = "what cloud-init has known the guest by"
PATH = "the folder of seeds on the host, and the name of the VM"
DRIVE = "the guest finds its seed on a CD-ROM"
BUS = "kernels of cloud images have virtio-scsi, and no driver of a chipset's SATA"
"""Debian's linux-image-6.1.0-56-cloud-amd64: virtio_scsi.ko and sr_mod.ko, and no ahci.ko."""
FW_CFG = "Ignition reads this name of fw_cfg"


def expand(vm: Vm, context: Context) -> PassResult:
    seed = vm.spec.seed
    if seed is None:
        return NOTHING
    here: Path = ("seed",)
    changed: dict[str, object] = {}
    trails: dict[Path, Provenance] = {}
    lock: dict[str, object] = {}
    if seed.path is None:
        changed["path"] = f"{_folder(context.host)}/{vm.name}.{'ign' if seed.ignition is not None else 'iso'}"
        trails["seed", "path"] = derived(vm, PATH, here)
    if is_nocloud(seed):
        if seed.instance_id is None:
            changed["instance_id"] = context.lock.instance_id or f"i-{uuid_of(vm, context)}"
            origin = "model" if context.lock.instance_id is None else "lock"
            trails["seed", "instance-id"] = derived(vm, ID if context.lock.instance_id is None else KEPT, here, origin=origin)
        lock["instance_id"] = changed.get("instance_id", seed.instance_id)
    seed = seed.but(**changed) if changed else seed
    features: dict[str, object] = {"seed": seed}
    if seed.ignition is not None:
        _to_fw_cfg(vm, seed, features, trails)
    else:
        _to_drive(vm, seed, features, trails)
    return PassResult(features, trails, lock=lock)


def _folder(host: Host | None) -> str:
    """Below the root of an embedded driver, which is nobody's but ours."""
    parts = urlsplit("" if host is None or host.uri is None else host.uri)
    root = parse_qs(parts.query).get("root", [""])[0] if parts.path == "/embed" else ""
    return f"{root}/seeds" if root.startswith("/") else FOLDER


def _to_drive(vm: Vm, seed: Seed, features: dict[str, object], trails: dict[Path, Provenance]) -> None:
    drive = next((each for each in vm.spec.disk if each.label == DISK), None)
    others = tuple(each for each in vm.spec.disk if each is not drive)
    if drive is not None and drive.source is not None:
        return
    made = drive if drive is not None else labelled(Disk, DISK)
    values: dict[str, object] = {"device": made.device or Symbol("cdrom"), "source": FileSource(path=seed.path, format=Symbol("raw"))}
    if made.bus is None and is_nocloud(seed):
        values["bus"] = Symbol("scsi")
        trails["disk", DISK, "bus"] = derived(vm, BUS, ("seed",))
    for name in ("device", "source"):
        trails["disk", DISK, name] = derived(vm, DRIVE, ("seed",))
    trails["disk", DISK, "source", "path"] = trails["disk", DISK, "source", "format"] = derived(vm, DRIVE, ("seed",))
    features["disk"] = (*others, made.but(**values))


def _to_fw_cfg(vm: Vm, seed: Seed, features: dict[str, object], trails: dict[Path, Provenance]) -> None:
    info = vm.spec.sysinfo or SysInfo()
    features["sysinfo"] = info.but(fwcfg_files={**(info.fwcfg_files or {}), IGNITION: seed.path})
    trails["sysinfo", "fwcfg-files", IGNITION] = derived(vm, FW_CFG, ("seed", "ignition"))
