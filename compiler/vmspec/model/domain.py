"""What a virtual machine can have: libvirt's domain, one typed line a feature."""

from typing import Annotated

from vmspec.model.block import Attr, Block, Sub
from vmspec.model.host import HostRequests
from vmspec.model.kind import NAME, TEXT
from vmspec.model.value import Symbol


class Domain(Block):
    """A virtual machine."""

    element = "domain"

    type: Annotated[Symbol | None, Attr("@type", NAME, "Hypervisor.", default=Symbol("kvm"))] = None
    name: Annotated[str | None, Attr("name", TEXT, "Name; set by the label of the vm.")] = None
    host: Annotated[HostRequests | None, Sub("Requests to the host that the VM lands on.")] = None
