"""Suggests the right place for a word that stands at the wrong one: the model's words, and libvirt's names by their place in XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vmspec.base.record import record
from vmspec.base.suggest import likeliest, question
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.kind import Kind, OneOf, Problem
from vmspec.model.place import parse
from vmspec.model.value import Value

DEEPEST = 3
"""The depth of nested blocks that is searched."""
MOST = 4
"""The most words that a hint lists."""

OTHER_TOOLS: Mapping[str, str] = {
    "vcpus": "cpu.count",
    "cpus": "cpu.count",
    "cores": "cpu.count",
    "ram": "memory.size",
    "mem": "memory.size",
    "nic": "interface NAME { … }",
    "nics": "interface NAME { … }",
    "network_interface": "interface NAME { … }",
    "network": 'interface NAME { source = network("…") }',
    "bridge": 'interface NAME { source = bridge("…") }',
    "networks": "interface NAME { … }",
    "net": "interface NAME { … }",
    "drive": "disk NAME { … }",
    "drives": "disk NAME { … }",
    "disks": "disk NAME { … }",
    "volumes": "disk NAME { … }",
    "storage": "disk NAME { … }",
    "cdrom": "disk NAME { device = cdrom; … }",
    "iso": "disk NAME { device = cdrom; … }",
    "vnc": "graphics { type = vnc }",
    "spice": "graphics { type = spice }",
    "gpu": "hostdev NAME { source = pci(…) }",
    "count": "each $i in range(…)",
    "for_each": "each $name in […]",
    "depends_on": "start-after = [vm(NAME)]",
    "vcpupin": "cpu.pin",
    "emulatorpin": "emulator.pin",
    "chipset": "machine",
    "machine-type": "machine",
    "image": 'disk NAME { source = file("/…") }',
    "zone": "place",
    "node": "place",
    "boot-order": "boot.devices",
    "enabled": "autostart",
    "pool_name": "volume(pool, name)",
    "qcow2": "format = qcow2",
}
"""Words of virt-install, Terraform, Ansible and similar tools."""
ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("profiles", "profile", "inherits", "parent"), "profiles stand in the header: `vm NAME extends PROFILE { … }`"),
    **dict.fromkeys(
        (
            "cloud-init",
            "cloud_init",
            "cloudinit",
            "user-data",
            "user_data",
            "seed",
            "ignition",
            "users",
            "packages",
            "ssh-keys",
            "hostname",
        ),
        'what the guest sets up itself comes from a seed image: `disk seed { device = cdrom; source = file("/…/seed.iso") }`',
    ),
    **dict.fromkeys(
        ("os-variant", "os_variant", "osinfo", "guest-os", "guest_os"),
        "no system of a guest is known by name: profiles such as std.balanced and std.windows-guest say what it needs",
    ),
    **dict.fromkeys(
        ("flavor", "size", "instance-type", "instance_type", "template"), "sizes are profiles: `vm NAME extends PROFILE { … }`"
    ),
    "devices": "devices stand in the vm itself: `disk NAME { … }`, `interface NAME { … }`",
    "cputune": "pins are `cpu.pin` for all vCPUs, `vcpu N { pin = … }` for one, `emulator.pin` and `iothread N { pin = … }`",
}
"""Words that have another form here, each with a sentence that says which."""
INSIDE: Mapping[tuple[str, str], str] = {
    ("Boot", "order"): "boot.devices",
    ("Volume", "size"): "capacity",
    ("Rng", "source"): 'backend = random("/dev/urandom")',
    ("Host", "cpus"): "numa 0 { cpus = …; memory = … }",
    ("Host", "memory"): "numa 0 { cpus = …; memory = … }",
    ("Host", "hugepages"): "numa 0 { hugepages { 1GiB = … } }",
    ("Cpu", "feature"): "features += [NAME]",
    ("Cpu", "flags"): "features += [NAME]",
    ("Interface", "bridge"): 'source = bridge("br0")',
    ("Interface", "network"): 'source = network("default")',
    ("StoredSecret", "value"): "--secret secret:NAME=… of a deploy: no source holds it",
}
"""The same for words inside blocks, by the block's class."""
IMAGES = ("path", "file", "image", "filename")
"""Other tools' words for the image of a disk."""
MAIN: Mapping[tuple[str, type], str] = {
    ("cpu", int): "cpu.count",
    ("balloon", str): "balloon.model",
    ("host", str): "place",
    ("firmware", str): "firmware.type",
}
"""What a value was meant for that stands where a block does, by the block's name and the value's type."""


@record(frozen=True, slots=True)
class Word:
    """A line of the model, as it is written relative to a block."""

    path: tuple[str, ...]
    """Names, with NAME for a label; the last one may be a call: `source = bridge(…)`."""
    field: Field
    xml: tuple[str, ...]
    """libvirt's names: the elements, and the attribute if it is one."""
    attribute: bool = False
    """Whether the last of them is an attribute."""

    @property
    def shown(self) -> str:
        return ".".join(self.path)


