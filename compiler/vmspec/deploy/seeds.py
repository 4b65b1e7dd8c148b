"""Files of seeds on a host, where that is this machine: read, written for nobody but their owner, and removed with their VM."""

from __future__ import annotations

from hashlib import sha256

from vmspec.base.record import replace
from vmspec.deploy.binding import HostError, Refused
from vmspec.deploy.chains import is_here
from vmspec.deploy.host import HostConnection
from vmspec.deploy.rootfs import Root
from vmspec.model.domain import Domain
from vmspec.model.seed import IGNITION
from vmspec.plan.seeds import SeedOnHost, with_seed
from vmspec.plan.state import WantedSeed
from vmspec.plan.verdict import HostPlan

ELSEWHERE = "vmc puts files on this machine only, and the host is another"
FOLDERS = ("/vmspec/seeds/", "/seeds/")


def with_seeds(plan: HostPlan, host: HostConnection | None) -> HostPlan:
    """The plan with what is to be done about seeds. None: a driver that is not there yet, whose root is this machine's."""
    if not any(vm.desired is not None and vm.desired.seed is not None for vm in plan.vms):
        return plan
    here = host is None or is_here(host)
    vms = tuple(with_seed(vm, _read if here else lambda path: SeedOnHost(unread=ELSEWHERE)) for vm in plan.vms)
    digest = sha256(plan.fingerprint.encode())
    digest.update(repr([(vm.name, vm.seed is not None) for vm in vms]).encode())
    return replace(plan, vms=vms, fingerprint=digest.hexdigest())


def put(seed: WantedSeed) -> None:
    """Whole or not at all. libvirt gives it to QEMU's user at the start of the guest, and takes it back at the end."""
    try:
        Root("/").write(seed.path, seed.data(), 0o600)
    except HostError as error:
        raise Refused(f"its seed cannot be written: {error.diagnostic.message}") from None


def drop(domain: Domain, name: str) -> bool:
    """Of a VM that goes, where it lies in a folder of seeds under the name of the VM; whether there was one."""
    files = [] if domain.sysinfo is None else [str((domain.sysinfo.fwcfg_files or {}).get(IGNITION, ""))]
    files += [str(vars(disk.source).get("path") or "") for disk in domain.disk if disk.device == "cdrom" and disk.source is not None]
    ours = [path for path in files if path.endswith(tuple(f"{folder}{name}.{end}" for folder in FOLDERS for end in ("iso", "ign")))]
    try:
        for path in ours:
            Root("/").remove(path)
    except HostError as error:
        raise Refused(f"its seed cannot be removed: {error.diagnostic.message}") from None
    return bool(ours)


def _read(path: str) -> SeedOnHost:
    try:
        return SeedOnHost(Root("/").read(path))
    except HostError as error:
        return SeedOnHost(unread=error.diagnostic.message)
