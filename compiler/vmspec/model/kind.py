"""Kinds of value: each owns what the language may write for it, its check, and both directions of its XML text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

from vmspec.base.record import record
from vmspec.base.suggest import likeliest
from vmspec.model.value import MAX_CPU, CpuSet, ObjectRef, Pins, Quantity, Secret, Size, Symbol, Value, show_quantity


@record(frozen=True)
class Problem:
    """Why a value does not fit: a sentence without its subject (`is not one of …`), and text that would fit instead."""

    message: str
    instead: str | None = None
    about: Literal["kind", "unit", "exact", "boolean"] = "kind"
    """Which diagnostic it is: a wrong kind, a missing unit, a value that is not exact, a word for a boolean."""


@record(frozen=True)
class Text:
    """What stands in XML: the text, and the `unit` attribute beside it where the kind has one."""

    text: str
    unit: str | None = None


def spelled_text(kind: Kind, spelling: str) -> Text:
    """libvirt's own text as the language writes it: with its unit, where the kind has one, after a space (`"1048576 KiB"`)."""
    text, space, unit = spelling.rpartition(" ") if kind.has_unit else ("", "", "")
    return Text(text, unit) if space and unit and text.strip() else Text(spelling)


class Kind:
    """The contract of every kind. `noun` completes "expected …"; `unit` says that a `unit` attribute goes with the text."""

    noun: str = "a value"
    has_unit: bool = False

    def __repr__(self) -> str:
        return type(self).__name__

    def read(self, value: Value) -> Value | Problem:
        """A value of the language as this kind keeps it."""
        raise NotImplementedError

    def strictly(self, value: Value) -> Problem | None:
        """What is wrong with a value that libvirt's parser takes, and that works nowhere: refused of what we resolve, kept of imports."""
        return None

    def to_xml(self, value: Value) -> Text:
        """The canonical spelling that we emit."""
        raise NotImplementedError

    def text(self, value: Value) -> str:
        """`to_xml(value).text`, for the emitter's inner loop."""
        return self.to_xml(value).text

    def from_xml(self, text: Text) -> Value | None:
        """Every spelling that libvirt accepts; None for any other."""
        raise NotImplementedError


@record(frozen=True)
class Flag(Kind):
    """A boolean with libvirt's two words for it. `true`/`false` in the language; anything else gets a fix-it."""

    true: str = "yes"
    false: str = "no"
    noun = "true or false"

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, bool):
            return value
        word = str(value) if isinstance(value, str) else ""
        if word in ("true", "false"):
            return Problem("is not a boolean", word, "boolean")
        if word in ("yes", "on", "no", "off"):
            return Problem("is not a boolean", "true" if word in ("yes", "on") else "false", "boolean")
        return Problem("is not a boolean")

    def to_xml(self, value: Value) -> Text:
        return Text(self.true if value else self.false)

    def text(self, value: Value) -> str:
        return self.true if value else self.false

    def from_xml(self, text: Text) -> Value | None:
        return {self.true: True, self.false: False}.get(text.text)


class Presence(Kind):
    """True where the element stands there at all; it has no text."""

    noun = "true or false"

    def read(self, value: Value) -> Value | Problem:
        return YES_NO.read(value)

    def to_xml(self, value: Value) -> Text:
        return Text("")

    def from_xml(self, text: Text) -> Value | None:
        return True


LARGEST = (1 << 64) - 1
"""What XML Schema's `unsignedLong` and libvirt's counters hold."""

MOST_TIMES = 20
"""Above it, a number of how many times is one of percent."""
LARGEST_QUANTITY = (1 << 63) - 1
"""In base units: libvirt counts bytes of memory in a signed 64-bit number (virDomainParseMemory, src/conf/domain_conf.c 9.0.0)."""


