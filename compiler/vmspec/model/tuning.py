"""Shares of the host's disks and resources (docs/formatdomain.rst 9.0.0, "Block I/O Tuning", "Resource partitioning")."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap
from vmspec.model.devices.disk import Iotune
from vmspec.model.kind import HOST_PATH, PROGRAM_PATH, TEXT, YES_NO, Integer
from vmspec.model.units import BYTES_PER_SECOND
from vmspec.model.value import Rate, Value

COUNT = Integer(0)


class BlkioDevice(Block):
    """Limits on one host disk."""

    element = "blkiotune/device"

    path: Annotated[str | None, Attr("path", HOST_PATH, "Absolute path of the host's disk.", since="0.9.8")] = None
    weight: Annotated[int | None, Attr("weight", COUNT, "Weight on this disk, 10 to 1000.", since="0.9.8")] = None
    read_iops: Annotated[int | None, Attr("read_iops_sec", COUNT, "Most reads per second.", since="1.2.2")] = None
    write_iops: Annotated[int | None, Attr("write_iops_sec", COUNT, "Most writes per second.", since="1.2.2")] = None
    read_bytes: Annotated[Rate | None, Attr("read_bytes_sec", BYTES_PER_SECOND, "Most bytes read per second.", since="1.2.2")] = None
    write_bytes: Annotated[Rate | None, Attr("write_bytes_sec", BYTES_PER_SECOND, "Most bytes written per second.", since="1.2.2")] = None


class BlkioTune(Block):
    """The guest's share of the host's disks, by cgroup."""

    weight: Annotated[
        int | None, Attr("blkiotune/weight", COUNT, "Weight against other guests, 10 to 1000.", since="0.8.8", unchecked=True)
    ] = None
    device: Annotated[tuple[BlkioDevice, ...], Many("Limits on one host disk.", since="0.9.8")] = ()


class Resource(Block):
    """Where the guest stands among the host's control groups and on the storage network."""

    partition: Annotated[str | None, Attr("resource/partition", PROGRAM_PATH, "Path of the resource partition.", since="1.0.5")] = None
    appid: Annotated[
        str | None, Attr("resource/fibrechannel/@appid", TEXT, "Name of the guest on a Fibre Channel network.", since="7.7.0")
    ] = None


class ThrottleGroup(Iotune):
    """Limits that several disks share."""

    element = "throttlegroups/throttlegroup"

    group_name: Annotated[str | None, Attr("group_name", TEXT, "Name of the group.", since="11.2.0", policy="label")] = None


class Perf(Block):
    """Performance events that are counted for the guest."""

    events: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            YES_NO,
            "Event and whether it is counted; a bare list counts them.",
            place="perf/event",
            key="@name",
            value="@enabled",
            item=True,
        ),
    ] = None