_WORDS: dict[type[Block], tuple[Word, ...]] = {}


def words(block: type[Block]) -> tuple[Word, ...]:
    """Every line that can be reached from a block, nearest first."""
    known = _WORDS.get(block)
    if known is None:
        known = _WORDS[block] = tuple(sorted(_words(block, (), (), 0), key=lambda word: len(word.path)))
    return known


def _words(block: type[Block], path: tuple[str, ...], xml: tuple[str, ...], depth: int) -> Iterator[Word]:
    for field in schema(block):
        here = (*path, field.name)
        match field.line:
            case Attr(place=place) | OpenMap(place=place):
                yield Word(here, field, (*xml, *_xml(place)), "@" in (place or "").rpartition("/")[2])
            case Sub(at=at):
                yield Word(here, field, (*xml, *_elements(at if at is not None else field.types[0].element)))
                if depth < DEEPEST:
                    yield from _words(field.types[0], here, (*xml, *_elements(at if at is not None else field.types[0].element)), depth + 1)
            case Many(at=at):
                yield Word(
                    (*path, f"{field.name} NAME {{ … }}"), field, (*xml, *_elements(at if at is not None else field.types[0].element))
                )
                if depth < DEEPEST:
                    inner = (*xml, *_elements(at if at is not None else field.types[0].element))
                    yield from _words(field.types[0], (*here, field.line.implied or "NAME"), inner, depth + 1)
            case Choice():
                yield Word(here, field, xml)
                for variant in field.types if depth < DEEPEST else ():
                    for word in _words(variant, (), (*xml, *_elements(variant.element)), DEEPEST - 1):
                        call = f"{field.name} = {variant.tag}({word.path[0]} = …)"
                        yield Word((*path, call), word.field, word.xml, word.attribute)


def _xml(place: str | None) -> tuple[str, ...]:
    if place is None:
        return ()
    parsed = parse(place)
    return (*(step.name for step in parsed.steps), *((parsed.attribute,) if parsed.attribute else ()))


def _elements(path: str) -> tuple[str, ...]:
    return tuple(step.name for step in parse(path).steps) if path else ()