@record(frozen=True)
class Integer(Kind):
    """A whole number between two bounds, both included; `None` is no bound. `radix` 16 emits `0x…` with `digits` digits."""

    low: int | None = 0
    high: int | None = None
    radix: int = 10
    digits: int = 2
    noun = "a whole number"

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, bool) or not isinstance(value, int):
            digits = isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value) and not isinstance(self.read(int(value)), Problem)
            return Problem("is not a whole number", str(value) if digits else None)
        if isinstance(value, Quantity):
            return Problem("has a unit, and this is a plain number")
        if self.low is not None and value < self.low:
            return Problem(f"is below {self.low}")
        high = LARGEST if self.high is None else self.high
        if value > high:
            return Problem(f"is above {high}")
        return value

    def to_xml(self, value: Value) -> Text:
        assert isinstance(value, int)
        return Text(f"0x{value:0{self.digits}x}" if self.radix == 16 else str(value))

    def text(self, value: Value) -> str:
        return f"0x{value:0{self.digits}x}" if self.radix == 16 else str(value)

    def from_xml(self, text: Text) -> Value | None:
        number = text.text.strip()
        if not re.fullmatch(r"[+-]?(0[xX][0-9a-fA-F]{1,40}|[0-9]{1,40})", number):
            return None
        # libvirt reads most numbers with base 0 or 10; a leading zero is octal only where the schema allows hexadecimal.
        value = int(number, 16) if "x" in number.lower() else int(number)
        return None if isinstance(self.read(value), Problem) else value


@record(frozen=True)
class OneOf(Kind):
    """One of a closed list of words."""

    words: tuple[str, ...]
    since: Mapping[str, str]
    """The libvirt version that brought a word, of those that came after the line itself."""

    def __init__(self, *words: str, since: Mapping[str, str] | None = None) -> None:
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "since", since or {})

    def __hash__(self) -> int:
        return hash(self.words)

    @property
    def noun(self) -> str:  # type: ignore[override]
        return "one of " + ", ".join(self.words)

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, bool):
            word = ("on" if value else "off") if "on" in self.words else ("yes" if value else "no")
            return Problem(f"is not {self.noun}", word if word in self.words else None)
        if not isinstance(value, str):
            # A model name or version may look like a number: `8254`.
            return Symbol(str(value)) if isinstance(value, int) and str(value) in self.words else Problem(f"is not {self.noun}")
        return Symbol(value) if value in self.words else Problem(f"is not {self.noun}", likeliest(value, self.words))

    def to_xml(self, value: Value) -> Text:
        return Text(str(value))

    def text(self, value: Value) -> str:
        return str(value)

    def from_xml(self, text: Text) -> Value | None:
        return Symbol(text.text) if text.text in self.words else None


@record(frozen=True)
class Words(Kind):
    """Text that matches a pattern; `noun` says to people what the pattern means. With `symbol` it is written bare where it can be."""

    pattern: str = r"[\s\S]*"
    noun: str = "text"
    symbol: bool = False
    strict: str = ""
    """A narrower pattern, and what it means to people: see `Kind.strictly`."""
    strict_noun: str = ""
    parsed: bool = False
    """Whether libvirt itself refuses what does not match."""

    def strictly(self, value: Value) -> Problem | None:
        fits = not self.strict or (isinstance(value, str) and re.fullmatch(self.strict, value))
        return None if fits else Problem(f"is not {self.strict_noun}")

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, int) and not isinstance(value, (bool, Quantity)) and self.symbol:
            value = str(value)
        if not isinstance(value, str):
            return Problem(f"is not {self.noun}")
        if not re.fullmatch(self.pattern, value):
            return Problem(f"is not {self.noun}")
        return Symbol(value) if self.symbol else str(value)

    def to_xml(self, value: Value) -> Text:
        return Text(str(value))

    def text(self, value: Value) -> str:
        return str(value)

    def from_xml(self, text: Text) -> Value | None:
        read = self.read(text.text)
        return None if isinstance(read, Problem) else read


def _unquoted(value: Value, dimension: type[Quantity]) -> str | None:
    """`"4 GiB"` as the quantity that it is meant to be."""
    match = re.fullmatch(r"([0-9]{1,20}(?:\.[0-9]{1,6})?)\s*([A-Za-z/%]+)", value) if isinstance(value, str) else None
    if match is None:
        return None
    unit = next(
        (name for name, _ in dimension.units if name.lower() in (match[2].lower(), f"{match[2].lower()}ib", f"{match[2].lower()}b")), None
    )
    return f"{match[1]}{unit}" if unit is not None else None


