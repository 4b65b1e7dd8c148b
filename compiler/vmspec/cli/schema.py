"""`vmc schema`: what a specification and the XML that we emit may hold, for other tools."""

import json
import sys
from typing import Annotated

from vmspec.base.record import record
from vmspec.cli.command import FINE, Command, Exit, Option
from vmspec.cli.reporting import say

KINDS = ("vm", "host", "network", "pool", "volume", "nwfilter", "secret")
"""The kinds of objects, here by hand: the model is not imported for `--help`; tests/model/test_object_kinds.py compares."""


@record(frozen=True, kw_only=True)
class Schema:
    """Print the JSON Schema of the model, or the XML Schema of the domain XML that we emit."""

    xsd: Annotated[bool, Option(("--xsd",), "The XML Schema of domain XML.")] = False
    kind: Annotated[str, Option(("--kind",), "The kind of object to describe.", "KIND", KINDS)] = "vm"


def run(options: Schema) -> Exit:
    if options.xsd:
        from vmspec.validate.xsd import text

        say(text(), sys.stdout)
        return FINE
    from vmspec.model.kinds import ROOTS
    from vmspec.validate.json_schema import json_schema

    say(json.dumps(json_schema(ROOTS[options.kind]), indent=2) + "\n", sys.stdout)
    return FINE


COMMAND = Command(Schema, run)
