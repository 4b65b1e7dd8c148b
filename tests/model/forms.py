"""Programs that set one line of the model to one form: right, at the edge, of a wrong kind, odd, huge, empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.model.lines import sample
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, schema
from vmspec.model.kinds import ROOTS
from vmspec.model.show import show_item, show_symbol

Way = tuple[tuple[type[Block], Field, type[Block]], ...]
"""From the root: the block, the line of it that holds the next, and which of the line's blocks that is."""

ODD = {
    "control": r'"a\u{1}b"',
    "nonchar": r'"a\u{FFFE}b"',
    "line end": r'"a\nb"',
    "markup": r'"a<b>&\"c"',
    "long": f'"{"x" * 300}"',
    "empty": '""',
    "blank": '" "',
    "text": '"some text"',
    "word": "no-such-word",
    "relative": '"images/a.img"',
    "absolute": '"/var/lib/a.img"',
    "number": "4096",
    "zero": "0",
    "negative": "-1",
    "huge": "99999999999999999999",
    "size": "1GiB",
    "odd size": "1000001B",
    "huge size": "9999999EiB",
    "no size": "0B",
    "negative size": "-1GiB",
    "rate": "3MiB/s",
    "duration": "5s",
    "share": "20%",
    "frequency": "2GHz",
    "cpus": "0-3,8",
    "far cpu": "4000",
    "true": "true",
    "false": "false",
    "no list": "[]",
    "list": "[1, two]",
    "map": "{ a = 1 }",
    "call": 'block("/dev/a")',
    "no call": "nothing(1)",
    "secret": 'secret("key")',
    "host": "host(n1)",
    "variable": "$odd",
}
"""What is tried on every line, whatever its kind."""


class Form(NamedTuple):
    """One program, and the line of it that has the form."""

    name: str
    text: str
    expression: str
    line: Field
    block: type[Block]


def ways() -> dict[type[Block], Way]:
    """One way to every class that an object can hold."""
    found: dict[type[Block], Way] = dict.fromkeys(ROOTS.values(), ())
    waiting = list(found)
    while waiting:
        block = waiting.pop(0)
        for field in schema(block):
            for inner in field.types:
                if inner not in found:
                    found[inner] = (*found[block], (block, field, inner))
                    waiting.append(inner)
    return found


def forms() -> Iterator[Form]:
    """Every line in each of its forms, in the order of the model."""
    roots = {root: kind for kind, root in ROOTS.items()}
    for block, way in ways().items():
        root = way[0][0] if way else block
        for field in schema(block):
            for form, expression in expressions(field):
                text = program(roots[root], way, block, field, expression)
                yield Form(f"{block.__name__}.{field.name} {form}", text, expression, field, block)


def expressions(field: Field) -> Iterator[tuple[str, str]]:
    """Forms by name, as the language writes them."""
    if isinstance(field.line, (Attr, OpenMap)):
        for number, value in enumerate(sample(field)):
            yield f"sample {number}", value_text(value)
    elif isinstance(field.line, Choice):
        for variant in field.types:
            yield f"bare {variant.tag}", f"{variant.tag}()"
    yield from ODD.items()


def value_text(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + "; ".join(f"{show_symbol(key)} = {show_item(item)}" for key, item in value.items()) + " }"
    return show_item(value)  # type: ignore[arg-type]


def label(field: Field) -> str:
    assert isinstance(field.line, Many)
    return "0" if field.line.numbered else "vda" if field.name == "disk" else "one"


def program(kind: str, way: Way, block: type[Block], field: Field, expression: str) -> str:
    """An object with nothing but the blocks on the way, and what each needs."""
    name = f"{field.name}.{label(field)}" if isinstance(field.line, Many) else field.name
    inside = any(isinstance(each.line, Choice) for _, each, _ in way)
    inner = body(block, name, expression, called=inside and isinstance(way[-1][1].line, Choice))
    for number, (outer, holder, each) in reversed(list(enumerate(way))):
        in_call = any(isinstance(above.line, Choice) for _, above, _ in way[:number])
        called = number > 0 and isinstance(way[number - 1][1].line, Choice)
        if isinstance(holder.line, Choice):
            name, expression = holder.name, f"{each.tag}({inner})"
        elif in_call and isinstance(holder.line, Many):
            name, expression = holder.name, f"{{ {label(holder)} = {{ {inner} }} }}"
        elif in_call:
            name, expression = holder.name, f"{{ {inner} }}"
        else:
            name, expression = f"{holder.name} {label(holder)}" if isinstance(holder.line, Many) else holder.name, f"{{ {inner} }}"
        opens = expression.startswith("{") and not in_call
        inner = body(outer, name, expression, called, opens)
    return f"let $odd = [none]\nhost n1 {{ }}\n{kind} a {{ {inner} }}\n"


def body(block: type[Block], name: str, expression: str, called: bool = False, opens: bool = False) -> str:
    """What a block needs, and the one thing that it is about."""
    own = name.partition(" ")[0].partition(".")[0]
    if called and "." in name:
        name, expression = own, f"{{ {name.partition('.')[2]} = {expression} }}"
    needs = [f"{other} = {value}" for other, value in needed(block).items() if other.partition(".")[0] != own]
    return (", " if called else "; ").join([*needs, f"{name} {expression}" if opens else f"{name} = {expression}"])


def needed(block: type[Block]) -> dict[str, str]:
    """What a block says besides, so that the one line is all that can be wrong with it."""
    if block.tag:
        names = [name.replace("_", "-") for name in block.positional]
        lines = {name: schema(block).by_name[name] for name in names}
        values = {name: sample(line) for name, line in lines.items() if isinstance(line.line, Attr)}
        return {name: value_text(value[0]) for name, value in values.items() if value} | NEEDS.get(block.__name__, {})
    return NEEDS.get(block.__name__, {})


NEEDS: dict[str, dict[str, str]] = {
    "Domain": {"memory.size": "1GiB", "cpu.count": "4"},
    "Memory": {"size": "1GiB"},
    "Cpu": {"count": "4"},
    "Disk": {"source": 'block("/dev/vg0/a")'},
    "Interface": {"source": 'bridge("br0")'},
    "Filesystem": {"source": 'mount("/srv")', "target": "srv"},
    "Shmem": {"name": "one"},
}
