"""Which QEMU each comparison of qemuxml2xmltest.c is made with: made-up flags, or the saved capabilities of a real one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from lxml import etree

from tests.corpus.suite import Corpus, XmlTest
from vmspec.normal.target import Target

_GIC = {"GIC_BOTH": ("2", "3"), "GIC_V2": ("2",), "GIC_V3": ("3",)}
_PLACE = Target(aliases={}, default_cpus={}, channel_dir="/tmp/channel", lib_dir="/tmp/lib")
"""qemuTestDriverInit, tests/testutilsqemu.c. No machine has an alias: the tests strip them of the latest QEMU, made-up ones have none."""


def target_of(corpus: Corpus, test: XmlTest) -> Target:
    setting = test.setting
    new = "VIR_DOMAIN_DEF_PARSE_ABI_UPDATE" in setting.parse_flags
    if setting.version is None:
        flags = frozenset(_names(corpus)[flag] for flag in setting.flags)
        return replace(_PLACE, flags=flags, gic=frozenset(_GIC.get(setting.gic, ())), new=new)
    assert setting.arch is not None
    flags, cpus, gic = _saved(corpus, setting.arch, setting.version)
    return replace(_PLACE, flags=flags, default_cpus=cpus, gic=gic, new=new)


@cache
def _names(corpus: Corpus) -> Mapping[str, str]:
    """QEMU_CAPS_DEVICE_QEMU_XHCI → qemu-xhci: the enumeration of the header, and the words beside it."""
    source = corpus.tree / "src" / "qemu"
    header = (source / "qemu_capabilities.h").read_text().partition("typedef enum { /* virQEMUCapsFlags")[2]
    header = header.partition("} virQEMUCapsFlags")[0]
    words = (source / "qemu_capabilities.c").read_text().partition("VIR_ENUM_IMPL(virQEMUCaps,")[2].partition(");")[0]
    flags = re.findall(r"\b\w*QEMU_CAPS_\w+\b", re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL))
    return dict(zip(flags[:-1], re.findall(r'"([^"]+)"', words), strict=True))


@cache
def _saved(corpus: Corpus, arch: str, version: str) -> tuple[frozenset[str], Mapping[str, str], frozenset[str]]:
    """Flags, default CPU models, and the interrupt controllers that KVM has."""
    folder = corpus.tree / "tests" / "qemucapabilitiesdata"
    files = sorted(folder.glob(f"caps_*.{arch}.xml"), key=lambda p: [int(n) for n in re.findall(r"\d+", p.name)[:3]])
    root = etree.parse(files[-1] if version == "latest" else folder / f"caps_{version}.{arch}.xml").getroot()
    models = {cpu.get("typename"): cpu.get("name") for cpu in root.iter("cpu") if cpu.get("typename")}
    cpus: dict[str, str] = {}
    for machine in root.iter("machine"):
        kind, given = machine.get("defaultCPU"), {"tcg": "qemu"}.get(machine.get("type", ""), machine.get("type"))
        for name in (machine.get("name"), machine.get("alias")):
            if kind and name:
                model = models.get(kind) or kind.removesuffix(f"-{arch}-cpu")
                cpus |= {f"{each}/{name}/{given}": model for each in (arch, *(["i686"] if arch == "x86_64" else []))}
    gic = frozenset(str(each.get("version")) for each in root.iter("gic") if each.get("kernel") == "yes")
    return frozenset(str(flag.get("name")) for flag in root.iter("flag")), cpus, gic
