"""How a deploy restarts a guest; nothing of it stands in the definition."""

from vmspec.model.block import Annotated, Attr, Block
from vmspec.model.kind import ANYTHING, Integer, OneOf
from vmspec.model.value import Symbol, Value


class Restart(Block):
    """How `vmc deploy --allow-restart` restarts it; its flags `--batch` and `--health` come before what is said here."""

    batch: Annotated[
        int | None, Attr(None, Integer(1, 10000), "So many guests of the host may be restarted at once where it is one of them.")
    ] = None
    after: Annotated["Value | None", Attr(None, ANYTHING, "VMs that are restarted, and up again, before it: `[vm(db)]`.")] = None
    health: Annotated[
        Symbol | None,
        Attr(None, OneOf("none", "running", "agent", "address"), "What is to be seen of it before the next ones are restarted."),
    ] = None
