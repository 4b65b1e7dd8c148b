"""A YAML text as plain values, with the line and column of each; read by PyYAML, as cloud-init reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from vmspec.base.record import field, record

if TYPE_CHECKING:
    import yaml

Place: TypeAlias = tuple[str | int, ...]
MOST_NODES = 100_000
"""Aliases let a short text stand for an endless document."""


@record(frozen=True)
class Mark:
    """From 0."""

    line: int
    column: int


@record(frozen=True)
class Wrong:
    message: str
    mark: Mark


@record
class YamlText:
    value: object = None
    keys: dict[Place, Mark] = field(default_factory=dict)
    """Where the key, or the item of a list, at a place is written."""
    values: dict[Place, Mark] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)

    def at(self, place: Place, key: bool = False) -> Mark:
        """The nearest that is written; `key`: of an entry its key."""
        first, second = (self.keys, self.values) if key else (self.values, self.keys)
        while place and place not in first and place not in second:
            place = place[:-1]
        return first.get(place) or second.get(place) or Mark(0, 0)


def read(text: str) -> YamlText:
    import yaml

    found = YamlText()
    try:
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            if node is not None:
                found.value = _Reader(loader, found).value(node, ())
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark is not None and mark.line >= text.rstrip().count("\n") + 1:
            # What is missing at the end is missing where it was begun.
            mark = error.context_mark or mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        found.wrong.append(Wrong(said, Mark(0, 0) if mark is None else Mark(mark.line, mark.column)))
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        before = text[:position] if isinstance(position, int) else ""
        reason = getattr(error, "reason", "it cannot be read")
        found.wrong.append(Wrong(f"{reason}", Mark(before.count("\n"), len(before) - before.rfind("\n") - 1)))
    except _Endless:
        found.wrong.append(Wrong(f"aliases make it longer than {MOST_NODES:,} values", Mark(0, 0)))
    except RecursionError:
        found.wrong.append(Wrong("it is nested too deeply", Mark(0, 0)))
    return found


class _Endless(Exception):
    """More values than are read."""


class _Reader:
    def __init__(self, loader: yaml.SafeLoader, found: YamlText) -> None:
        self.loader = loader
        self.found = found
        self.left = MOST_NODES

    def value(self, node: yaml.Node, place: Place) -> object:
        import yaml

        self.left -= 1
        if self.left < 0:
            raise _Endless
        self.found.values[place] = _mark(node)
        match node:
            case yaml.MappingNode():
                return self._map(node, place)
            case yaml.SequenceNode():
                self.found.keys.update({(*place, n): _mark(item) for n, item in enumerate(node.value)})
                return [self.value(item, (*place, n)) for n, item in enumerate(node.value)]
            case _:
                try:
                    made = self.loader.construct_object(node)
                except yaml.constructor.ConstructorError as error:
                    self.found.wrong.append(Wrong(str(error.problem), _mark(node)))
                    return str(node.value)
                # JSON has no dates: cloud-init's own check sees their text as little as ours.
                return made if made is None or isinstance(made, (bool, int, float, str)) else str(node.value)

    def _map(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        self.loader.flatten_mapping(node)
        made: dict[str, object] = {}
        for key, item in node.value:
            name = str(key.value)
            if name in made and self.found.keys[*place, name] != _mark(key):
                self.found.wrong.append(Wrong(f"the key {name} stands here twice, and the last one would count", _mark(key)))
            self.found.keys[*place, name] = _mark(key)
            made[name] = self.value(item, (*place, name))
        return made


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line, node.start_mark.column)
