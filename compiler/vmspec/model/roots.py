"""The root block of each kind of object."""

from collections.abc import Mapping

from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.host import Host
from vmspec.model.network import Network
from vmspec.model.pool import Pool
from vmspec.model.volume import Volume

ROOTS: Mapping[str, type[Block]] = {"vm": Domain, "host": Host, "network": Network, "pool": Pool, "volume": Volume}
