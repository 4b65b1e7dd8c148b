"""The linearisation of profiles (C3, later parents stronger), and which layer is stronger than which.

Source of the algorithm: Barrett et al., "A Monotonic Superclass Linearization for Dylan", OOPSLA 1996; Python's MRO is
the same with the earlier parent the stronger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from vmspec.base.diagnostic import Label
from vmspec.base.record import field, record
from vmspec.base.source import Span
from vmspec.base.suggest import did_you_mean, likeliest, question
from vmspec.evaluate import codes
from vmspec.evaluate.expression import force
from vmspec.evaluate.merge.statements import Collected, Layer
from vmspec.evaluate.operators import same
from vmspec.evaluate.session import MAX_LINE, Binding, ErrorValue, Frame, Session
from vmspec.model.block import Block
from vmspec.model.show import show
from vmspec.resolve import codes as names
from vmspec.resolve.program import ProfileDef, Unit
from vmspec.resolve.resolve import lookup_profile, profile_names
from vmspec.syntax import tree

T = TypeVar("T")


@record(frozen=True)
class Blocked(Generic[T]):
    """Why there is no linearisation: two sequences that want `first` and `second` in opposite orders."""

    first: T
    second: T


def c3(sequences: Sequence[Sequence[T]]) -> list[T] | Blocked[T]:
    """Merge orders, strongest first, into one that is consistent with each."""
    rest = [s for s in sequences if s]
    heads = [0] * len(rest)
    behind = Counter(x for s in rest for x in s[1:])
    """How many sequences have an item behind their head."""
    order: list[T] = []
    while live := [n for n, s in enumerate(rest) if heads[n] < len(s)]:
        free = next((n for n in live if not behind[rest[n][heads[n]]]), None)
        if free is None:
            first, *others = (rest[n][heads[n]] for n in live)
            return Blocked(first, next(each for each in others if each is not first))
        head = rest[free][heads[free]]
        order.append(head)
        for n in live:
            if rest[n][heads[n]] is head:
                heads[n] += 1
                if heads[n] < len(rest[n]):
                    behind[rest[n][heads[n]]] -= 1
    return order


@record(frozen=True, eq=False, slots=True)
class ProfileUse:
    """A profile in a linearisation, with the frame that its parameters live in."""

    profile: ProfileDef
    frame: Frame
    span: Span
    """The span of its name in the first `extends` that names it."""


@record(frozen=True, eq=False, slots=True)
class CommonAncestor:
    """A declaration with parents: a vm or a profile."""

    span: Span
    parents: tuple[tree.Parent, ...]
    defs: tuple[ProfileDef, ...]
    profile: ProfileDef | None


@record(frozen=True, eq=False, slots=True)
class Lineage:
    """The linearisation, weakest first; `beats[i]` is the set (a bitmap) of the layers that layer i is stronger than."""

    uses: tuple[ProfileUse, ...]
    beats: tuple[int, ...]
    reach: tuple[int, ...]
    """For each layer, a bitmap of itself and of what it derives from."""
    meetings: tuple[CommonAncestor, ...]
    """The vm first, then the profiles, strongest first."""
    chain: LineageCache | None = None
    """What objects of this lineage can share; None where a profile has parameters or looks at the host."""


@record(eq=False, slots=True)
class LineageCache:
    """A lineage that does not depend on the object: `collected` holds, by the object's root block and `$arch`, what its profiles
    say, and whether they read `$arch` in a condition."""

    lineage: Lineage | None = None
    collected: dict[tuple[type[Block], str], tuple[Collected, list[Layer], bool]] = field(default_factory=dict)


class Lineages:
    """Linearisations of profiles, each computed once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._orders: dict[int, list[ProfileDef] | None] = {}
        self._parents: dict[int, tuple[ProfileDef, ...]] = {}
        self._open: list[tuple[ProfileDef, Span]] = []
        self._chains: dict[tuple[tuple[ProfileDef, ...], tuple[bool, ...]], LineageCache] = {}
        self.compared = False
        """Whether arguments of a profile were compared, so that a lineage holds for one object only."""

    def parents(self, owner: int, parents: tuple[tree.Parent, ...], unit: Unit) -> tuple[ProfileDef, ...] | None:
        """The declarations behind a list of parents; None after a diagnostic."""
        known = self._parents.get(owner)
        if known is not None:
            return known
        found: list[ProfileDef] = []
        wrong = False
        for parent in parents:
            profile = lookup_profile(parent.name, unit)
            if profile is None:
                all_names = profile_names(unit)
                hint = f"std.{parent.name.dotted}" if f"std.{parent.name.dotted}" in all_names else likeliest(parent.name.dotted, all_names)
                help_ = question(hint) if hint else None
                self._session.say(names.UNKNOWN_PROFILE, f"no profile is named {parent.name.dotted}", parent.name.span, help=help_)
                wrong = True
            elif profile in found:
                self._session.say(names.NAME_CLASH, f"{parent.name.dotted} is extended twice", parent.name.span)
                wrong = True
            else:
                found.append(profile)
        if wrong:
            return None
        self._parents[owner] = tuple(found)
        return tuple(found)

    def order(self, profile: ProfileDef) -> list[ProfileDef] | None:
        """The linearisation of a profile, strongest first, itself at the head; None after a diagnostic."""
        key = id(profile)
        if key in self._orders:
            return self._orders[key]
        if any(p is profile for p, _ in self._open):
            self._cycle(profile)
            return None
        node = profile.node
        if len(self._open) > MAX_LINE:
            self._session.exhausted(f"more than {MAX_LINE:,} profiles derive from one another in a row", node.name.span)
        self._open.append((profile, node.name.span))
        self._orders[key] = result = self._merge([profile], id(node), node.parents, profile.unit)
        self._open.pop()
        return result

    def _cycle(self, profile: ProfileDef) -> None:
        start = next(i for i, (p, _) in enumerate(self._open) if p is profile)
        chain = self._open[start:]
        labels = tuple(Label(span, f"{p.title} is declared here") for p, span in chain[1:])
        path = " → ".join([p.title for p, _ in chain] + [profile.title])
        self._session.say(codes.INHERITANCE_CYCLE, f"profiles extend each other: {path}", chain[0][1], labels=labels)

    def _merge(self, head: list[ProfileDef], owner: int, parents: tuple[tree.Parent, ...], unit: Unit) -> list[ProfileDef] | None:
        defs = self.parents(owner, parents, unit)
        if defs is None:
            return None
        orders: list[list[ProfileDef]] = []
        for d in reversed(defs):
            order = self.order(d)
            if order is None:
                return None
            orders.append(order)
        if len(orders) == 1:
            return head + orders[0]
        merged = c3([*orders, list(reversed(defs))])
        if isinstance(merged, Blocked):
            a, b = merged.first, merged.second
            labels = tuple(Label(p.node.name.span, f"{p.title} is declared here") for p in (a, b))
            labels += tuple(Label(s, t) for s, t in self._orders_of(a, b, [*orders, list(reversed(defs))], defs))
            span = parents[0].span.to(parents[-1].span)
            self._session.say(
                codes.NO_LINEARISATION,
                f"there is no order of these parents: {a.title} is to be both stronger and weaker than {b.title}",
                span,
                labels=labels,
                help="write the parents of all declarations in one order",
            )
            return None
        return head + merged

    def _orders_of(
        self, a: ProfileDef, b: ProfileDef, orders: list[list[ProfileDef]], defs: tuple[ProfileDef, ...]
    ) -> list[tuple[Span, str]]:
        """The declarations that require a before b, and those that require b before a."""
        found: list[tuple[Span, str]] = []
        for order in orders[:-1]:
            for p in order:
                mine = self._parents.get(id(p.node), ())
                if a in mine and b in mine:
                    found.append(
                        (
                            p.node.parents[0].span.to(p.node.parents[-1].span),
                            f"{p.title} puts {(a if mine.index(a) > mine.index(b) else b).title} last",
                        )
                    )
        return found

    def lineage(self, node: tree.Block, unit: Unit, frame: Frame) -> Lineage | None:
        """The lineage of an object; None after a diagnostic."""
        if not node.parents:
            return Lineage((), (), (), ())
        merged = self._merge([], id(node), node.parents, unit)
        if merged is None:
            return None
        key = (self._parents[id(node)], tuple(p.over for p in node.parents))
        known = self._chains.get(key)
        if known is not None and known.lineage is not None:
            shared = known.lineage
            head = CommonAncestor(node.parents[0].span.to(node.parents[-1].span), node.parents, key[0], None)
            return Lineage(shared.uses, shared.beats, shared.reach, (head, *shared.meetings[1:]), known)
        meetings = [CommonAncestor(node.parents[0].span.to(node.parents[-1].span), node.parents, self._parents[id(node)], None)]
        for p in merged:
            if p.node.parents:
                meetings.append(
                    CommonAncestor(p.node.parents[0].span.to(p.node.parents[-1].span), p.node.parents, self._parents[id(p.node)], p)
                )
        uses = self._uses(merged, meetings, frame)
        if uses is None:
            return None
        weakest_first = tuple(reversed(merged))
        index = {id(p): i for i, p in enumerate(weakest_first)}
        reach = tuple(self._bits(p, index) for p in weakest_first)
        found = Lineage(tuple(uses[id(p)] for p in weakest_first), self._beats(index, reach, meetings), reach, tuple(meetings))
        if any(p.arguments for p in node.parents) or not all(_same_for_all(p) for p in merged):
            return found
        chain = self._chains[key] = LineageCache()
        chain.lineage = Lineage(found.uses, found.beats, found.reach, found.meetings, chain)
        return chain.lineage

    def _uses(self, merged: list[ProfileDef], meetings: list[CommonAncestor], frame: Frame) -> Mapping[int, ProfileUse] | None:
        """Binds the parameters, strongest declaration first, so that a frame exists before its parents' arguments are read."""
        uses: dict[int, ProfileUse] = {}
        wrong = False
        for meeting in meetings:
            around = frame if meeting.profile is None else uses[id(meeting.profile)].frame
            for parent, profile in zip(meeting.parents, meeting.defs, strict=True):
                bound = self._bind(parent, profile, around)
                if bound is None:
                    wrong = True
                    uses.setdefault(
                        id(profile), ProfileUse(profile, Frame(profile.unit, self._session.root(profile.unit)), parent.name.span)
                    )
                elif id(profile) not in uses:
                    uses[id(profile)] = ProfileUse(profile, bound, parent.name.span)
                elif not self._agree(uses[id(profile)], bound, parent):
                    wrong = True
        return None if wrong else uses

    def _bind(self, parent: tree.Parent, profile: ProfileDef, around: Frame) -> Frame | None:
        session = self._session
        frame = Frame(profile.unit, session.root(profile.unit))
        params = {p.name.name: p for p in profile.node.params}
        rest = list(params)
        ok = True
        for argument in parent.arguments:
            name = argument.name if argument.name is not None else rest[0] if rest else None
            if name is None or name not in params:
                takes = f"{len(params)} argument{'s' * (len(params) != 1)}"
                message = f"{profile.title} has no parameter {name}" if name else f"{profile.title} takes {takes}"
                session.say(codes.BAD_ARGUMENT, message, argument.name_span or argument.span, help=did_you_mean(name or "", params))
                ok = False
                continue
            if name in frame.bindings:
                session.say(codes.BAD_ARGUMENT, f"the argument {name} is given twice", argument.span)
                ok = False
                continue
            rest.remove(name)
            frame.bindings[name] = Binding(argument.value.span, expr=argument.value, frame=around, param=params[name])
        for name in rest:
            default = params[name].default
            if default is None and not ok:
                continue  # What has a wrong name may have been meant for it.
            if default is None:
                session.say(
                    codes.MISSING_ARGUMENT,
                    f"{profile.title} needs ${name}",
                    parent.span,
                    labels=(Label(params[name].span, "declared here, without a default"),),
                )
                ok = False
                continue
            frame.bindings[name] = Binding(default.span, expr=default, frame=frame, param=params[name])
        return frame if ok else None

    def _agree(self, use: ProfileUse, other: Frame, parent: tree.Parent) -> bool:
        self.compared = True
        for name, binding in use.frame.bindings.items():
            a = force(binding, name, parent.name, self._session)
            b = force(other.bindings[name], name, parent.name, self._session)
            if isinstance(a, ErrorValue) or isinstance(b, ErrorValue):
                return False
            if not same(a, b):
                self._session.say(
                    codes.ARGUMENTS_DIFFER,
                    f"{use.profile.title} is reached with {name} = {show(a)} and with {name} = {show(b)}",
                    parent.span,
                    labels=(
                        Label(binding.span, f"{name} = {show(a)} comes from here"),
                        Label(other.bindings[name].span, f"{name} = {show(b)} comes from here"),
                    ),
                )
                return False
        return True

    def _beats(self, index: Mapping[int, int], reach: tuple[int, ...], meetings: list[CommonAncestor]) -> tuple[int, ...]:
        """A profile beats what it derives from; after `over b`, b and what only it inherits beat the parents before it."""
        beats = [bits & ~(1 << i) for i, bits in enumerate(reach)]
        for meeting in meetings:
            for at, parent in enumerate(meeting.parents):
                if not parent.over:
                    continue
                strong = reach[index[id(meeting.defs[at])]]
                for weaker in meeting.defs[:at]:
                    weak = reach[index[id(weaker)]]
                    for i in range(len(beats)):
                        if strong & ~weak & 1 << i:
                            beats[i] |= weak & ~strong
        return tuple(beats)

    def _bits(self, profile: ProfileDef, index: Mapping[int, int]) -> int:
        bits = 0
        for p in self._orders[id(profile)] or ():
            bits |= 1 << index[id(p)]
        return bits


def _same_for_all(profile: ProfileDef) -> bool:
    """Whether a profile says the same to every object, as far as its text tells; false in doubt."""
    text = profile.node.span.text
    return not profile.node.params and not any(word in text for word in ("$host", "siblings", "numa_of", "near("))
