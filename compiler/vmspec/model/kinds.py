"""The kinds of objects that a program has: one line each, from which everything else that goes through all kinds follows."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Self

from vmspec.model.block import Block, schema
from vmspec.model.domain import Domain
from vmspec.model.host import Host
from vmspec.model.network import Network
from vmspec.model.nwfilter import Nwfilter
from vmspec.model.pool import Pool
from vmspec.model.secret import StoredSecret
from vmspec.model.volume import Volume


class ObjectKind(StrEnum):
    """A kind of object, equal to the word that begins its block at the top of a file. The order is that of pages and outputs.

    What does one thing for one kind and another for the next ends in `assert_never`, so that the type checker finds it when a kind is new.
    """

    root: type[Block]
    folder: str
    """In the output: of its definitions, or of its files."""
    grammar: str
    """libvirt's RELAX NG of its XML; "" for what libvirt does not define."""
    about: str

    VM = "vm", Domain, "domains", "domain.rng", "A virtual machine: libvirt's domain."
    HOST = (
        "host", Host, "hosts", "",
        "A machine that runs VMs. What profiles ask of it stands in the [`host`](../vm/host.md) part of a VM.",
    )  # fmt: skip
    NETWORK = "network", Network, "networks", "network.rng", "A virtual network of libvirt."
    POOL = "pool", Pool, "pools", "storagepool.rng", "A storage pool of libvirt."
    VOLUME = "volume", Volume, "volumes", "storagevol.rng", "A volume in a storage pool."
    NWFILTER = "nwfilter", Nwfilter, "nwfilters", "nwfilter.rng", "A packet filter of libvirt, for interfaces of guests."
    SECRET = (
        "secret", StoredSecret, "secrets", "secret.rng",
        "A secret that libvirt keeps: what it is for and never what it is. A deploy is given its value.",
    )  # fmt: skip

    def __new__(cls, word: str, root: type[Block], folder: str, grammar: str, about: str) -> Self:
        made = str.__new__(cls, word)
        made._value_ = word
        made.root, made.folder, made.grammar, made.about = root, folder, grammar, about
        return made

    @property
    def named(self) -> bool:
        """The label of its block is its name. A secret has none: what guests say is what it is for."""
        return "name" in schema(self.root).by_name and self is not ObjectKind.SECRET

    @property
    def defined(self) -> bool:
        """libvirt has a definition of it in XML."""
        return self.grammar != ""


def kind_of(word: str) -> ObjectKind:
    """The kind that this word of the language names."""
    return next(kind for kind in ObjectKind if kind == word)


ROOTS: Mapping[str, type[Block]] = {kind.value: kind.root for kind in ObjectKind}
"""The root block of each kind of object, by the word of the language."""


def definitions() -> Iterator[ObjectKind]:
    """The kinds besides VMs that libvirt has a definition of, in the order of outputs."""
    return (kind for kind in ObjectKind if kind.defined and kind is not ObjectKind.VM)


def by_root(tag: str) -> ObjectKind | None:
    """The kind whose XML begins with this element: `filter` is a nwfilter."""
    return next((kind for kind in ObjectKind if kind.defined and kind.root.element == tag), None)
