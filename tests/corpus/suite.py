"""Typed access to libvirt's domain corpus: inputs, what each test expects of them, and which pass libvirt's schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from pathlib import Path

from lxml import etree

from tests.corpus.fetch import source_tree
from tests.corpus.macros import Call, calls, string


class Expected(Enum):
    """What libvirt's own test expects of an input."""

    SUCCESS = "success"
    PARSE_ERROR = "parse-error"
    """Refused by the parser or the driver's validation: a define fails."""
    FAILURE = "failure"
    """Defined, then refused as the command line is made: a start fails."""


@dataclass(frozen=True)
class Setting:
    """Under which QEMU a test runs."""

    arch: str | None
    """Of the capabilities; None where they are made up (`flags`) and the domain's own arch counts."""
    version: str | None
    """`latest` or as 4.2.0: real capabilities of that QEMU; None where they are made up."""
    flags: tuple[str, ...]
    """Made-up capabilities, as QEMU_CAPS_KVM; they say nothing of a real QEMU."""
    host_os: str = "linux"
    gic: str = ""
    """Interrupt controllers of ARM that the host is to have, as GIC_BOTH; "" where the test says none."""
    parse_flags: str = ""
    """As VIR_DOMAIN_DEF_PARSE_ABI_UPDATE."""


@dataclass(frozen=True)
class ArgvTest:
    """One run of qemuxml2argvtest.c."""

    name: str
    macro: str
    line: int
    suffix: str
    """As `.x86_64-latest`: the end of the expectation's file name."""
    setting: Setting
    expected: Expected
    input: Path
    error_file: Path | None

    @cached_property
    def error(self) -> str | None:
        """The expected message, without the last newline; None where none is expected."""
        return self.error_file.read_text().rstrip("\n") if self.error_file else None

    @property
    def arch(self) -> str:
        return self.setting.arch or domain_arch(self.input)


@dataclass(frozen=True)
class XmlTest:
    """One comparison of qemuxml2xmltest.c: the input defined, then read back as inactive or as active."""

    name: str
    macro: str
    line: int
    suffix: str
    setting: Setting
    active: bool
    input: Path
    output: Path
    """The expectation; libvirt links it to the input where nothing changes."""

    @property
    def arch(self) -> str:
        return self.setting.arch or domain_arch(self.input)


@dataclass(frozen=True)
class Corpus:
    """libvirt's corpus below an unpacked source."""

    tree: Path

    @property
    def version(self) -> str:
        found = re.search(r"^\s*version: '([\d.]+)'", (self.tree / "meson.build").read_text(), re.MULTILINE)
        return found[1] if found else "unknown"

    @property
    def schemas(self) -> Path:
        return self.tree / "src" / "conf" / "schemas"

    @cached_property
    def inputs(self) -> tuple[Path, ...]:
        return tuple(sorted((self.tree / "tests" / "qemuxml2argvdata").glob("*.xml")))

    @cached_property
    def outputs(self) -> tuple[Path, ...]:
        return tuple(sorted((self.tree / "tests" / "qemuxml2xmloutdata").glob("*.xml")))

    @cached_property
    def errors(self) -> tuple[Path, ...]:
        return tuple(sorted((self.tree / "tests" / "qemuxml2argvdata").glob("*.err")))

    @cached_property
    def argv_tests(self) -> tuple[ArgvTest, ...]:
        return tuple(_argv_test(self.tree, call) for call in calls(self._program("qemuxml2argvtest.c")))

    @cached_property
    def xml_tests(self) -> tuple[XmlTest, ...]:
        return tuple(test for call in calls(self._program("qemuxml2xmltest.c")) for test in _xml_tests(self.tree, call))

    @cached_property
    def valid_inputs(self) -> tuple[Path, ...]:
        """The inputs that the corpus' own domain.rng accepts (about 2 s for all)."""
        schema = etree.RelaxNG(etree.parse(self.schemas / "domain.rng"))
        return tuple(path for path in self.inputs if _accepts(schema, path))

    def _program(self, name: str) -> str:
        return (self.tree / "tests" / name).read_text()


@cache
def corpus() -> Corpus:
    """The corpus of libvirt's source package; skips the test where it cannot be had."""
    return Corpus(source_tree())


@cache
def domain_arch(path: Path) -> str:
    """What the domain says in os/type/@arch; libvirt takes the host's where it says nothing, and its tests run as x86_64."""
    try:
        kind = etree.parse(path).find("os/type")
    except etree.XMLSyntaxError:
        return "x86_64"
    return (kind.get("arch") if kind is not None else None) or "x86_64"


def _accepts(schema: etree.RelaxNG, path: Path) -> bool:
    try:
        return bool(schema.validate(etree.parse(path)))
    except etree.XMLSyntaxError:
        return False


def _argv_test(tree: Path, call: Call) -> ArgvTest:
    name, suffix, *rest = call.arguments
    data = tree / "tests" / "qemuxml2argvdata"
    flags = _argument(rest, "ARG_FLAGS")
    expected = (
        Expected.PARSE_ERROR if "EXPECT_PARSE_ERROR" in flags else Expected.FAILURE if "EXPECT_FAILURE" in flags else Expected.SUCCESS
    )
    error = data / f"{string(name)}{string(suffix)}.err"
    return ArgvTest(
        name=string(name),
        macro=call.macro,
        line=call.line,
        suffix=string(suffix),
        setting=_setting(rest),
        expected=expected,
        input=data / f"{string(name)}.xml",
        error_file=error if expected is not Expected.SUCCESS and error.exists() else None,
    )


def _xml_tests(tree: Path, call: Call) -> Iterator[XmlTest]:
    name, suffix, when, *rest = call.arguments
    for active in (False, True):
        if when == "WHEN_BOTH" or when == ("WHEN_ACTIVE" if active else "WHEN_INACTIVE"):
            yield XmlTest(
                name=string(name),
                macro=call.macro,
                line=call.line,
                suffix=string(suffix),
                setting=_setting(rest),
                active=active,
                input=tree / "tests" / "qemuxml2argvdata" / f"{string(name)}.xml",
                output=_output(tree, string(name), string(suffix), active),
            )


def _output(tree: Path, name: str, suffix: str, active: bool) -> Path:
    """testInfoSetPaths of qemuxml2xmltest.c: the file of the state if there is one, else the one for both."""
    data = tree / "tests" / "qemuxml2xmloutdata"
    own = data / f"{name}-{'active' if active else 'inactive'}{suffix}.xml"
    return own if own.exists() else data / f"{name}{suffix}.xml"


def _setting(rest: list[str]) -> Setting:
    return Setting(
        arch=string(_argument(rest, "ARG_CAPS_ARCH")) or None,
        version=string(_argument(rest, "ARG_CAPS_VER")) or None,
        flags=tuple(each for each in rest if each.startswith("QEMU_CAPS_") and each != "QEMU_CAPS_LAST"),
        host_os="macos" if "MACOS" in _argument(rest, "ARG_HOST_OS") else "linux",
        gic=_argument(rest, "ARG_GIC"),
        parse_flags=_argument(rest, "ARG_PARSEFLAGS"),
    )


def _argument(rest: list[str], name: str) -> str:
    return rest[rest.index(name) + 1] if name in rest else ""