def usual_size(number: int) -> str:
    """What people count in when they write a number for memory or a disk: virt-install counts MiB, libvirt's XML KiB, tools bytes."""
    return "GiB" if number < 256 else "MiB" if number < 1 << 18 else "KiB" if number < 1 << 30 else "B"


@record(frozen=True)
class HostPath(Words):
    """A file of the host that the VM's processes open. Theirs is the root directory (virExec and daemons, `chdir("/")`,
    src/util/vircommand.c 9.0.0), so that libvirt's text `a.iso` is the file /a.iso."""

    def from_xml(self, text: Text) -> Value | None:
        relative = text.text.strip() and not re.fullmatch(ABSOLUTE_PATH, text.text, re.DOTALL)
        return super().from_xml(Text(f"/{text.text.removeprefix('./')}") if relative else text)


@record(frozen=True)
class ReadWords(Words):
    """Words that libvirt's parser reads itself, so that it refuses others; other patterns are those of its schema alone."""


@record(frozen=True)
class Measure(Kind):
    """A quantity of one dimension, emitted as a whole number of `unit`; never rounded.

    `with_unit`: a `unit` attribute stands beside the text, and `units` are the spellings it may have (lower case).
    """

    dimension: type[Quantity]
    unit: str
    count: int
    """How many base units one `unit` is."""
    with_unit: bool = False
    units: Mapping[str, int] | None = None
    low: int = 0
    usual: str = ""
    """The unit in which people count it, where its magnitude does not tell."""
    plain: bool = False
    """A number without a unit is this many `unit`s: only where libvirt's number has no dimension to confuse (it never is for a size)."""

    @property
    def noun(self) -> str:  # type: ignore[override]
        return {
            "size": "a size such as 4GiB",
            "rate": "a rate such as 400MiB/s",
            "duration": "a duration such as 200ms",
            "frequency": "a frequency such as 2400MHz",
            "percentage": "a percentage such as 20%",
        }[self.dimension.dimension]

    @property
    def has_unit(self) -> bool:  # type: ignore[override]
        return self.with_unit

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, int) and not isinstance(value, (bool, Quantity)):
            return Problem("has no unit", f"{value}{self.meant(value)}", "unit")
        if not isinstance(value, self.dimension):
            return Problem(f"is not {self.noun}", _unquoted(value, self.dimension))
        if value < self.low:
            return Problem(f"is below {show_quantity(self.dimension(self.low))}")
        if value > LARGEST_QUANTITY:
            return Problem("is more than libvirt can count")
        if value % self.count:
            below = self.dimension(value - value % self.count)
            return Problem(f"is not a whole number of {self.unit}, libvirt's unit here", show_quantity(below) if below else None, "exact")
        return value

    def meant(self, number: int) -> str:
        """The unit that a bare number most likely has: libvirt's own where a smaller one would mean nothing, else by its magnitude."""
        own = self.usual or next((unit for unit, count in self.dimension.units if count == self.count), "")
        match self.dimension.dimension:
            case "size" if self.with_unit and not self.usual:
                return usual_size(number)
            case "size":
                return "MiB" if not self.usual and self.count == 1 << 10 and number < 1 << 10 else own
            case "rate":
                return "MiB/s" if self.count == 1 and number < 100_000 else own
            case "frequency":
                return "MHz" if number < 1_000_000 else "Hz"
            case "percentage":
                return self.usual if self.usual and 0 < number <= MOST_TIMES else "%"
            case _:
                return own

    def to_xml(self, value: Value) -> Text:
        assert isinstance(value, int)
        return Text(str(value // self.count), self.unit if self.with_unit else None)

    def text(self, value: Value) -> str:
        return str(value // self.count)  # type: ignore[operator]

    def from_xml(self, text: Text) -> Value | None:
        if not re.fullmatch(r"\s*\+?[0-9]{1,32}\s*", text.text):
            return None
        count = self.count
        if text.unit is not None:
            if self.units is None or text.unit.lower() not in self.units:
                return None
            count = self.units[text.unit.lower()]
        number = int(text.text) * count
        if self.with_unit and self.count == 1 << 10:
            number += -number % self.count  # VIR_DIV_UP in virDomainParseMemory, src/conf/domain_conf.c 9.0.0
        return self.dimension(number) if number <= LARGEST else None


class Cpus(Kind):
    """A set of CPU or node numbers; an integer stands for a set of one."""

    noun = "a cpuset such as 0-3,8"

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, CpuSet):
            return CpuSet(value.bits) if isinstance(value, Pins) else value
        if isinstance(value, int) and not isinstance(value, (bool, Quantity)) and value >= 0:
            return CpuSet(1 << value) if value < MAX_CPU else Problem(f"is not a CPU number: they end at {MAX_CPU - 1}")
        return Problem(f"is not {self.noun}", cpus_meant(value))

    def to_xml(self, value: Value) -> Text:
        return Text(str(value))

    def text(self, value: Value) -> str:
        return str(value)

    def from_xml(self, text: Text) -> Value | None:
        return parse_cpus(text.text)


def cpus_meant(value: Value) -> str | None:
    """How the language writes the CPUs of a text, `"0-3"`, or of a list, `[0, 1]`."""
    if isinstance(value, str):
        return str(parse_cpus(value) or "") or None
    if isinstance(value, tuple) and value and all(isinstance(each, int) and 0 <= each < MAX_CPU for each in value):
        return str(CpuSet.of(each for each in value if isinstance(each, int)))
    return None


def parse_cpus(text: str) -> CpuSet | None:
    """libvirt's bitmap syntax, `0-4,^3` (virBitmapParse, src/util/virbitmap.c 9.0.0): later parts act on earlier ones."""
    bits = 0
    for part in text.replace(" ", "").split(","):
        match = re.fullmatch(r"(\^?)([0-9]{1,5})(?:-([0-9]{1,5}))?", part)
        if match is None:
            return None
        first, last = int(match[2]), int(match[3] or match[2])
        if last < first or (match[1] and match[3]):
            return None
        some = CpuSet.span(first, last).bits
        bits = bits & ~some if match[1] else bits | some
    return CpuSet(bits)


class SecretName(Kind):
    """`secret("name")`: emitted as the usage of a libvirt secret, never as its value."""

    noun = 'a secret such as secret("ceph-key")'

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, Secret) and value.param:
            return Problem('has no name on the host: name libvirt\'s own as secret("…"), and give its value as `--secret secret:NAME=…`')
        if value == Secret(""):
            return Problem("names a secret that does not say what it is for")
        return value if isinstance(value, Secret) else Problem(f"is not {self.noun}")

    def to_xml(self, value: Value) -> Text:
        assert isinstance(value, Secret)
        return Text(value.name)

    def from_xml(self, text: Text) -> Value | None:
        return Secret(text.text)


class Password(Kind):
    """A password that stands in the definition itself. One that a deploy is given stands there as the empty text until then."""

    noun = "a secret parameter (`param $pw: secret`), or a text that everyone may read"

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, Secret):
            return value if value.param else Problem("is a secret of libvirt, and a display takes none: declare `param $pw: secret`")
        return TEXT.read(value)

    def to_xml(self, value: Value) -> Text:
        return Text(value if isinstance(value, str) else "")

    def from_xml(self, text: Text) -> Value | None:
        return text.text