def kebab(name: str) -> str:
    """libvirt's `currentMemory` or `on_crash` in the language's spelling."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).replace("_", "-").lower()


def home(block: type[Block], root: type[Block], name: str) -> tuple[str, str | None]:
    """A sentence that names the right word for `name`, and the word if it can simply be replaced; `("", None)` without an idea."""
    own = schema(block).by_name
    spelt = kebab(name)
    if (block.__name__, spelt) in INSIDE:
        return _meant(INSIDE[block.__name__, spelt])
    if spelt in own or (spelt + "s") in own:
        return _meant(spelt if spelt in own else spelt + "s", simple=True)
    choice = next((f for f in schema(block) if isinstance(f.line, Choice) and f.line.on == f"@{name}"), None)
    if choice is not None:
        return _kinds(choice), None
    at_root = block is root
    if at_root and "disk" in own and name.lower() in ELSEWHERE:
        return ELSEWHERE[name.lower()], None
    if not at_root and name in IMAGES and _takes_file(block):
        return _meant('source = file("/…")')
    other = OTHER_TOOLS.get(name.lower(), OTHER_TOOLS.get(kebab(name), "")) if at_root else ""
    if other and (re.split(r"[ .]", other)[0] in own or "disk" in own):
        return _meant(other)
    found = _exact(block, name) or _nested(block, spelt)
    if found:
        return _meant(found)
    holder = next(
        (f for f in schema(block) if isinstance(f.line, Attr) and isinstance(f.line.kind, OneOf) and name in f.line.kind.words), None
    )
    if holder is not None:
        return _meant(f"{holder.name} = {name}")
    inside = _contained(block, name)
    close = likeliest(name, (*own, "xml"))
    if close and (inside is None or len(spelt) < len(close) + 3):
        return _meant(close, simple=True)
    return inside or ("" if at_root else _elsewhere(root, name), None)


def _takes_file(block: type[Block]) -> bool:
    lines = schema(block)
    return any(isinstance(f.line, Choice) and f.name == "source" and any(t.tag == "file" for t in f.types) for f in lines)


def _kinds(field: Field) -> str:
    """`type = bridge` of libvirt is the name of a call here."""
    tag = next((t.tag for t in field.types if t.positional), field.types[0].tag)
    return f"`{field.name}` says it: `{field.name} = {tag}(…)`; it is one of " + ", ".join(t.tag for t in field.types)


def _elsewhere(root: type[Block], name: str) -> str:
    """A line of the object itself, where that is what was meant."""
    found = _exact(root, name)
    return f"{question(found)} It stands in the object itself." if found and "NAME" not in found and "(" not in found else ""


def _meant(word: str, simple: bool = False) -> tuple[str, str | None]:
    return question(word), word if simple else None


def _exact(block: type[Block], name: str) -> str | None:
    """The line whose place in XML ends with that name."""
    found = [w for w in words(block) if w.xml and w.xml[-1] == name]
    ranked = sorted(found, key=lambda w: (len(w.xml), len(w.path), "(" in w.shown))
    return ranked[0].shown if ranked else None


def _nested(block: type[Block], name: str) -> str | None:
    """The line of that name in a block within the block."""
    found = [w for w in words(block) if w.field.name == name and len(w.path) > 1 and "(" not in w.shown]
    ranked = sorted(found, key=lambda w: ("NAME" in w.path, len(w.path)))
    return ranked[0].shown if ranked else None


def _contained(block: type[Block], name: str) -> tuple[str, str | None] | None:
    """The lines whose places in XML lie in an element of that name."""
    found = [w for w in words(block) if name in w.xml[:-1] and "NAME" not in w.path]
    if any("(" not in w.shown for w in found) or block.tag:
        found = [w for w in found if "(" not in w.shown]
    ranked = sorted(found, key=lambda w: (w.xml.index(name), len(w.path), len(w.xml)))
    shown = list(dict.fromkeys(w.shown for w in ranked))
    if not shown:
        return None
    if len(shown) == 1:
        return _meant(shown[0])
    shown = shown[:MOST]
    rest = ", …" if len(found) > MOST else ""
    return f"what libvirt writes in <{name}> is said by {', '.join(f'`{each}`' for each in shown)}{rest}", None


def for_element(block: type[Block], name: str, inner: tuple[str, ...]) -> str:
    """For a block that is opened where the language has a value, `driver { cache = … }`: the words for what stands in it."""
    found = [w for each in inner for w in words(block) if w.xml[-2:] == (name, each)]
    shown = list(dict.fromkeys(w.shown for w in sorted(found, key=lambda w: (inner.index(w.xml[-1]), len(w.xml), len(w.path)))))
    return "write " + ", ".join(f"`{each} = …`" if "(" not in each else f"`{each}`" for each in shown[:MOST]) if shown else ""


def main_value(block: type[Block], name: str, value: Value) -> str:
    """The line of a block that a value was meant for: the one that libvirt writes under the block's name, else the only one that fits."""
    known = next((word for (of, kind), word in MAIN.items() if of == name and isinstance(value, kind)), None)
    if known is not None:
        return known
    lines = [f for f in schema(block) if isinstance(f.line, Attr) and not isinstance(f.line.kind.read(value), Problem)]
    unit = [f for f in schema(block) if isinstance(f.line, Attr) and _lacks_unit(f.line.kind, value)]
    same = [f for f in (*lines, *unit) if isinstance(f.line, Attr) and name in _xml(f.line.place)]
    chosen = same[0] if same else lines[0] if len(lines) == 1 else None
    return f"{name}.{chosen.name}" if chosen is not None else ""


def of_kind(block: type[Block], word: str) -> str:
    """For `graphics = vnc`, `serial = pty`: the line of the block that says of which kind it is, with the word as its value."""
    for field in schema(block):
        if isinstance(field.line, Attr) and isinstance(field.line.kind, OneOf) and word in field.line.kind.words:
            return f"{field.name} = {word}"
        if isinstance(field.line, Choice) and any(variant.tag == word for variant in field.types):
            return f"{field.name} = {word}(…)"
    return ""


def where_a_block_stands(block: type[Block] | None, path: tuple[str, ...], value: Value, items: tuple[Value, ...]) -> str:
    """For a value that is given to a block, or to an open map (None): the line of the block that was meant, or how it is opened."""
    if block is None:
        return f"write `{path[-1]} {{ … }}`"
    own = schema(block).by_name
    unknown = next((str(item) for item in items if isinstance(item, str) and str(item) not in own), None)
    hint = likeliest(unknown, own) if unknown else None
    word = main_value(block, path[-1], value)
    hint = f"{word} = …" if word else hint
    if len(path) > 1 and path[-1] == f"{path[-2]}0":
        hint = f"{path[-2]} {{ {of_kind(block, str(value)) or '…'} }}"
    return question(hint) if hint else f"write `{path[-1]} {{ … }}`"


def _lacks_unit(kind: Kind, value: Value) -> bool:
    problem = kind.read(value)
    return isinstance(problem, Problem) and problem.about == "unit"


def for_value(root: type[Block], field: Field, value: Value | None) -> str:
    """The line that a value without a label was meant for: `vcpu = 2` is `cpu.count = 2`."""
    found = [w for w in words(root) if w.xml == (field.name,) and isinstance(w.field.line, Attr)]
    fitting = [
        w for w in found if isinstance(w.field.line, Attr) and value is not None and not isinstance(w.field.line.kind.read(value), Problem)
    ]
    return (fitting or found)[0].shown if found and (fitting or value is None) else ""
