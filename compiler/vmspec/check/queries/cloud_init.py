"""What cloud-init's own JSON schemas say of a document, in sentences; the schemas lie beside the rules, with their version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from vmspec.base.record import record
from vmspec.base.suggest import did_you_mean
from vmspec.model.document import Place, shown_place

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

FOLDER = Path(__file__).parents[1] / "vm" / "seed" / "cloud_init"
VERSION = "26.2"


@record(frozen=True)
class Violation:
    place: Place
    message: str
    help: str | None = None
    of_key: bool = False
    """The key is wrong, not its value."""


def of_cloud_config(document: object) -> list[Violation]:
    """The keys of cloud-config and what they may hold."""
    return list(_violations(_validator("schema-cloud-config-v1", ""), document, "cloud-config"))


def of_network_config(document: object) -> list[Violation]:
    """Of version 1 or 2, with or without a `network` around it."""
    if not isinstance(document, dict):
        return [Violation((), "the network configuration is no map")]
    around: Place = ("network",) if "network" in document else ()
    if around and len(document) > 1:
        other = next(key for key in document if key != "network")
        return [Violation((other,), f"beside `network` there is nothing else, and this is {other}", of_key=True)]
    inner = document["network"] if around else document
    version = inner.get("version") if isinstance(inner, dict) else None
    if version not in (1, 2) or isinstance(version, bool):
        said = (
            "the network configuration has no version" if version is None else f"version: {_shown(version)} is none that cloud-init knows"
        )
        return [Violation((*around, "version"), said, "write `version: 2` (netplan) or `version: 1`")]
    validator = _validator(f"schema-network-config-v{version}", f"#/$defs/network_config_version{version}")
    found = _violations(validator, inner, "the network configuration")
    return [Violation((*around, *each.place), each.message, each.help, each.of_key) for each in found]


@cache
def _validator(name: str, part: str) -> Validator:
    from jsonschema.validators import validator_for

    schema = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    kind = validator_for(schema)
    if part:
        schema = {"$schema": schema["$schema"], "$defs": schema["$defs"], "allOf": [{"$ref": part}]}
    return kind(schema)


def _violations(validator: Validator, document: object, what: str) -> Iterator[Violation]:
    seen: set[Place] = set()
    found = validator.iter_errors(document)  # type: ignore[arg-type] # any JSON
    errors = sorted(found, key=lambda error: ([str(step) for step in error.absolute_path], error.message))
    for error in errors:
        for each in _sentences(_deepest(error), what):
            if each.place not in seen:
                seen.add(each.place)
                yield each


def _deepest(error: ValidationError) -> ValidationError:
    """Of the alternatives that all do not fit, the one that fits furthest."""
    while error.context:
        error = max(error.context, key=lambda each: (len(each.path), each.validator != "type", -len(each.message)))
    return error


def _sentences(error: ValidationError, what: str) -> Iterator[Violation]:
    place: Place = tuple(error.absolute_path)
    name = shown_place(place) or what
    limit: object = error.validator_value
    several = list(limit) if isinstance(limit, (list, tuple)) else []
    match error.validator:
        case "additionalProperties" if isinstance(error.instance, Mapping):
            known = _known(error.schema)
            for key in error.instance:
                if key not in known and f"'{key}'" in error.message:
                    yield Violation((*place, key), f"{name} has no key {key}", did_you_mean(key, known) or None, of_key=True)
        case "type":
            yield Violation(place, f"{name}: {_shown(error.instance)} is not {' or '.join(_types(error))}")
        case "enum":
            yield Violation(place, f"{name}: {_shown(error.instance)} is none of {', '.join(map(_shown, several))}")
        case "required":
            lacking = [str(key) for key in several if isinstance(error.instance, Mapping) and key not in error.instance]
            yield Violation(place, f"{name} lacks {', '.join(lacking)}")
        case "minItems" | "minProperties" | "minLength":
            yield Violation(place, f"{name} is {'empty' if limit == 1 else f'shorter than {limit}'}")
        case "maxItems" | "maxLength":
            yield Violation(place, f"{name} is longer than {limit}")
        case "minimum" | "maximum":
            yield Violation(place, f"{name}: {_shown(error.instance)} is {'below' if error.validator == 'minimum' else 'above'} {limit}")
        case "pattern":
            yield Violation(place, f"{name}: {_shown(error.instance)} does not match {limit}")
        case "uniqueItems":
            yield Violation(place, f"{name} holds an item twice")
        case _:
            yield Violation(place, f"{name}: {error.message[:200]}")


def _known(schema: object) -> tuple[str, ...]:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    return tuple(properties) if isinstance(properties, Mapping) else ()


_NOUNS = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a map",
    "null": "nothing",
}


def _types(error: ValidationError) -> list[str]:
    """Of all alternatives at the place."""
    beside = error.parent.context if error.parent is not None else [error]
    limits = [each.validator_value for each in beside or [error] if each.validator == "type" and each.path == error.path]
    names = [name for limit in limits for name in ([limit] if isinstance(limit, str) else limit if isinstance(limit, list) else [])]
    return [_NOUNS.get(str(name), str(name)) for name in dict.fromkeys(names)]


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) or not value else value
    return text if len(text) <= 60 else f"{text[:57]}…"