@record(frozen=True)
class ListOf(Kind):
    """A list: one XML element an item (`name*` in the place), or one text joined by `separator`. `unordered` lists are sets."""

    item: Kind
    separator: str = ""
    unordered: bool = False

    @property
    def noun(self) -> str:  # type: ignore[override]
        return f"a list, each item {self.item.noun}"

    def read(self, value: Value) -> Value | Problem:
        values = value if isinstance(value, tuple) else (value,)
        read: list[Value] = []
        for each in values:
            one = self.item.read(each)
            if isinstance(one, Problem):
                return one
            if not (self.unordered and one in read):
                read.append(one)
        return tuple(sorted(read, key=str)) if self.unordered else tuple(read)

    def to_xml(self, value: Value) -> Text:
        assert isinstance(value, tuple)
        return Text(self.separator.join(self.item.to_xml(v).text for v in value))

    def from_xml(self, text: Text) -> Value | None:
        parts = (
            [self.item.from_xml(Text(p.strip())) for p in text.text.split(self.separator)] if self.separator else [self.item.from_xml(text)]
        )
        return None if any(p is None for p in parts) else tuple(p for p in parts if p is not None)


@record(frozen=True)
class Checked(Kind):
    """Another kind, narrowed by a check that says what is wrong (None: nothing)."""

    base: Kind
    check: Callable[[Value], str | None]

    @property
    def noun(self) -> str:  # type: ignore[override]
        return self.base.noun

    @property
    def has_unit(self) -> bool:  # type: ignore[override]
        return self.base.has_unit

    def read(self, value: Value) -> Value | Problem:
        read = self.base.read(value)
        wrong = None if isinstance(read, Problem) else self.check(read)
        return read if wrong is None else Problem(wrong)

    def to_xml(self, value: Value) -> Text:
        return self.base.to_xml(value)

    def from_xml(self, text: Text) -> Value | None:
        return self.base.from_xml(text)


