"""One template's objects: collects its layers once, evaluates its slots for each object, and shares what does not vary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.diagnostic import Label
from vmspec.base.provenance import Path, show_path
from vmspec.base.record import field, record
from vmspec.base.source import Span
from vmspec.evaluate import codes
from vmspec.evaluate.collect import Collector, Mode
from vmspec.evaluate.decide import shown
from vmspec.evaluate.defaults import defaults
from vmspec.evaluate.evaluator import Evaluator
from vmspec.evaluate.expression import text_of
from vmspec.evaluate.linearise import Lineage, Lineages
from vmspec.evaluate.merge import Slot, Structure, structure
from vmspec.evaluate.overlay import Overlay, env_bodies, policy_bodies
from vmspec.evaluate.reads import bindings, varies
from vmspec.evaluate.session import Binding, Frame, Poison, Session
from vmspec.evaluate.setting import Collected, Layer, Opening, Setting
from vmspec.evaluate.settled import SettledObject, SettledValue
from vmspec.model.block import Block
from vmspec.model.value import ObjectRef, Value
from vmspec.resolve.program import ObjectDef
from vmspec.syntax import tree


@record(frozen=True, slots=True)
class Instance:
    """One object of a template: its name, and the values of the `each` variables."""

    name: str
    bindings: Mapping[str, Value]


@record(frozen=True, slots=True)
class Loop:
    """An `each`: its variables, and where the entry of a key is written, if that can be told from the text."""

    names: tuple[str, ...]
    spans: Mapping[str, Span]
    entries: Mapping[str, Span]

    @staticmethod
    def of(node: tree.Each) -> Loop:
        entries: dict[str, Span] = {}
        if isinstance(node.source, tree.MapOf) and len(node.names) == 2:
            entries = {".".join(s.name for s in e.path.segments): e.span for e in node.source.entries}
        return Loop(tuple(n.name for n in node.names), {n.name: n.span for n in node.names}, entries)


@record(slots=True)
class Shared:
    """What the objects of a template have in common as long as nothing of the structure varies."""

    lineage: Lineage
    collected: Collected
    structure: Structure
    policies: list[tuple[Layer, Structure, Collected]]
    layers: list[Layer]
    body_rank: int
    reusable: bool
    resolve: bool
    varying_bindings: list[Binding] = field(default_factory=list)


class Template:
    """A definition and its frames; `settle` gives the object of one instance."""

    def __init__(self, definition: ObjectDef, root: type[Block], session: Session, lineages: Lineages, frame: Frame, many: bool) -> None:
        self.definition = definition
        self.node = definition.node
        self.block = root
        self.session = session
        self.lineages = lineages
        self.frame = Frame(definition.unit, frame)
        self.many = many
        self.eaches = [Loop.of(s) for s in self.node.body.statements if isinstance(s, tree.Each)]
        self.shared: Shared | None = None
        self.head = self.node.path.span if self.node.label is None else self.node.path.span.to(self.node.label.span)
        self.name = ""
        self.named_from: tuple[tuple[str, Binding], ...] = ()

    def settle(self, instance: Instance) -> SettledObject | None:
        """None where the object's structure is in error."""
        self.name = instance.name
        self.bind(instance)
        if not self.named_from and self.node.label is not None and self.node.label.text is not None:
            self.named_from = bindings(self.node.label.text, self.frame)
        if self.shared is None or not self.shared.reusable:
            self.shared = self.prepare()
            if self.shared is None:
                return None
        else:
            self.renew(self.shared)
        return self.evaluate(self.shared)

    # ------------------------------------------------------------------------------------------ preparation

    def bind(self, instance: Instance) -> None:
        for each in self.eaches:
            span = each.entries.get(str(instance.bindings[each.names[0]]))
            for name in each.names:
                value, at = instance.bindings[name], span or each.spans[name]
                known = self.frame.bindings.get(name)
                if known is None:
                    self.frame.bindings[name] = Binding(at, value=value)
                else:
                    known.give(value, at)

    def varying(self) -> set[int]:
        return {id(b) for b in self.frame.bindings.values()} if self.many else set()

    def prepare(self) -> Shared | None:
        self.frame.bindings.pop("host", None)
        self.lineages.compared = False
        lineage = self.lineages.lineage(self.node, self.definition.unit, self.frame)
        if lineage is None:
            return None
        layers = self.ranks(lineage)
        collected, saw_host = self.collect(lineage, layers, host_unknown=True)
        shape = structure(collected, self.session)
        host = Binding(self.head)
        if self.definition.kind == "vm":
            reader = self.evaluator(shape, lineage)
            place = shape.slots.get(("place",))
            placed = reader.settle(place) if place is not None else None
            if placed is not None and isinstance(placed.value, ObjectRef) and placed.value.name in self.session.hosts:
                host.value = self.session.hosts[placed.value.name]
                for frame in (self.frame, *(u.frame for u in lineage.uses)):
                    frame.bindings.setdefault("host", host)
        if saw_host:
            collected, _ = self.collect(lineage, layers, host_unknown=False)
            shape = structure(collected, self.session)
        varying = self.varying()
        if place_varies(shape, varying):
            varying.add(id(host))
        reusable = self.many and not self.lineages.compared and not any(varies(e, f, varying) for e, f in collected.structural)
        for slot in shape.slots.values():
            slot.state, slot.value = 0, None
            slot.varies = any(s.expr is not None and varies(s.expr, s.frame, varying) for s in slot.settings)
        policies = self.policies(shape, varying, len(layers))
        frames = (*collected.frames, *(u.frame for u in lineage.uses))
        stale = [
            b
            for f in frames
            for b in f.bindings.values()
            if b.expr is not None and b.frame is not None and varies(b.expr, b.frame, varying)
        ]
        return Shared(lineage, collected, shape, policies, layers, len(lineage.uses), reusable, self.resolves(shape, lineage), stale)

    def ranks(self, lineage: Lineage) -> list[Layer]:
        """Profiles by their place in the linearisation, then the body, then the env's blocks."""
        uses = lineage.uses
        known = lineage.chain.collected.get(self.block) if lineage.chain is not None else None
        layers = list(known[1]) if known is not None else []
        layers = layers or [Layer(i, f"profile {u.profile.title}", lineage.beats[i]) for i, u in enumerate(uses)]
        layers.append(
            Layer(
                len(uses),
                f"{self.definition.kind} {self.node.label.name if self.node.label and self.node.label.name else self.name}",
                (1 << len(uses)) - 1,
            )
        )
        return layers

    def collect(self, lineage: Lineage, layers: list[Layer], host_unknown: bool) -> tuple[Collected, bool]:
        del layers[len(lineage.uses) + 1 :]
        known = lineage.chain.collected.get(self.block) if lineage.chain is not None else None
        collected = known[0].copy() if known is not None else Collected()
        collector = Collector(self.session, self.block, collected)
        for use, layer in zip(lineage.uses, layers, strict=False) if known is None else ():
            collector.body(use.profile.node.body, use.frame, Mode(layer, host_unknown=host_unknown))
        if lineage.chain is not None and known is None and not collected.failed:
            for setting in collected.settings:
                setting.shared = True
            lineage.chain.collected[self.block] = (collected.copy(), layers[: len(lineage.uses)])
        body = layers[len(lineage.uses)]
        collector.body(self.node.body, self.frame, Mode(body, host_unknown=host_unknown))
        for overlay in self.envs(lineage):
            layer = Layer(len(layers), overlay.origin, (1 << len(layers)) - 1)
            layers.append(layer)
            collector.body(overlay.body, overlay.frame, Mode(layer, host_unknown=host_unknown))
        return collected, collector.saw_host

    def envs(self, lineage: Lineage) -> Iterator[Overlay]:
        profiles = tuple(u.profile for u in lineage.uses)
        return env_bodies(self.session, self.definition.kind, self.name, profiles)

    def policies(self, shape: Structure, varying: set[int], rank: int) -> list[tuple[Layer, Structure, Collected]]:
        """Each policy's own settings for this object; a value that nobody gives becomes a slot."""
        found: list[tuple[Layer, Structure, Collected]] = []
        for overlay in policy_bodies(self.session, self.definition.kind, self.name):
            layer = Layer(rank, overlay.origin, 0)
            collected = Collected()
            Collector(self.session, self.block, collected).body(overlay.body, overlay.frame, Mode(layer, policy=True))
            demands = structure(Collected(settings=collected.settings, openings=[*shape_openings(shape, layer)]), self.session)
            for path, slot in demands.slots.items():
                for s in slot.settings:
                    if not s.final or s.operation != "=":
                        self.session.say(
                            codes.POLICY,
                            "a policy states `final path = value`, `final path` or `assert`, and sets nothing by itself",
                            s.span,
                        )
                if path not in shape.slots and path not in shape.removed:
                    slot.varies = any(s.expr is not None and varies(s.expr, s.frame, varying) for s in slot.settings)
                    shape.slots[path] = slot
            found.append((layer, demands, collected))
        return found

    def resolves(self, shape: Structure, lineage: Lineage) -> bool:
        """Whether the model's defaults apply, and if so adds them to the slots."""
        slot = shape.slots.get(("resolve",))
        value = self.evaluator(shape, lineage).settle(slot) if slot is not None else None
        if value is not None and value.value is False:
            return False
        for path, settled in defaults(self.block, shape):
            slot = shape.slots.get(path)
            if slot is not None:
                slot.default = settled
            elif not any(path[: len(gone)] == gone for gone in shape.removed):
                shape.slots[path] = Slot(path, (), default=settled, memo=settled)
        return True

    def renew(self, shared: Shared) -> None:
        """Forgets what the last object of the template had of its own."""
        for binding in shared.varying_bindings:
            binding.forget()
        host = self.frame.bindings.get("host")
        place = shared.structure.slots.get(("place",))
        for slot in shared.structure.slots.values():
            slot.state, slot.value = (2, slot.memo) if slot.memo is not None else (0, None)
        if place is not None and place.varies:
            settled = self.evaluator(shared.structure, shared.lineage).settle(place)
            if host is not None and settled is not None and isinstance(settled.value, ObjectRef):
                host.value = self.session.hosts.get(settled.value.name)

    # ------------------------------------------------------------------------------------------- evaluation

    def evaluator(self, shape: Structure, lineage: Lineage, resolve: bool = True) -> Evaluator:
        return Evaluator(self, shape, lineage, resolve)

    def evaluate(self, shared: Shared) -> SettledObject:
        run = self.evaluator(shared.structure, shared.lineage, shared.resolve)
        values: dict[Path, SettledValue] = {}
        poisoned: list[Path] = []
        for path, slot in shared.structure.slots.items():
            settled = slot.value if slot.state == 2 else run.settle(slot)
            if settled is None:
                poisoned.append(path)
            else:
                values[path] = settled
        run.missing = self.requirements(shared)
        self.demands(shared, values)
        if not shared.collected.failed and not poisoned:
            for assertion in [*shared.collected.assertions, *(a for _, _, c in shared.policies for a in c.assertions)]:
                run.check(assertion.node, assertion.frame, assertion.layer)
        place = values.get(("place",))
        return SettledObject(
            self.definition.kind,
            self.name,
            self.head,
            values,
            shared.structure.blocks,
            frozenset(poisoned),
            shared.resolve,
            place.value if place is not None and isinstance(place.value, ObjectRef) else None,
            tuple(u.profile.title for u in shared.lineage.uses),
            shared if shared.reusable else None,
            tuple(binding.input(name) for name, binding in self.named_from),
        )

    def requirements(self, shared: Shared) -> frozenset[Path]:
        """Reports the required paths that nothing sets, and gives them: what reads one is in error already."""
        missing: list[Path] = []
        if shared.collected.failed:
            return frozenset()
        for need in shared.collected.requirements:
            size = len(need.path)
            met = any(p[:size] == need.path and s.settings for p, s in shared.structure.slots.items())
            met = met or any(p[:size] == need.path for p in shared.structure.blocks)
            if not met:
                missing.append(need.path)
                why = text_of(need.message, need.frame, self.session)
                said = why if isinstance(why, str) else ""
                self.session.say(
                    codes.REQUIRED,
                    f"{self.name} does not set {show_path(need.path)}: {said}",
                    self.head,
                    labels=(Label(need.span, f"{need.layer.origin} requires it"),),
                    subject=f"{self.node.span.start} {show_path(need.path)}",
                )
        return frozenset(missing)

    def demands(self, shared: Shared, values: Mapping[Path, SettledValue]) -> None:
        """Policies after the merge."""
        for layer, wanted, _ in shared.policies:
            for lock in wanted.locks:
                self.kept(lock, layer, shared)
            for path, slot in wanted.slots.items():
                held = shared.structure.slots.get(path)
                settled = values.get(path)
                if held is None or held is slot or settled is None or not held.settings:
                    continue
                demand = self.evaluator(wanted, shared.lineage).value_of(slot.settings[-1])
                if not isinstance(demand, Poison) and demand != settled.value:
                    self.disagrees(layer, slot.settings[-1], held.settings[-1], path, demand, settled)

    def kept(self, lock: Setting, layer: Layer, shared: Shared) -> None:
        size = len(lock.path)
        for path, slot in shared.structure.slots.items():
            if not (path[:size] == lock.path or (lock.wildcard and matches(path, lock.path))):
                continue
            for s in slot.settings:
                if s.layer.rank >= shared.body_rank and s.layer.rank != layer.rank:
                    message = f"{s.layer.origin} sets {show_path(path)}, which {layer.origin} leaves to the profiles"
                    self.session.say(codes.POLICY, message, s.span, labels=(Label(lock.span, "locked here"),))

    def disagrees(self, layer: Layer, demand: Setting, held: Setting, path: Path, wanted: Value, settled: SettledValue) -> None:
        self.session.say(
            codes.POLICY,
            f"{held.layer.origin} sets {show_path(path)} to {shown(settled.value)}, and {layer.origin} demands {shown(wanted)}",
            held.span,
            labels=(Label(demand.span, "demanded here"),),
        )


def place_varies(shape: Structure, varying: set[int]) -> bool:
    place = shape.slots.get(("place",))
    return place is not None and any(s.expr is not None and varies(s.expr, s.frame, varying) for s in place.settings)


def matches(path: Path, pattern: Path) -> bool:
    return len(path) >= len(pattern) and all(q in ("*", p) for p, q in zip(path, pattern, strict=False))


def shape_openings(shape: Structure, layer: Layer) -> Iterator[Opening]:
    return (Opening(path, layer, span) for path, span in shape.blocks.items())
