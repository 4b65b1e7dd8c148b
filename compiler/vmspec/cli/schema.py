"""`vmc schema`: what a specification and the XML that we emit may hold, for other tools."""

import json
import sys
from dataclasses import dataclass
from typing import Annotated

from vmspec.cli.command import FINE, Command, Exit, Option
from vmspec.cli.reporting import say


@dataclass(frozen=True, kw_only=True)
class Schema:
    """Print the JSON Schema of the model, or the XML Schema of the domain XML that we emit."""

    xsd: Annotated[bool, Option(("--xsd",), "The XML Schema of domain XML.")] = False
    kind: Annotated[str, Option(("--kind",), "The kind of object to describe.", "KIND", ("vm", "host"))] = "vm"


def run(options: Schema) -> Exit:
    if options.xsd:
        from vmspec.validate.xsd import text

        say(text(), sys.stdout)
        return FINE
    from vmspec.model.domain import Domain
    from vmspec.model.host import Host
    from vmspec.validate.json_schema import json_schema

    say(json.dumps(json_schema(Host if options.kind == "host" else Domain), indent=2) + "\n", sys.stdout)
    return FINE


COMMAND = Command(Schema, run)
