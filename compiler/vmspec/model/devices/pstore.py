"""Where the guest keeps its last log over a crash."""

from vmspec.model.block import Block


class Pstore(Block):
    """Where the guest keeps its last log over a crash."""

    element = "devices/pstore"
