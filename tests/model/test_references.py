"""What names another object or part is resolved, or said to be external: every line of the model that speaks of one is in a table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.model.lines import lines
from vmspec.driver.compilation import Compilation
from vmspec.model.block import Attr, OpenMap
from vmspec.model.kind import Flag, Measure, OneOf, Presence

SPEAKS = re.compile(
    r"\b(network|pool|volume|bridge|filter|secret|io ?threads?|controller|cells?|nodes?|backend|storage|hosts?|interface|alias|groups?"
    r"|devices?|switch|card|vms?|vcpus?|cpus?)\b",
    re.IGNORECASE,
)

BASE = """
host n1 {{
  os = debian; qemu = "7.2.0"
  numa 0 {{ cpus = 0-3; memory = 8GiB }}
  numa 1 {{ cpus = 4-7; memory = 8GiB }}
  bridge br0 {{ uplink = eno1 }}
  nic eno1 {{ speed = 10Gbit/s }}
  {host}
}}
network lab {{
  place = host(n1); bridge.name = "virbr7"; forward.mode = nat
  ip main {{ address = "10.7.0.1"; prefix = 24 }}
  portgroup blue {{ }}
}}
pool images {{ place = host(n1); type = dir; target = "/images" }}
volume "root.img" {{ place = host(n1); pool = images; capacity = 1GiB }}
vm a {{ place = host(n1); cpu.count = 4; memory.size = 2GiB; {vm} }}
vm b {{ {other} cpu.count = 4; memory.size = 2GiB }}
{top}
"""
PASST = "interface e { source = user(); backend { type = passt }; "
MODULES = "}; memory { max = 4GiB; slots = 2 }; memory-device m { model = dimm; size = 512MiB; "
IP = 'ip main { address = "10.8.0.1"; prefix = 24 }'
CELL = "numa { cell 0 { cpus = 0-3; memory = 2GiB }; "

# fmt: off
RESOLVED: dict[str, tuple[str, str, int]] = {
    # The line, where a program says it, what leads nowhere there, and the code that says so.
    "Domain.place": ("other", "place = host(n7);", 1007),
    "Network.place": ("top", "network x { place = host(n7) }", 1007),
    "Nwfilter.place": ("top", "nwfilter x { place = host(n7) }", 1007),
    "StoredSecret.place": ("top", "secret x { place = host(n7) }", 1007),
    "Pool.place": ("top", "pool x { place = host(n7); type = dir; target = \"/x\" }", 1007),
    "Volume.place": ("top", "volume x { place = host(n7); capacity = 1GiB }", 1007),
    "Volume.pool": ("top", "volume x { pool = imagess; capacity = 1GiB }", 6012),
    "VolumeSource.pool": ("vm", 'disk vda { source = volume("imagess", "root.img", format = raw) }', 6011),
    "VolumeSource.volume": ("vm", 'disk vda { source = volume("images", "roott.img", format = raw) }', 6011),
    "Domain.start-after": ("vm", "start-after = [vm(nope)]", 6013),
    "Restart.after": ("vm", "restart { after = [vm(nope)] }", 6013),
    "NetworkPort.network": ("vm", 'interface e { source = network("labb") }', 6011),
    "NetworkPort.portgroup": ("vm", "interface e { source = network(lab, portgroup = red) }", 6018),
    "Listen.network": ("vm", 'graphics v { type = vnc; listener l { type = network; network = "labb" } }', 6011),
    "BridgePort.bridge": ("vm", 'interface e { source = bridge("br9") }', 5010),
    "DirectSource.dev": ("vm", 'interface e { source = direct("en01") }', 6019),
    "UserSource.dev": ("vm", 'interface e { source = user("en01"); backend { type = passt } }', 6019),
    "VhostUserSource.dev": ("vm", 'memory { access = shared }; interface e { source = vhostuser("/x", dev = "en01") }', 6019),
    "PortForward.dev": ("vm", PASST + 'port-forward p { proto = tcp; dev = "en01"; range r { start = 80 } } }', 6019),
    "Forward.dev": ("top", "network x { place = host(n1); forward { mode = nat; dev = en01 }; " + IP + " }", 6019),
    "Forward.pf": ("top", "network x { place = host(n1); forward { mode = hostdev; pf = en01 } }", 6019),
    "ForwardInterface.dev": ("top", "network x { place = host(n1); forward { mode = passthrough; interface i { dev = en01 } } }", 6019),
    "BridgeOf.name": ("top", 'network x { place = host(n1); forward { mode = bridge }; bridge.name = "bro0" }', 6019),
    "Bridge.uplink": ("host", "bridge br5 { uplink = en01 }", 6019),
    "Cpu.pin": ("vm", "cpu.pin = 20-23", 5001),
    "Cpu.cpuset": ("vm", "cpu.cpuset = 20-23", 5001),
    "Vcpu.pin": ("vm", "vcpu 0 { pin = 20 }", 5001),
    "Emulator.pin": ("vm", "emulator.pin = 30", 5001),
    "IoThread.pin": ("vm", "iothreads = 1; iothread 1 { pin = 30 }", 5001),
    "VcpuSchedule.vcpus": ("vm", "vcpu-schedule s { vcpus = 9; scheduler = fifo; priority = 1 }", 4175),
    "IoThreadSchedule.iothreads": ("vm", "iothreads = 1; iothread-schedule s { iothreads = 4; scheduler = fifo; priority = 1 }", 4175),
    "CacheTune.vcpus": ("vm", "cpu.cachetune x { vcpus = 9; cache y { id = 0; level = 3; type = both; size = 3; unit = MiB } }", 4121),
    "MemoryTune.vcpus": ("vm", "cpu.memorytune x { vcpus = 9; node y { id = 0; bandwidth = 50 } }", 4121),
    "EnergyTune.vcpus": ("vm", "cpu.energytune x { vcpus = 9; monitor m { } }", 4121),
    "EnergyMonitor.vcpus": ("vm", "cpu.energytune x { vcpus = 0-1; monitor m { vcpus = 9 } }", 4121),
    "ResctrlMonitor.vcpus": ("vm", "cpu.cachetune x { vcpus = 0-1; monitor m { level = 3; vcpus = 9 } }", 4121),
    "Cell.cpus": ("vm", CELL + "cell 1 { cpus = 4-5; memory = 2GiB } }", 4252),
    "Cell.distances": ("vm", "numa { cell 0 { cpus = 0-3; memory = 2GiB; distances { 4 = 20 } } }", 4256),
    "Cell.nodeset": ("vm", "numa { cell 0 { cpus = 0-3; memory = 2GiB; nodeset = 5; mode = strict } }", 5002),
    "Numa.nodeset": ("vm", "numa { mode = strict; nodeset = 4 }", 5002),
    "Latency.initiator": ("vm", CELL + "latency x { initiator = 5; target = 0; type = access; value = 5ns } }", 4260),
    "Latency.target": ("vm", CELL + "latency x { initiator = 0; target = 5; type = access; value = 5ns } }", 4260),
    "Bandwidth.initiator": ("vm", CELL + "bandwidth x { initiator = 5; target = 0; type = access; value = 5GiB/s } }", 4260),
    "Bandwidth.target": ("vm", CELL + "bandwidth x { initiator = 0; target = 5; type = access; value = 5GiB/s } }", 4260),
    "Page.nodes": ("vm", CELL + "}; memory.pages p { size = 2MiB; nodes = 4 }", 4211),
    "MemoryDevice.node": ("vm", CELL + MODULES + "node = 3 }", 4222),
    "MemoryDevice.nodemask": ("vm", CELL + MODULES + "node = 0; nodemask = 7 }", 5002),
    "PciTarget.node": ("vm", CELL + "}; controller c { type = pci; model = pcie-expander-bus; target { node = 4 } }", 4510),
    "Device.acpi-nodeset": ("vm", CELL + '}; disk vda { source = file("/a.raw"); acpi-nodeset = 4 }', 4828),
    "Disk.throttle-filters": ("vm", 'disk vda { source = file("/a.raw"); throttle-filters = [nope] }', 4828),
    "Iommu.pci-bus": ("vm", "iommu i { model = smmuv3; pci-bus = 90 }", 4828),
    "CcidAddress.controller": ("vm", "smartcard c { source = host(); address = ccid(controller = 7, slot = 0) }", 4828),
    "Graphics.audio": ("vm", "audio x { type = none }; graphics v { type = vnc; audio = 4 }", 4844),
    "Sound.audio": ("vm", "audio x { type = none }; sound v { model = ich9; audio = 4 }", 4844),
    "Teaming.persistent": ("vm", 'interface e { source = bridge("br0"); teaming { type = persistent } }; '
                           'interface f { source = hostdev(0000:01:00.0); teaming { type = transient; persistent = "ua-x" } }', 4453),
    "Iotune.group-name": ("vm", 'disk vda { source = file("/a.raw"); iotune { group-name = g } }', 4324),
    "Reserve.cpus": ("host", "reserve { cpus = 70 }", 5021),
    "Host.siblings": ("host", 'siblings = ["0,90"]', 5037),
    "Nic.node": ("host", "nic eno2 { node = 7 }", 5037),
    "HostDevice.node": ("host", "device gpu { address = 0000:41:00.0; node = 7 }", 5037),
    "Storage.node": ("host", 'storage s { path = "/x"; node = 7 }', 5037),
}
MADE = {
    # Where it is not there, it is made.
    "an I/O thread": "Disk.iothread Controller.iothread",
    "a controller": "PciNumbers.bus DriveAddress.controller VirtioSerialAddress.controller UsbAddress.bus",
}
EXTERNAL = {
    # Taken as it is written, for the program does not describe it.
    "secrets and filters that libvirt has": "Pool.secret Pool.secret-uuid Tpm.encryption-secret Encryption.secret RbdSource.secret "
    "RbdSource.secret-uuid Logged.secret Logged.secret-uuid Auth.secret Auth.secret-uuid IscsiHostdev.secret IscsiHostdev.secret-uuid "
    "EncryptionSecret.secret EncryptionSecret.secret-uuid Filterref.filter IncludedFilter.filter",
    "sets of addresses of the host": "Connection.ipset Connection6.ipset",
    "files, sockets and directories of the host": "StoredSecret.volume "
    "Firmware.varstore Boot.kernel Boot.dtb Boot.bootloader Interface.script Input.evdev "
    "Input.dev Tpm.device MemoryDevice.path Pstore.path BlkioDevice.path BlockSource.path VhostVdpaSource.path CtlSource.path "
    "SshSource.known-hosts BlockSource.dev Rom.file VdpaSource.dev Backend.tap Backend.vhost DevSource.path NmdmSource.slave Gl.rendernode "
    "AudioDirection.dev Acceleration.rendernode StorageHostdev.block MiscHostdev.char NetHostdev.interface Random.path Volume.path "
    "Storage.path PoolDevice.path Pool.target Seed.path",
    "hardware of the host, by its address or name": "NvmeSource.domain NvmeSource.bus NvmeSource.slot NvmeSource.function "
    "UsbHostdev.port HostdevUsbSource.port HostdevUsbProductSource.port Domain.iommufd-group "
    "PciHostdev.domain PciHostdev.bus PciHostdev.slot PciHostdev.function UsbHostdev.bus UsbHostdev.device HostdevUsbSource.device "
    "HostdevUsbProductSource.bus HostdevUsbProductSource.device ScsiHostdev.adapter MdevHostdev.uuid Pool.wwnn "
    "ResctrlCache.id ResctrlCache.level ResctrlMonitor.level "
    "BandwidthNode.id CcwAddress.cssid",
    "servers, and what lies on them": "Pool.hosts Pool.source-name NetworkSource.name RbdSource.monitors Hosts.hosts IscsiHostdev.hosts "
    "TcpSource.host UdpSource.bind-host UdpSource.host Srv.target Listen.address",
    "domains, switches and ids of other systems": "Disk.backend-domain Interface.backend-domain Resource.appid VdsSource.switchid "
    "VdsSource.portid VdsSource.portgroupid VirtualPort.interfaceid DhcpHost.mac NfsSource.group Boot.init-group Pool.group Volume.group",
}
PLAIN = {
    # They speak of an object and name none.
    "what it is itself": "Seed.network-config Seed.meta-data Seed.instance-id Domain.name IncludedFilter.parameters "
    "Host.facts Host.cpu-model Host.tags HostNode.cpus HostNode.distances HostDevice.id "
    "HostDevice.iommu-group Device.alias Interface.target Interface.guest-name Interface.model Vsock.cid Network.mac "
    "ThrottleGroup.group-name DhcpHost.name Backend.hostname Pool.vendor Cpu.model Cpu.vendor Disk.driver UsbFilter.version "
    "PciTarget.index PciTarget.chassis-nr",
    "how much, or how many": "HostNode.hugepages Switch.cpus HostRequests.wake-latency Host.tickless "
    "Domain.iothreads Restart.batch Cpu.count Cpu.max Cpu.quota Cpu.global-quota IoThread.thread-pool-min "
    "IoThread.thread-pool-max IoThreads.quota Emulator.quota Emulator.thread-pool-min Emulator.thread-pool-max Disk.queues "
    "Controller.max-grant-frames Controller.queues Interface.queues Sound.streams LaunchSecurity.cbitpos "
    "LaunchSecurity.reduced-phys-bits MaxPhysAddr.limit Binary.thread-pool",
    "a place within": "PciNumbers.slot PciAddress.zpci-uid PciAddress.zpci-fid DriveAddress.bus VirtioSerialAddress.bus CcidAddress.slot "
    "SpaprVioAddress.reg CcwAddress.devno",
    "an address, a number or a text": "LaunchSecurity.host-data NetworkIp.address NetworkIp.netmask NetworkIp.prefix Route.address "
    "Route.netmask Route.prefix Ip.prefix PortForward.address Filterref.parameters IdRange.target IdmapEntry.target PortRange.start "
    "PortRange.end",
}
# fmt: on


def speaking() -> list[str]:
    """The lines whose value is a text or a number, and whose name or documentation speaks of an object or a part."""
    found: dict[str, None] = {}
    for block, field in lines():
        if not isinstance(field.line, (Attr, OpenMap)):
            continue
        kind: object = field.line.kind
        while (inner := getattr(kind, "item", None) or getattr(kind, "base", None)) is not None:
            kind = inner
        owner = next(c for c in block.__mro__ if field.python in c.__annotations__)
        if not isinstance(kind, (OneOf, Flag, Measure, Presence)) and SPEAKS.search(f"{field.name.replace('-', ' ')} {field.doc}"):
            found[f"{owner.__name__}.{field.name}"] = None
    return list(found)


def said() -> list[str]:
    return [*RESOLVED, *(line for table in (MADE, EXTERNAL, PLAIN) for some in table.values() for line in some.split())]


def test_a_line_that_names_something_says_whether_it_is_looked_up() -> None:
    assert sorted(set(speaking()) - set(said())) == [], "say of a new line whether it is resolved, external, or names nothing"


def test_every_line_is_said_once_and_is_there() -> None:
    assert sorted(said()) == sorted(set(said()))
    known = {f"{owner.__name__}.{field.name}" for block, field in lines() for owner in block.__mro__}
    assert sorted(set(said()) - known) == []


@pytest.mark.parametrize("line", RESOLVED)
def test_what_leads_nowhere_is_told(line: str, tmp_path: Path) -> None:
    slot, text, code = RESOLVED[line]
    slots = dict.fromkeys(("host", "vm", "other", "top"), "") | {slot: text}
    file = tmp_path / "a.vmspec"
    file.write_text(BASE.format(**slots), encoding="utf-8")
    assert code in [d.code.number for d in Compilation([file]).diagnostics]
