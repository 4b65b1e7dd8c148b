"""Acts on the embedded driver in a process of its own, as an administrator with virsh would: `python -m tests.real.peek URI`.

Reads a JSON list of `[verb, argument…]` from standard input and prints the list of results. libvirt takes one root a process, and vmc
itself needs it between two looks.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from typing import Any

from vmspec.deploy.binding import libvirt
from vmspec.deploy.host import connected


def act(connection: Any, verb: str, *arguments: Any) -> Any:
    module = libvirt()
    if verb == "list":
        return sorted(domain.name() for domain in connection.listAllDomains())
    if verb == "define":
        return connection.defineXML(arguments[0]).UUIDString()
    domain = connection.lookupByName(arguments[0])
    rest = arguments[1:]
    live, config = module.VIR_DOMAIN_AFFECT_LIVE, module.VIR_DOMAIN_AFFECT_CONFIG
    where = {"live": live, "config": config, "both": live | config}
    match verb:
        case "inactive":
            return domain.XMLDesc(module.VIR_DOMAIN_XML_INACTIVE)
        case "live":
            return domain.XMLDesc(0)
        case "state":
            with suppress(module.libvirtError):  # waits until libvirt has looked after what it left running
                domain.memoryStats()
            return {"running": bool(domain.isActive()), "id": domain.ID(), "autostart": bool(domain.autostart())}
        case "password" | "live-password":
            flags = module.VIR_DOMAIN_XML_SECURE | (module.VIR_DOMAIN_XML_INACTIVE if verb == "password" else 0)
            return domain.XMLDesc(flags).partition(" passwd='")[2].partition("'")[0]
        case "start":
            return domain.create()
        case "suspend":
            return domain.suspend()
        case "destroy":
            return domain.destroy()
        case "undefine":
            return domain.undefineFlags(module.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM)
        case "autostart":
            return domain.setAutostart(int(rest[0]))
        case "rename":
            return domain.rename(rest[0], 0)
        case "pin":
            return domain.pinVcpuFlags(rest[0], tuple(rest[1]), where[rest[2]])
        case "attach":
            return domain.attachDeviceFlags(rest[0], where[rest[1]])
        case "detach":
            return domain.detachDeviceFlags(rest[0], where[rest[1]])
        case "update":
            return domain.updateDeviceFlags(rest[0], where[rest[1]])
        case "iotune":
            return domain.setBlockIoTune(rest[0], rest[1], where[rest[2]])
        case "blockiotune":
            return domain.blockIoTune(rest[0], live)
        case "snapshot":
            return domain.snapshotCreateXML(rest[0], rest[1]).getName()
        case "checkpoint":
            return domain.checkpointCreateXML(rest[0], 0).getName()
        case "commit":
            return _committed(domain, rest[0])
        case "copy":
            return domain.blockCopy(rest[0], rest[1], {"bandwidth": rest[2]}, module.VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB)
        case "job":
            return domain.blockJobInfo(rest[0], 0)
        case "end-job":
            return _ended(domain, rest[0])
        case "save":
            return domain.managedSave(0)
        case "saved":
            return bool(domain.hasManagedSaveImage())
        case "send":
            return domain.sendKey(0, 0, [rest[0]], 1, 0)
        case _:
            raise ValueError(verb)


def _committed(domain: Any, disk: str) -> Any:
    """The overlay of a running guest merged into the image below it."""
    module = libvirt()
    domain.blockCommit(disk, None, None, 0, module.VIR_DOMAIN_BLOCK_COMMIT_ACTIVE)
    return _ended(domain, disk)


def _ended(domain: Any, disk: str) -> Any:
    """The guest on the copy, once that is complete."""
    for _ in range(600):
        info = domain.blockJobInfo(disk, 0)
        if info and info["cur"] == info["end"] and "ready='yes'" in domain.XMLDesc(0):
            return domain.blockJobAbort(disk, libvirt().VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT)
        time.sleep(0.1)
    raise TimeoutError(disk)


def main(uri: str) -> None:
    results: list[Any] = []
    with connected(uri, change=True) as host:
        for verb, *arguments in json.load(sys.stdin):
            results.append(act(host._connection, verb, *arguments))
    print(json.dumps(results))


if __name__ == "__main__":
    main(sys.argv[1])
