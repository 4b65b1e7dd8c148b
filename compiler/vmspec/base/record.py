"""Records: a subset of `@dataclass` that costs a fifth of its time at import.

The standard decorator compiles each method of each class on its own, and there are hundreds of classes. Here only `__init__` is
compiled; comparison, hash and representation are shared. That a record is frozen is checked by mypy, not when it runs.
`dataclasses.fields`, `replace` and `is_dataclass` work on records; that module, whose import takes 5 ms, is loaded by who asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast, dataclass_transform, overload

if TYPE_CHECKING:
    from dataclasses import Field

T = TypeVar("T")


class _Missing:
    """The default of a field that has none."""


MISSING = _Missing()


class Spec:
    """The arguments of `field` for one attribute."""

    __slots__ = ("compare", "default", "default_factory")

    def __init__(self, default: object, default_factory: Callable[[], object] | None, compare: bool) -> None:
        self.default = default
        self.default_factory = default_factory
        self.compare = compare


@overload
def field(*, default: T, compare: bool = True) -> T: ...
@overload
def field(*, default_factory: Callable[[], T], compare: bool = True) -> T: ...
@overload
def field(*, compare: bool) -> T: ...  # type: ignore[type-var]
def field(*, default: object = MISSING, default_factory: Callable[[], object] | None = None, compare: bool = True) -> object:
    """Declare an attribute's default, factory and comparison, as `dataclasses.field` does."""
    return Spec(default, default_factory, compare)


def replace(instance: T, **changes: object) -> T:
    """A copy with some fields changed."""
    values = {name: getattr(instance, name) for name in instance.__match_args__}  # type: ignore[attr-defined]
    return type(instance)(**{**values, **changes})


def defaults(cls: type) -> dict[str, object]:
    """The attributes of a record with their defaults, those of base classes first; MISSING for a required one."""
    specs: Mapping[str, object] = cls.__record_specs__  # type: ignore[attr-defined]
    return {name: spec.default if isinstance(spec, Spec) else spec for name, spec in specs.items()}


@overload
def record(cls: type[T]) -> type[T]: ...
@overload
def record(
    *, frozen: bool = False, slots: bool = False, eq: bool = True, repr: bool = True, kw_only: bool = False
) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(field_specifiers=(field,))
def record(
    cls: type[T] | None = None, *, frozen: bool = False, slots: bool = False, eq: bool = True, repr: bool = True, kw_only: bool = False
) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class a record. The arguments mean what they mean for `dataclass`."""

    def wrap(made: type[T]) -> type[T]:
        return _make(made, frozen, slots, eq, repr, kw_only)

    return wrap if cls is None else wrap(cls)


def _make(cls: type[T], frozen: bool, slots: bool, eq: bool, repr_: bool, kw_only: bool) -> type[T]:
    own = [name for name, kind in getattr(cls, "__annotations__", {}).items() if "ClassVar" not in str(kind)]
    specs: dict[str, object] = {}
    for base in reversed(cls.__mro__[1:]):
        specs.update(vars(base).get("__record_specs__", {}))
    for name in own:
        specs[name] = vars(cls).get(name, MISSING)
    space = dict(vars(cls)) if slots else {}
    if slots:
        inherited = getattr(cls, "__record_slots__", ())
        space["__slots__"] = tuple(n for n in own if n not in inherited)
        space["__record_slots__"] = (*inherited, *space["__slots__"])
        for name in (*own, "__dict__", "__weakref__"):
            space.pop(name, None)
        cls = cast("type[T]", _again(cls, space))
    methods: dict[str, object] = {"__record_specs__": specs, "__match_args__": tuple(specs), "__dataclass_fields__": _Fields(own)}
    if "__init__" not in vars(cls):
        methods["__init__"] = _init(cls, specs, kw_only, hasattr(cls, "__post_init__"))
    if eq:
        methods["__eq__"] = _eq
        methods["__hash__"] = _hash if frozen else None
    if repr_ and "__repr__" not in vars(cls):
        methods["__repr__"] = _repr
    for name, method in methods.items():
        setattr(cls, name, method)
    if not slots:
        for name in own:
            spec = specs[name]
            if isinstance(spec, Spec):
                default = spec.default
                delattr(cls, name) if default is MISSING else setattr(cls, name, default)
    return cls


def _again(cls: type, space: dict[str, object]) -> type:
    """Create the class anew with `__slots__`, which cannot be added to an existing class."""
    meta: type = type(cls)
    return cast("type", meta(cls.__name__, cls.__bases__, space))


def _init(cls: type, specs: Mapping[str, object], kw_only: bool, post: bool) -> object:
    """Compile `__init__` with the defaults bound; it is called often enough for compilation to pay."""
    scope: dict[str, object] = {"_missing": MISSING}
    head: list[str] = []
    body: list[str] = []
    for name, spec in specs.items():
        default = spec.default if isinstance(spec, Spec) else spec
        value = name
        if isinstance(spec, Spec) and spec.default_factory is not None:
            scope[f"_make_{name}"] = spec.default_factory
            head.append(f"{name}=_missing")
            value = f"_make_{name}() if {name} is _missing else {name}"
        elif default is not MISSING:
            scope[f"_default_{name}"] = default
            head.append(f"{name}=_default_{name}")
        else:
            head.append(name)
        body.append(f" self.{name} = {value}")
    if post:
        body.append(" self.__post_init__()")
    star = "*, " if kw_only and head else ""
    exec(f"def __init__(self, {star}{', '.join(head)}):\n" + ("\n".join(body) or " pass"), scope)
    made = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"  # type: ignore[attr-defined]
    return made


class _Fields:
    """`__dataclass_fields__`, built by the standard library on first access."""

    def __init__(self, own: list[str]) -> None:
        self._own = own

    def __get__(self, instance: object, owner: type) -> Mapping[str, Field[object]]:
        specs: Mapping[str, object] = owner.__record_specs__  # type: ignore[attr-defined]
        from dataclasses import field as standard
        from dataclasses import make_dataclass

        lines = [(n, object, standard() if s is MISSING else standard(default=None)) for n, s in specs.items()]
        shadow = make_dataclass(owner.__name__, lines, kw_only=True, eq=False, repr=False)
        return cast("Mapping[str, Field[object]]", vars(shadow)["__dataclass_fields__"])


def _values(self: object) -> tuple[object, ...]:
    return tuple([getattr(self, name) for name in self.__match_args__])  # type: ignore[attr-defined]


def _eq(self: object, other: object) -> object:
    if other.__class__ is not self.__class__:
        return NotImplemented
    specs: Mapping[str, object] = self.__record_specs__  # type: ignore[attr-defined]
    return self is other or all(getattr(self, n) == getattr(other, n) for n, s in specs.items() if _compared(s))


def _compared(spec: object) -> bool:
    return not isinstance(spec, Spec) or spec.compare


def _hash(self: object) -> int:
    return hash(tuple([getattr(self, n) for n, s in self.__record_specs__.items() if _compared(s)]))  # type: ignore[attr-defined]


def _repr(self: object) -> str:
    inner = ", ".join(f"{name}={value!r}" for name, value in zip(self.__match_args__, _values(self), strict=True))  # type: ignore[attr-defined]
    return f"{self.__class__.__qualname__}({inner})"
