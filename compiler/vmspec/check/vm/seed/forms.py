"""What may stand together in a seed."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.seed import Seed

_CLOUD = ("user_data", "cloud_config", "meta_data", "network_config")


@rule(4817, "seed-of-two-systems", phase=Phase.FLEET)
def of_two_systems(seed: Seed) -> Iterator[Finding]:
    """
    What: A seed is for cloud-init, for Ignition or for Windows' setup.
    Why: Each looks for its own file on its own medium: cloud-init for a file system `cidata` (26.2,
    doc/rtd/reference/datasources/nocloud.rst), Ignition in fw_cfg (docs/supported-platforms.md), Windows for autounattend.xml. A guest has
    one of them.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { cloud-config { hostname = a }; ignition = { ignition = { version = "3.4.0" } } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { ignition = { ignition = { version = "3.4.0" } } } }
    """
    cloud = next((name for name in _CLOUD if vars(seed).get(name)), None)
    said = [name for name in (cloud, "ignition", "unattend") if name is not None and vars(seed).get(name) is not None]
    if len(said) > 1:
        first, second = (name.replace("_", "-") for name in said[:2])
        yield Finding(("seed", second), f"a seed has {first} or {second}", labels=((("seed", first), "the other"),))


@rule(4829, "seed-instance-id", phase=Phase.FLEET, needs="meta_data")
def instance_id(seed: Seed) -> Iterator[Finding]:
    """
    What: The instance id of a guest is `seed.instance-id`, not an entry of its meta data.
    Why: Another instance id is a first start to cloud-init: new SSH host keys, users and passwords set again (26.2,
    doc/rtd/explanation/first_boot.rst). So the lock keeps it, and `vmc lock reseed` changes it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { meta-data { instance-id = a1 } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { instance-id = a1 } }
    """
    if "instance-id" in (seed.meta_data or {}):
        help_ = "leave it to the lock, or write `seed.instance-id = …`"
        yield Finding(("seed", "meta-data", "instance-id"), "the lock keeps the instance id of a guest", help=help_)


@rule(4839, "seed-drive-taken", phase=Phase.FLEET)
def drive_taken(seed: Seed, vm: Domain) -> Iterator[Finding]:
    """
    What: The drive `seed` of a guest with a seed has the seed's image as its medium.
    Why: A guest whose drive holds another image never sees its seed.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          seed { cloud-config { hostname = a } }
          disk seed { device = cdrom; source = file("/srv/a.iso") }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { cloud-config { hostname = a } }; disk seed { device = cdrom } }
    """
    drive = next((each for each in vm.disk if each.label == "seed"), None)
    path = None if drive is None or drive.source is None else vars(drive.source).get("path")
    if seed.ignition is None and drive is not None and path != seed.path:
        help_ = "leave the source out, or give this drive another label"
        yield Finding(("disk", "seed", "source"), "the drive `seed` holds another image than the seed", help=help_)
