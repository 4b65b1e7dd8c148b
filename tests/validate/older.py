"""Libvirt's schemas as they were before some words came, whatever version is installed: so that tests do not depend on it."""

from __future__ import annotations

import shutil
from pathlib import Path

from lxml import etree

from vmspec.validate.folders import INSTALLED

RNG = "{http://relaxng.org/ns/structure/1.0}"
LATER_VALUES = frozenset((("sound", "virtio"), ("watchdog", "itco")))
"""An element, and a word of its `model`."""
LATER_ATTRIBUTES = frozenset((("sound", "streams"),))
LATER_ELEMENTS = frozenset(("xmm_input",))


def older_schemas(folder: Path) -> Path:
    """A copy of the installed schemas in this folder, without what the lists above name."""
    for file in sorted(INSTALLED.glob("*.rng")):
        shutil.copy(file, folder)
    common = folder / "domaincommon.rng"
    document = etree.parse(common)
    for element in list(document.iter(f"{RNG}value", f"{RNG}attribute", f"{RNG}element")):
        if _later(element):
            parent = element.getparent()
            assert parent is not None
            gone = parent if parent.tag == f"{RNG}optional" else element
            above = gone.getparent()
            assert above is not None
            above.remove(gone)
    document.write(common)
    return folder


def _later(element: etree._Element) -> bool:
    name = element.get("name") or ""
    around = next((str(each.get("name")) for each in element.iterancestors(f"{RNG}element")), "")
    match element.tag.removeprefix(RNG):
        case "value":
            return (around, element.text) in LATER_VALUES
        case "attribute":
            return (around, name) in LATER_ATTRIBUTES
        case _:
            return name in LATER_ELEMENTS
