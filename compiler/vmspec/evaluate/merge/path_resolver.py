"""Resolves the paths and labels in a body to places in the model."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Edit, Fix
from vmspec.base.provenance import Path
from vmspec.base.record import record
from vmspec.base.source import Span
from vmspec.base.suggest import question
from vmspec.evaluate import codes
from vmspec.evaluate.defaults import block_at
from vmspec.evaluate.expression import text_of
from vmspec.evaluate.hints import for_element, for_value, home
from vmspec.evaluate.merge.statements import RAW, Collected, WildcardCondition
from vmspec.evaluate.session import MAX_LIST, ErrorValue, Frame, Session
from vmspec.model.block import Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.kinds import ROOTS
from vmspec.model.label import bad_label, is_key, is_number
from vmspec.resolve import codes as names
from vmspec.syntax import tree


@record(frozen=True, slots=True)
class ResolvedPath:
    """A place in the model: a block (`block` set), a repeatable block that waits for its label, an open map, or a value."""

    path: Path
    block: type[Block] | None = None
    field: Field | None = None
    wildcard: bool = False
    opened: tuple[Path, ...] = ()
    """The labelled blocks on the path: a setting inside one declares it."""
    where: tuple[WildcardCondition, ...] = ()
    """The conditions of the wildcards on the path."""

    def at(self, path: Path, block: type[Block] | None, field: Field | None) -> ResolvedPath:
        """A place below this one."""
        return ResolvedPath(path, block, field, self.wildcard, self.opened, self.where)

    @property
    def waits(self) -> bool:
        return self.block is None and self.field is not None and isinstance(self.field.line, Many)

    @property
    def is_map(self) -> bool:
        return self.field is not None and isinstance(self.field.line, OpenMap)


class Walker:
    """Resolves paths; computed labels are recorded in `into`, as they decide the structure."""

    def __init__(self, session: Session, root: type[Block], into: Collected) -> None:
        self.kind = next((kind for kind, block in ROOTS.items() if block is root), "vm")
        self.session = session
        self.into = into

    def named(
        self, path: tree.Path, label: tree.Segment | None, spots: list[ResolvedPath], frame: Frame, value: bool = False
    ) -> Iterator[ResolvedPath]:
        """All places that a path and an optional label name, from each of the enclosing places."""
        for spot in spots:
            for found in self.walk(spot, path, frame):
                if label is not None:
                    if not found.waits:
                        self.unlabelled(found, label)
                        return
                    yield from self.label(found, label, frame)
                elif found.waits:
                    implied = self.implied(found, path.span, value)
                    if implied is not None:
                        yield implied
                else:
                    yield found

    def unlabelled(self, spot: ResolvedPath, label: tree.Segment) -> None:
        name = ".".join(spot.path)
        self.into.failed = True
        what = "is a value" if spot.block is None and not spot.is_map else "stands once"
        self.session.say(names.LABEL, f"{name} {what} and takes no label", label.span)

    def implied(self, spot: ResolvedPath, at: Span, value: bool = False) -> ResolvedPath | None:
        assert spot.field is not None and isinstance(spot.field.line, Many)
        if spot.field.line.implied:
            return labelled(spot, spot.field.line.implied)
        self.into.failed = True
        word = for_value(ROOTS[self.kind], spot.field, None) if value else ""
        help_ = question(word) if word else f"write `{spot.field.name} NAME {{ … }}`"
        self.session.say(names.LABEL, f"{spot.field.name} needs a label", at, help=help_)
        return None

    def walk(self, spot: ResolvedPath, path: tree.Path, frame: Frame) -> Iterator[ResolvedPath]:
        """Follows a path; a range as the label of a numbered block forks it."""
        current = [spot]
        for segment in path.segments:
            following: list[ResolvedPath] = []
            for at in current:
                if at.waits:
                    following += self.label(at, segment, frame)
                    continue
                name = self.text(segment, frame)
                if name is None:
                    return
                step = self.step(at, name, segment.span)
                if step is None:
                    self.into.failed = True
                    return
                following.append(step)
            current = following
        yield from current

    def text(self, segment: tree.Segment, frame: Frame) -> str | None:
        if segment.text is None:
            return segment.name
        if segment.text.constant is None:
            self.into.structural.append((segment.text, frame))
        text = text_of(segment.text, frame, self.session)
        if isinstance(text, ErrorValue):
            self.into.failed = True
            return None
        return text

    def label(self, spot: ResolvedPath, segment: tree.Segment, frame: Frame) -> Iterator[ResolvedPath]:
        assert spot.field is not None and isinstance(spot.field.line, Many)
        text = self.text(segment, frame)
        if text is None:
            return
        block = spot.field.types[0]
        if segment.text is None and spot.field.line.implied and text in schema(block).by_name:
            inner = self.step(labelled(spot, spot.field.line.implied), text, segment.span)
            if inner is not None:
                yield inner
            return
        if text == "*" and segment.text is not None:
            yield labelled(spot, "*", wildcard=True)
            return
        if spot.field.line.numbered:
            for number in self.numbers(spot, text, segment):
                yield labelled(spot, number)
            return
        wrong = bad_label(text)
        if wrong:
            self.into.failed = True
            code = codes.WILDCARD if "*" in text else names.LABEL
            self.session.say(code, f"the label {text!r} {wrong}", segment.span)
            return
        yield labelled(spot, text)

    def numbers(self, spot: ResolvedPath, text: str, segment: tree.Segment) -> Iterator[str]:
        first, dash, last = text.partition("-")
        if not is_number(first) or (dash and not is_number(last)):
            self.into.failed = True
            self.session.say(
                names.LABEL, f"{'.'.join(spot.path)} is labelled by a number or a range of them, and {text!r} is neither", segment.span
            )
            return
        low, high = int(first), int(last or first)
        if high < low:
            self.into.failed = True
            fix = Fix("swap the ends", (Edit(segment.span, f"{high}-{low}"),))
            self.session.say(codes.BAD_CPUSET, f"the range {text} is descending", segment.span, fix=fix)
            return
        if high - low > MAX_LIST:
            self.session.exhausted(f"{high - low:,} blocks from one label", segment.span)
        yield from map(str, range(low, high + 1))

    def step(self, spot: ResolvedPath, name: str, at: Span) -> ResolvedPath | None:
        """The place one name further; None after a diagnostic."""
        if spot.is_map:
            assert spot.field is not None
            return self.key(spot, name, at)
        if spot.block is None:
            self.no_parts(spot, name, at)
            return None
        found = RAW if name == "xml" else schema(spot.block).by_name.get(name)
        if found is None:
            self.unknown(spot, name, at)
            return None
        path = (*spot.path, name)
        if isinstance(found.line, Sub):
            return spot.at(path, found.types[0], None)
        return spot.at(path, None, found)

    def no_parts(self, spot: ResolvedPath, name: str, at: Span) -> None:
        """A name behind a value: an argument of the call that makes it, one of libvirt's attributes, or nothing."""
        help_ = None
        line = spot.field
        if line is not None and isinstance(line.line, Choice):
            variant = next((t for t in line.types if name in schema(t).by_name), None)
            help_ = f"its call says it: `{line.name} = {variant.tag}(…) {{ {name} … }}`" if variant is not None else None
        elif line is not None:
            owner = block_at(ROOTS[self.kind], spot.path[:-1])
            help_ = for_element(owner, spot.path[-1], (name,)) if owner is not None else None
        self.session.say(names.UNKNOWN_ATTRIBUTE, f"{'.'.join(spot.path)} is a value and has no {name}", at, help=help_ or None)

    def key(self, spot: ResolvedPath, name: str, at: Span) -> ResolvedPath | None:
        """The whole dotted rest is the key of an open map."""
        if not is_key(name):
            self.session.say(names.LABEL, "a key of a map is a non-empty line of text, of characters that XML can hold", at)
            return None
        if self.is_entry(spot):
            return spot.at((*spot.path[:-1], f"{spot.path[-1]}.{name}"), None, spot.field)
        return spot.at((*spot.path, name), None, spot.field)

    def unknown(self, spot: ResolvedPath, name: str, at: Span) -> None:
        assert spot.block is not None
        where = ".".join(spot.path) or "a " + self.kind
        help_, word = home(spot.block, ROOTS[self.kind], name)
        if name == "extends" and not spot.path:
            help_, word = f"the profiles stand before the body: `{self.kind} NAME extends PROFILE {{ … }}`", None
        fix = Fix(f"write {word}", (Edit(at, word),)) if word and at.text == name else None
        self.session.say(names.UNKNOWN_ATTRIBUTE, f"{where} has no {name}", at, help=help_ or None, fix=fix)

    def is_entry(self, spot: ResolvedPath) -> bool:
        """Whether a spot in an open map has its key already: maps know their own name as the last step."""
        return spot.field is not None and (
            not spot.path or spot.path[-1] != spot.field.name or (len(spot.path) > 1 and spot.path[-2] == spot.field.name)
        )


def labelled(spot: ResolvedPath, label: str, wildcard: bool = False) -> ResolvedPath:
    """The block of that label, from a spot that waits for one."""
    assert spot.field is not None
    path = (*spot.path, label)
    return ResolvedPath(path, spot.field.types[0], None, spot.wildcard or wildcard, (*spot.opened, path), spot.where)