@record(frozen=True)
class BareFlag(Flag):
    """A flag whose element alone, without the attribute, means true (`<pmu/>`); we write the attribute. Goes with the policy `bare`."""

    def from_xml(self, text: Text) -> Value | None:
        return True if text.text == "" else super().from_xml(text)


@record(frozen=True)
class OrTrue(Kind):
    """`true` for the bare element, or a value of another kind in it. Goes with the policy `bare` or `bare-parent`."""

    base: Kind

    @property
    def noun(self) -> str:  # type: ignore[override]
        return f"true, or {self.base.noun}"

    @property
    def has_unit(self) -> bool:  # type: ignore[override]
        return self.base.has_unit

    @property
    def unit(self) -> str:
        return str(getattr(self.base, "unit", ""))

    def read(self, value: Value) -> Value | Problem:
        return True if value is True else self.base.read(value)

    def to_xml(self, value: Value) -> Text:
        return Text("") if value is True else self.base.to_xml(value)

    def text(self, value: Value) -> str:
        return "" if value is True else self.base.text(value)

    def from_xml(self, text: Text) -> Value | None:
        return True if text.text == "" else self.base.from_xml(text)


@record(frozen=True)
class Either(Kind):
    """One kind, or else another: a duration or `unlimited`."""

    first: Kind
    second: Kind

    @property
    def noun(self) -> str:  # type: ignore[override]
        return f"{self.first.noun}, or {self.second.noun}"

    def _of(self, value: Value) -> Kind:
        return self.second if isinstance(self.first.read(value), Problem) else self.first

    def read(self, value: Value) -> Value | Problem:
        first = self.first.read(value)
        second = self.second.read(value) if isinstance(first, Problem) else first
        return first if isinstance(second, Problem) else second

    def to_xml(self, value: Value) -> Text:
        return self._of(value).to_xml(value)

    def from_xml(self, text: Text) -> Value | None:
        first = self.first.from_xml(text)
        return self.second.from_xml(text) if first is None else first


@record(frozen=True)
class WordFor(Kind):
    """A word of ours for one text of libvirt's: `unlimited` for -1."""

    word: str
    stands_for: str

    def __init__(self, word: str, stands_for: str) -> None:
        object.__setattr__(self, "word", word)
        object.__setattr__(self, "stands_for", stands_for)

    @property
    def noun(self) -> str:  # type: ignore[override]
        return self.word

    def read(self, value: Value) -> Value | Problem:
        return Symbol(self.word) if isinstance(value, str) and value == self.word else Problem(f"is not {self.word}")

    def to_xml(self, value: Value) -> Text:
        return Text(self.stands_for)

    def from_xml(self, text: Text) -> Value | None:
        return Symbol(self.word) if text.text == self.stands_for else None


class Parts(Kind):
    """One value that is several attributes of one element, as `ceph-1:6789` is a name and a port.

    `names` are all the attributes it may use. Where it stands in XML is then an element, or each of a list of elements.
    """

    names: tuple[str, ...] = ()

    def to_parts(self, value: Value) -> dict[str, str]:
        """The attributes to emit, in order."""
        raise NotImplementedError

    def from_parts(self, parts: Mapping[str, str]) -> Value | None:
        """None where the attributes are not such a value."""
        raise NotImplementedError


