"""What happens at the end of a guest's run (docs/formatdomain.rst 9.0.0, "Events configuration")."""

from vmspec.model.block import Annotated, Attr, Block
from vmspec.model.kind import OneOf
from vmspec.model.value import Symbol

ACTION = OneOf("destroy", "restart", "preserve", "rename-restart")
CRASH = OneOf(
    "destroy",
    "restart",
    "preserve",
    "rename-restart",
    "coredump-destroy",
    "coredump-restart",
    "preserve-running",
    since={"preserve-running": "12.6.0"},
)


class Events(Block):
    """What libvirt does when the guest ends, restarts or fails."""

    on_poweroff: Annotated[Symbol | None, Attr("on_poweroff", ACTION, "When the guest powers off.")] = None
    on_reboot: Annotated[Symbol | None, Attr("on_reboot", ACTION, "When the guest restarts.")] = None
    on_crash: Annotated[Symbol | None, Attr("on_crash", CRASH, "When the guest crashes.")] = None
    on_lockfailure: Annotated[
        Symbol | None,
        Attr("on_lockfailure", OneOf("poweroff", "restart", "pause", "ignore"), "When the lock on a resource is lost.", since="1.0.0"),
    ] = None
