"""What Ignition and Windows' setup read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from xml.parsers import expat

from vmspec.check.rule import Finding, Phase, rule
from vmspec.check.within import MapPart, TextPart
from vmspec.model.seed import Seed

UNATTEND = "urn:schemas-microsoft-com:unattend"


@rule(4855, "seed-ignition", phase=Phase.ACCEPTED, needs="ignition")
def ignition(seed: Seed) -> Iterator[Finding]:
    """
    What: A configuration of Ignition is JSON with its version, `ignition.version`, of 3.0.0 to 3.5.0 or 2.x.0.
    Why: Ignition stops the first boot of a guest whose configuration it cannot read, in the initramfs
    (docs/configuration-v3_4.md: "ignition.version (string): the semantic version number of the spec").
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { ignition = { passwd = { users = [] } } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { ignition = { ignition = { version = "3.4.0" }; passwd = { users = [] } } } }
    """
    here, found = ("seed", "ignition"), seed.ignition
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except json.JSONDecodeError as error:
            lines = str(seed.ignition).split("\n")
            part = TextPart(error.lineno - 1, error.colno - 1, lines[error.lineno - 1])
            yield Finding(here, f"line {error.lineno} of ignition is no JSON: {error.msg}", within=part)
            return
        except RecursionError:
            yield Finding(here, "ignition is nested too deeply")
            return
    if found is None:
        return
    head = found.get("ignition") if isinstance(found, Mapping) else None
    version = head.get("version") if isinstance(head, Mapping) else None
    if not isinstance(version, str):
        yield Finding(here, "the configuration of Ignition does not say its version", help='write `ignition = { version = "3.4.0" }` in it')
    elif not re.fullmatch(r"3\.[0-9]+\.[0-9]+(-experimental)?|2\.[0-9]+\.[0-9]+(-experimental)?", version):
        yield Finding(here, f"{version} is no version of Ignition's configuration", within=MapPart(("ignition", "version")))


@rule(4858, "seed-unattend", phase=Phase.ACCEPTED, needs="unattend")
def unattend(seed: Seed) -> Iterator[Finding]:
    """
    What: The answers of Windows' setup are an XML document whose root is `unattend` of Microsoft's namespace.
    Why: Setup asks its questions, or stops, where it cannot read the file (Microsoft, "Answer files (unattend.xml)").
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { unattend = "<unattend/>" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; seed { unattend = "<unattend xmlns='urn:schemas-microsoft-com:unattend'/>" } }
    """
    here, text = ("seed", "unattend"), seed.unattend
    if text is None:
        return
    root: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, attributes: root.append(name) if not root else None
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        lines = text.split("\n")
        number = min(error.lineno, len(lines)) - 1
        message = f"line {number + 1} of unattend is no XML: {expat.errors.messages.get(error.code, 'it cannot be read')}"
        yield Finding(here, message, within=TextPart(number, min(error.offset, max(0, len(lines[number]) - 1)), lines[number]))
        return
    if root[0] != f"{UNATTEND} unattend":
        name = root[0].rpartition(" ")[2]
        yield Finding(here, f"the root of unattend is {name}", help=f"write `<unattend xmlns='{UNATTEND}'>`")
