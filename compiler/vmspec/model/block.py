"""What a feature's typed line is made of, and the schema that is read off a block's lines.

A block is a class whose annotated lines are its features. From the lines, and nothing else, come the check of names and
kinds, the emitted XML, the import of XML, the reference, the JSON Schema and the XSD. The base class understands the
lines itself (`dataclass_transform`): the standard decorator would compile three functions a class at every start.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, Union, dataclass_transform, get_args, get_origin

from vmspec.base.record import field, record
from vmspec.model.kind import Kind
from vmspec.model.value import Value

if TYPE_CHECKING:
    from typing import Annotated as Annotated
else:

    class Annotated:
        """The standard `Annotated`, as far as a line needs it: making that for each of 1,400 lines took a tenth of a cold build."""

        def __class_getitem__(cls, parts: tuple[object, ...]) -> tuple[object, ...]:
            return parts


Combine: TypeAlias = typing.Literal["equal", "min", "max", "sum", "union"]


@record(frozen=True)
class Attr:
    """A feature that is one value.

    `place` is where it stands in XML, from the block's own element: steps by `/`; then `@attribute`, or nothing for the
    element's text (presence for PRESENCE). A step is `name`, `name[@a='constant']`, `name[@a=$label]` (made for the
    block's label) or `name*` (one element for each item of a list). None: an intent, which `lower/passes/` turns into others.
    """

    place: str | None
    kind: Kind
    doc: str
    since: str = ""
    """The libvirt version that brought it, where its documents say so."""
    default: Value | None = None
    """The model's default: the weakest layer, shown by `why` as `model`."""
    combine: Combine = "equal"
    """How requests of several VMs to one host agree (language.md, inheritance rule 14)."""
    also: tuple[str, ...] = ()
    """The path of other settings that say the same, `*` for each label: where one of them is set, this is too, and reads as all of them."""
    policy: str = ""
    """A named exception of emission or import, on this very line:

    `bare`: the element alone, without the attribute, is this feature's empty text (`<pmu/>`); of PRESENCE: only an empty element counts.
    `bare-parent`: the element around it, alone, is its empty text (`<hugepages/>`).
    `label`: an imported block is labelled by this feature.
    `displaced:OTHER:NAME`: while the feature OTHER is set, that has the place, and this one the attribute NAME of it.
    """
    unchecked: bool = False
    """libvirt takes any text here, and ignores what it does not know. Everywhere else its parser refuses what the kind cannot read
    (tried on libvirt 9.0.0 with a text that no kind reads)."""


@record(frozen=True)
class Sub:
    """A block that stands at most once: `memory { }`. `at` overrides the element path of its class."""

    doc: str = ""
    at: str | None = None
    since: str = ""


@record(frozen=True)
class Many:
    """Blocks with labels: `disk vda { }`. `implied`: the label of one written without a label (`tpm { }`), where that is allowed."""

    doc: str = ""
    at: str | None = None
    since: str = ""
    implied: str = ""
    numbered: bool = False
    """Labels are numbers (vCPUs, cells); a range as a label stands for each of its numbers."""
    named_by: tuple[tuple[str, ...], ...] = ()
    """Features by which such a block is there too: one that counts them from 1 (a path of one step), or has the number of one."""


@record(frozen=True)
class Choice:
    """A tagged union: one of several blocks, written as a call: `source = file("/x", format = qcow2)`.

    `on` is the place of the discriminator (`@type`), which each variant's `when` gives; "" where the variant's own element tells.
    Like the variants' own elements it counts from the element of the block that has this line. Of several variants that
    fit, the first whose `constants` all stand there is meant.
    """

    on: str
    doc: str = ""
    at: str | None = None
    since: str = ""
    absent: str = ""
    """The discriminator's text that libvirt assumes where it is not written; that variant then has a feature `implicit`, set on import."""


@record(frozen=True)
class OpenMap:
    """A map whose keys are not the model's: `sysctl`, `kernel.args`. The key is the whole dotted path.

    In XML (`place` given) each entry is an element; `key` and `value` are places from it.
    """

    kind: Kind
    doc: str = ""
    place: str | None = None
    key: str = ""
    value: str = ""
    combine: Combine = "equal"
    item: Value | None = None
    """The value that a bare list of keys gives each of them: `cpu.features += [rdtscp]`."""
    keys: tuple[str, ...] = ()
    """The keys that libvirt knows, where it knows only some."""
    since: str = ""


