"""libvirt's own text of values that we would write in another way: `"1048576"` beside `memory.size = 1GiB`, by path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vmspec.base.provenance import Path
from vmspec.model.block import Attr, Block, Choice, Field, Many, Sub, schema
from vmspec.model.kind import spelled_text
from vmspec.model.value import Value


def written(block: Block, path: Path = ()) -> Iterator[tuple[str, str]]:
    """Key (the dotted path) and text of all that is spelled in a block and below it, in the order of the lines."""
    for field in schema(type(block)):
        value = vars(block).get(field.python)
        if value is None:
            continue
        here = (*path, field.name)
        match field.line:
            case Attr():
                text = own_text(block, field)
                if text is not None and can_write(field.line, value):
                    yield ".".join(here), text
            case Sub() | Choice() if isinstance(value, Block):
                yield from written(value, here)
            case Many():
                for each in value:
                    yield from written(each, (*here, each.label))


def own_text(block: Block, field: Field) -> str | None:
    """libvirt's text of a feature, its unit behind it after a space."""
    text, unit = block.spelling.get(field.python), block.spelling.get(f"{field.python}.unit")
    return text if text is None or unit is None else f"{text} {unit}"


def can_write(line: Attr, value: Value) -> bool:
    """Whether the language takes the value: not 12345KiB where libvirt counts MiB, which XML may say."""
    return line.kind.read(value) == value


def as_written(block: Block, texts: Mapping[str, str]) -> Block:
    """The block with these texts beside its values; one that says another value, or of what is not there, is left out."""
    for key, text in texts.items():
        block = _with(block, key, text) or block
    return block


def differs(block: Block, key: str, text: str) -> bool:
    """Whether a text is not what the value at its path could be written as."""
    return _with(block, key, text) is None


def _with(block: Block, key: str, text: str) -> Block | None:
    """A copy of the block that has the text; None where it does not fit."""
    name, _, rest = key.partition(".")
    field = schema(type(block)).by_name.get(name)
    value = None if field is None else vars(block).get(field.python)
    if field is None or value is None:
        return None
    match field.line:
        case Attr() if not rest:
            return _spelled(block, field, field.line, value, text)
        case Sub() | Choice() if isinstance(value, Block):
            inner = _with(value, rest, text)
            return None if inner is None else block.but(**{field.python: inner})
        case Many():
            found = _among(value, rest, text)
            return None if found is None else block.but(**{field.python: found})
    return None


def _spelled(block: Block, field: Field, line: Attr, value: object, text: str) -> Block | None:
    own = spelled_text(line.kind, text)
    if line.kind.from_xml(own) != value:
        return None
    unit = {} if own.unit is None else {f"{field.python}.unit": own.unit}
    return block.but(spelling={**block.spelling, field.python: own.text, **unit})


def _among(blocks: Sequence[Block], key: str, text: str) -> tuple[Block, ...] | None:
    """Labels may have dots, so that each is tried."""
    for number, each in enumerate(blocks):
        inner = _with(each, key.removeprefix(f"{each.label}."), text) if key.startswith(f"{each.label}.") else None
        if inner is not None:
            return (*blocks[:number], inner, *blocks[number + 1 :])
    return None