class Anything(Kind):
    """Any value, typed elsewhere: what open maps such as `sysctl` and `kernel.args` hold."""

    def read(self, value: Value) -> Value | Problem:
        if any(isinstance(each, Secret) for each in (value if isinstance(value, tuple) else (value,))):
            return Problem(
                "would be read by everyone here: it holds a secret" if isinstance(value, tuple) else "would be read by everyone here"
            )
        return CpuSet(value.bits) if isinstance(value, Pins) else value


class NameOf(Kind):
    """The name of one object: of the program's own, `nwfilter(lab)`, or of one that the host has."""

    def __init__(self, of: str) -> None:
        self.of = of
        self.noun = f"one {of}: `{of}(NAME)`, or a quoted name of the host's"

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, ObjectRef) and value.kind == self.of:
            return value.name
        return NAME.read(value)

    def to_xml(self, value: Value) -> Text:
        return Text(str(value))

    def from_xml(self, text: Text) -> Value | None:
        return NAME.from_xml(text)


class Reference(Kind):
    """One object of a kind: of the program, or, unless only these will do, by the name that the host knows."""

    def __init__(self, of: str, declared: bool) -> None:
        self.of = of
        self.declared = declared
        self.noun = f"one {of}: `{of}(NAME)`"

    def read(self, value: Value) -> Value | Problem:
        if isinstance(value, ObjectRef) and value.kind == self.of:
            return value
        if isinstance(value, str) and value and not self.declared:
            return value
        if isinstance(value, str):
            word = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", value)
            return Problem(f"is a name and no {self.of}", f"{self.of}({value})" if word else None)
        if isinstance(value, tuple):
            return Problem(f"is not one {self.of}, and nothing chooses among several")
        return Problem(f"is no {self.of}")


class HostChoice(Reference):
    """A host, several of which one is to be chosen, or `auto` for any."""

    def __init__(self, of: str, declared: bool) -> None:
        super().__init__(of, declared)
        self.noun = "a host, `hosts(TAG)` or `auto`"

    def read(self, value: Value) -> Value | Problem:
        if value == "auto" and isinstance(value, Symbol):
            return value
        if isinstance(value, tuple) and value and all(isinstance(each, ObjectRef) and each.kind == self.of for each in value):
            return value
        return super().read(value)


# virScaleInteger, src/util/virutil.c 9.0.0: KB is 1000, K and KiB are 1024; case does not matter.
SIZE_UNITS = {"b": 1, "byte": 1, "bytes": 1} | {
    spelling: base**power
    for power, letter in enumerate("kmgtpe", 1)
    for spelling, base in ((letter, 1024), (f"{letter}ib", 1024), (f"{letter}b", 1000))
}

YES_NO = Flag("yes", "no")
ON_OFF = Flag("on", "off")
TRUE_FALSE = Flag("true", "false")
PRESENCE = Presence()
TEXT = Words()
ABSOLUTE_PATH = r"(/|[a-zA-Z]:\\).*"
ABSOLUTE_NOUN = "an absolute path: libvirt and QEMU know no directory of ours"
HOST_PATH = HostPath(strict=f"({ABSOLUTE_PATH})?", strict_noun=ABSOLUTE_NOUN)
"""A file of the host. libvirt's parser takes any text, and an empty one for none; its schema wants it to begin at the root."""
PROGRAM_PATH = Words(strict=ABSOLUTE_PATH, strict_noun=ABSOLUTE_NOUN)
"""What is looked up by a name as it stands: a program, a partition of control groups."""
NAME = Words(r"[^\s]+", "a name without white space", symbol=True)
CPUS = Cpus()
SECRET = SecretName()
PASSWORD = Password()
ANYTHING = Anything()
PLACE = Reference("host", declared=True)
PLACED = HostChoice("host", declared=True)
POOL = Reference("pool", declared=False)
NWFILTER = NameOf("nwfilter")
SIZE_KIB = Measure(Size, "KiB", 1024, with_unit=True, units=SIZE_UNITS)
PAGE_KIB = Measure(Size, "KiB", 1024, with_unit=True, units=SIZE_UNITS, usual="KiB")
"""The size of huge pages, which the kernel and libvirt count in KiB: 2048, 1048576."""
SIZE_BYTES = Measure(Size, "bytes", 1, with_unit=True, units=SIZE_UNITS)