Line: TypeAlias = Attr | Sub | Many | Choice | OpenMap


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Block:
    """The base of every block. Instances are immutable and compare by content."""

    element: ClassVar[str] = ""
    """The path of its element from the parent's; "" for a block whose features lie in the parent's own element."""
    tag: ClassVar[str] = ""
    """Of a variant of a choice: the name it is called by."""
    when: ClassVar[str] = ""
    """Of a variant of a choice: the discriminator's text, where that is not the tag."""
    constants: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Of a variant of a choice: places, from its element, and the texts that always stand there: a second discriminator."""
    positional: ClassVar[tuple[str, ...]] = ()
    """Of a variant of a choice: the features that its unnamed arguments set, in order."""
    trailing: ClassVar[bool] = False
    """Of a base class: its lines come after those of the classes derived from it, as libvirt writes alias and address."""
    xml_order: ClassVar[tuple[str, ...]] = ()
    """Of a block with many elements: the paths of those whose usual order is not that of the lines."""
    main: ClassVar[str] = ""
    """The feature that a value assigned to the block itself sets: `hyperv.spinlocks = true`."""

    label: Annotated[str, None] = ""
    """The label of a block of `Many`; "" elsewhere."""
    spelling: Annotated[Mapping[str, str], None] = types.MappingProxyType({})
    """Of an imported block: libvirt's own text of a feature where ours would differ, by Python name (`name.unit` for a unit)."""
    raw: Annotated[Mapping[str, str], None] = types.MappingProxyType({})
    """XML parts that no line claims, by the place they go to, from this block's element."""

    def __init__(self, **features: Any) -> None:
        self.__dict__.update(features)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and content(self) == content(other)

    def __hash__(self) -> int:
        return hash((type(self), self.label))

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={value!r}" for name, value in content(self).items())
        return f"{type(self).__name__}({inner})"

    @classmethod
    def positional_parts(cls, text: str) -> dict[str, Value] | None:
        """Of a variant of a choice: the features (by Python name) that its one unnamed text stands for; None for any other text."""
        return None

    @classmethod
    def joined_parts(cls, values: Mapping[str, Any]) -> str | None:
        """The one text that stands for several features, the opposite of `positional_parts`; None where there is none."""
        return None

    def but(self, **changes: Any) -> Self:
        """A copy with some features changed."""
        return type(self)(**{**self.__dict__, **changes})


def content(block: Block) -> dict[str, object]:
    """The features that differ from the class's own values, in the order of the lines."""
    values = vars(block)
    return {
        f: values[f]
        for f in ("label", *(x.python for x in schema(type(block)).fields), "spelling", "raw")
        if f in values and values[f] != getattr(type(block), f)
    }


@record(frozen=True)
class Field:
    """One line of a block as the rest of the compiler sees it."""

    name: str
    """In the language: hyphenated."""
    python: str
    """In Python: with `_`, and a trailing `_` where it would be a keyword."""
    line: Line
    types: tuple[type[Block], ...] = ()
    """The block of a Sub or Many; the variants of a Choice."""

    @property
    def doc(self) -> str:
        return self.line.doc


@record(frozen=True)
class BlockSchema:
    block: type[Block]
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field] = field(compare=False)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)


_SCHEMAS: dict[type[Block], BlockSchema] = {}


def schema(block: type[Block]) -> BlockSchema:
    """The lines of a class and of its bases, in the order in which they are written (bases first); read once."""
    known = _SCHEMAS.get(block)
    if known is None:
        known = _SCHEMAS[block] = _read(block)
    return known


def _read(block: type[Block]) -> BlockSchema:
    fields: dict[str, Field] = {}
    bases = list(reversed(block.__mro__))
    for cls in sorted(bases, key=lambda base: vars(base).get("trailing", False) is True):
        # Raw annotations: the classes of model/ do without `from __future__ import annotations`.
        for python, annotation in getattr(cls, "__annotations__", {}).items():
            if annotation.__class__ is not tuple:
                continue
            inner, line = annotation[:2]
            if isinstance(line, (Attr, Sub, Many, Choice, OpenMap)):
                name = python.rstrip("_").replace("_", "-")
                fields[python] = Field(name, python, line, () if isinstance(line, (Attr, OpenMap)) else blocks_in(inner, cls))
    found = tuple(fields.values())
    return BlockSchema(block, found, {f.name: f for f in found})


def blocks_in(annotation: Any, owner: type) -> tuple[type[Block], ...]:
    """The block classes named by an annotation; a string or forward reference is looked up in the owner's module."""
    if isinstance(annotation, (str, typing.ForwardRef)):
        text = annotation if isinstance(annotation, str) else annotation.__forward_arg__
        scope = vars(__import__(owner.__module__, fromlist=["_"]))
        return tuple(
            t for name in text.replace("None", "").split("|") if name.strip() for t in blocks_in(eval(name.strip(), dict(scope)), owner)
        )
    if isinstance(annotation, type) and issubclass(annotation, Block):
        return (annotation,)
    if get_origin(annotation) in (Union, types.UnionType, tuple):
        return tuple(t for arg in get_args(annotation) if arg is not Ellipsis for t in blocks_in(arg, owner))
    return ()
