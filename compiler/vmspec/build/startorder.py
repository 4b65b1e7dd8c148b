"""Which VMs `start-after` names: `[vm(db), vm(cache)]`, or their names alone."""

from __future__ import annotations

from vmspec.model.value import Tagged


def names_of(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, Tagged):
        return tuple(map(str, value.positional)) if value.tag == "vm" else ()
    return tuple(name for each in value for name in names_of(each)) if isinstance(value, tuple) else (str(value),)
