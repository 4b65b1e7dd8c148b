"""Features as the text of attributes and elements: what a block's values become, one writer for each element and block."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from vmspec.model.kind import Flag, Integer, Kind, Measure, OneOf, Words
from vmspec.model.layout import Constant, Several, Slot, Tag

Values: TypeAlias = dict[str, Any]
"""The features of one block by Python name, with `label`, `spelling` and `raw` where it has them."""

NOTHING: Values = {}
"""Where a tree has room for a block that is not there."""

ValueWriter: TypeAlias = Callable[[Values], str]

_UNSAFE = re.compile(r"[&<>'\"\n\r\t]")
_IN_ATTRIBUTE = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&apos;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_IN_TEXT = {**_IN_ATTRIBUTE, "'": "'", '"': '"', "\n": "\n", "\t": "\t"}
_unsafe = _UNSAFE.search


def escape_attribute(text: str) -> str:
    return _UNSAFE.sub(lambda m: _IN_ATTRIBUTE[m[0]], text) if _unsafe(text) else text


def escape_text(text: str) -> str:
    return _UNSAFE.sub(lambda m: _IN_TEXT[m[0]], text) if _unsafe(text) else text


def attributes_of(parts: Mapping[str, str]) -> str:
    return "".join([f" {name}='{escape_attribute(text)}'" for name, text in parts.items()])


# What is done with a value: it is written as it is; escaped; looked up; divided; or given to a function that writes the whole.
_PLAIN, _ESCAPED, _LOOKED_UP, _DIVIDED, _CALLED, _WHOLE, _ALWAYS = range(7)

_Row: TypeAlias = "tuple[str, int, str, Any, str]"
"""A feature, what is done with its value, and the text before, the means, the text after."""


def attributes_writer(slots: Sequence[Slot | Tag | Constant | Several]) -> ValueWriter:
    """The attributes that one block gives an element."""
    rows = [_row(slot) for slot in slots]
    exact = [_exact_writer(slot) for slot in slots]

    def write(values: Values) -> str:
        if "spelling" in values:
            return "".join([w(values) for w in exact])
        out = ""
        for python, mode, before, means, after in rows:
            if mode == _ALWAYS:
                out += before
            elif python in values:
                value = values[python]
                if value is None:
                    continue
                if mode == _PLAIN:
                    out += f"{before}{value}{after}"
                elif mode == _LOOKED_UP:
                    out += means[value]
                elif mode == _ESCAPED:
                    out += f"{before}{escape_attribute(value) if _unsafe(value) else value}{after}"
                elif mode == _DIVIDED:
                    out += f"{before}{value // means}{after}"
                elif mode == _CALLED:
                    out += f"{before}{means(value)}{after}"
                else:
                    out += means(values, value)
        return out

    return write


def _row(slot: Slot | Tag | Constant | Several) -> _Row:
    match slot:
        case Constant():
            return ("", _ALWAYS, f" {slot.name}='{escape_attribute(slot.text)}'", None, "")
        case Tag():
            texts = {block: f" {slot.name}='{text}'" for block, text in slot.texts.items()}
            return (
                slot.field.python,
                _WHOLE,
                "",
                lambda values, value: "" if vars(value).get("implicit") else texts.get(type(value), ""),
                "",
            )
        case Several():
            to_parts = slot.kind.to_parts
            return (slot.field.python, _WHOLE, "", lambda values, value: attributes_of(to_parts(value)), "")
        case Slot():
            return _slot_row(slot)


def _slot_row(slot: Slot) -> _Row:
    python, before, after = slot.field.python, f" {slot.name}='", f"'{unit_of(slot)}"
    if slot.policy.startswith("bare") or slot.only_with:
        exact = _exact_writer(slot)
        return (python, _WHOLE, "", lambda values, value: exact(values), "")
    match slot.kind:
        case Flag(true=true, false=false):
            return (python, _LOOKED_UP, "", {True: f"{before}{true}{after}", False: f"{before}{false}{after}"}, "")
        case Integer(radix=10) | OneOf():
            return (python, _PLAIN, before, None, after)
        case Words():
            return (python, _ESCAPED, before, None, after)
        case Measure(count=count):
            return (python, _DIVIDED, before, count, after)
        case kind:
            return (python, _CALLED, before, lambda value: escape_attribute(kind.text(value)), after)


def unit_of(slot: Slot) -> str:
    """The attribute that goes beside our own spelling."""
    return f" unit='{slot.unit}'" if slot.unit else ""


def _exact_writer(slot: Slot | Tag | Constant | Several) -> ValueWriter:
    """For the rare: libvirt's own text where the block has it, an element without the attribute, a feature that moves."""
    if not isinstance(slot, Slot):
        python, mode, before, means, _ = _row(slot)
        if mode == _ALWAYS:
            return lambda values: before
        return lambda values: "" if values.get(python) is None else str(means(values, values[python]))
    python, before, text, unit = slot.field.python, f" {slot.name}='", slot.kind.text, unit_of(slot)
    bare, only_with = slot.policy.startswith("bare"), slot.only_with

    def write(values: Values) -> str:
        value = values.get(python)
        if value is None or (only_with and values.get(only_with) is None):
            return ""
        spelling = values.get("spelling", NOTHING)
        own = spelling.get(python)
        found = text(value) if own is None else own
        if bare and not found:
            return ""
        beside = unit if own is None else spelled_unit(spelling, python)
        return f"{before}{escape_attribute(found)}'{beside}"

    return write


def spelled_unit(spelling: Mapping[str, str], python: str) -> str:
    """The unit that stood beside libvirt's own text, or none."""
    unit = spelling.get(f"{python}.unit")
    return "" if unit is None else f" unit='{escape_attribute(unit)}'"


def text_writer(slot: Slot | Tag) -> Callable[[Values], tuple[str, str] | None]:
    """The unit attribute and the text of an element; None where there is none."""
    python = slot.field.python
    if isinstance(slot, Tag):
        texts = {block: escape_text(text) for block, text in slot.texts.items()}
        return lambda values: ("", texts[type(values[python])]) if values.get(python) is not None else None
    text, unit, unless = slot.kind.text, unit_of(slot), slot.unless

    def content(values: Values) -> tuple[str, str] | None:
        value = values.get(python)
        if value is None or (unless and values.get(unless) is not None):
            return None
        if "spelling" in values and python in values["spelling"]:
            return spelled_unit(values["spelling"], python), escape_text(values["spelling"][python])
        found = text(value)
        return unit, escape_text(found) if _unsafe(found) else found

    return content


def is_bare(values: Values, python: str, kind: Kind) -> bool:
    """Whether a feature that is set has no text: its element stands for it."""
    value = values.get(python)
    if value is None:
        return False
    spelled = values["spelling"].get(python) if "spelling" in values else None
    return (kind.text(value) if spelled is None else spelled) == ""
