"""One template's objects: collects its layers once, evaluates its slots for each object, and shares what does not vary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from vmspec.base.diagnostic import Label
from vmspec.base.provenance import Address, Path, Step, StepKind, show_path
from vmspec.base.record import record
from vmspec.base.source import Span
from vmspec.base.suggest import nearest
from vmspec.evaluate import codes
from vmspec.evaluate.collect import Collector, Mode
from vmspec.evaluate.decide import decide
from vmspec.evaluate.expression import evaluate, member, text_of
from vmspec.evaluate.linearise import Lineage, Lineages
from vmspec.evaluate.merge import Slot, Structure, structure
from vmspec.evaluate.overlay import Overlay, env_bodies, policy_bodies
from vmspec.evaluate.reads import self_reads, varies
from vmspec.evaluate.session import POISON, Binding, Frame, Poison, Result, Session
from vmspec.evaluate.setting import Collected, Layer, Opening, Setting
from vmspec.evaluate.settled import SettledObject, SettledValue
from vmspec.evaluate.typed import fit, spelled
from vmspec.model.block import Attr, Block, Many, Sub, schema
from vmspec.model.kind import ListOf, Problem
from vmspec.model.value import ObjectRef, Value
from vmspec.resolve.program import ObjectDef
from vmspec.syntax import tree


@record(frozen=True, slots=True)
class Instance:
    """One object of a template: its name, and the values of the `each` variables."""

    name: str
    bindings: Mapping[str, Value]


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
        self.shared: Shared | None = None
        self.head = self.node.path.span if self.node.label is None else self.node.path.span.to(self.node.label.span)
        self.name = ""

    def settle(self, instance: Instance) -> SettledObject | None:
        """None where the object's structure is in error."""
        self.name = instance.name
        self.bind(instance)
        if self.shared is None or not self.shared.reusable:
            self.shared = self.prepare()
            if self.shared is None:
                return None
        else:
            self.renew(self.shared)
        return self.evaluate(self.shared)

    # ------------------------------------------------------------------------------------------ preparation

    def bind(self, instance: Instance) -> None:
        spans = {n.name: n.span for s in self.node.body.statements if isinstance(s, tree.Each) for n in s.names}
        for name, value in instance.bindings.items():
            known = self.frame.bindings.get(name)
            if known is None:
                self.frame.bindings[name] = Binding(spans[name], value=value)
            else:
                known.value = value

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
        from vmspec.evaluate.decide import shown

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


def defaults(block: type[Block], shape: Structure) -> Iterator[tuple[Path, SettledValue]]:
    """The model's defaults of every block that exists: the root, what is opened, and what holds a setting."""
    touched: dict[Path, None] = {(): None}
    for path in (*shape.blocks, *(p[:-1] for p in shape.slots)):
        for size in range(1, len(path) + 1):
            touched.setdefault(path[:size], None)
    for path in touched:
        cls = block_at(block, path)
        if cls is not None:
            for name, settled in block_defaults(cls):
                yield (*path, name), settled


_DEFAULTS: dict[type[Block], tuple[tuple[str, SettledValue], ...]] = {}


def block_defaults(cls: type[Block]) -> tuple[tuple[str, SettledValue], ...]:
    """The same objects at every call, so that sharing by identity works across objects."""
    known = _DEFAULTS.get(cls)
    if known is None:
        step = (Step(StepKind.DEFAULT, "model"),)
        found = ((f.name, f.line.default) for f in schema(cls) if isinstance(f.line, Attr) and f.line.default is not None)
        known = _DEFAULTS[cls] = tuple((name, SettledValue(value, step, "default")) for name, value in found)
    return known


def block_at(block: type[Block], path: Path) -> type[Block] | None:
    """The class of the block at a path; None for a map, a value, or a repeatable block before its label."""
    at: type[Block] | None = block
    steps = iter(path)
    for step in steps:
        found = schema(at).by_name.get(step) if at is not None else None
        if found is None or not found.types or isinstance(found.line, Attr):
            return None
        if not isinstance(found.line, Sub) and next(steps, None) is None:
            return None
        at = found.types[0]
    return at


class Evaluator:
    """Settles the slots of one object in the order of their dependencies; reads `self`."""

    def __init__(self, template: Template, shape: Structure, lineage: Lineage, resolve: bool) -> None:
        self.template = template
        self.session = template.session
        self.shape = shape
        self.lineage = lineage
        self.resolve = resolve
        self.stack: list[Slot] = []
        self.spelling: str | None = None
        self.missing: frozenset[Path] = frozenset()

    def settle(self, slot: Slot) -> SettledValue | None:
        """None where the value is in error."""
        if slot.state == 2:
            return slot.value
        if slot.state == 3:
            return None
        if slot.state == 1:
            self.cycle(slot)
            return None
        if slot.memo is not None:
            slot.state, slot.value = 2, slot.memo
            return slot.value
        only = slot.settings[0] if len(slot.settings) == 1 and not slot.dropped and slot.settings[0].shared and self.resolve else None
        if only is not None and only.memo is not None and only.memo[0] is slot.default:
            slot.state, slot.value = 2, only.memo[1]
            slot.memo = slot.value
            return slot.value
        slot.state = 1
        self.stack.append(slot)
        for setting in slot.settings:
            if setting.expr is not None:
                for access in self_reads(setting.expr):
                    self.prepare(access)
        self.spelling = None
        decided = decide(slot, self.lineage, self.session, self.value_of, self.operands)
        self.stack.pop()
        broken = slot.state == 3
        slot.state = 2
        slot.value = None
        if not isinstance(decided, Poison) and not broken:
            value = self.listed(slot, decided.value)
            if not isinstance(value, Poison):
                slot.value = SettledValue(value, decided.trail, decided.strength, self.spelling)
        if not slot.varies:
            slot.memo = slot.value
            if only is not None and slot.value is not None and not (only.expr is not None and self_reads(only.expr)):
                only.memo = (slot.default, slot.value)
        if self.stack:
            self.stack[-1].varies |= slot.varies
        return slot.value

    def listed(self, slot: Slot, value: Value) -> Result:
        """A list that was added to is read by its kind once more: sets lose what stands twice."""
        setting = slot.settings[-1]
        line = setting.field.line if setting.field is not None else None
        if len(slot.settings) > 1 and isinstance(line, Attr) and isinstance(line.kind, ListOf):
            read = line.kind.read(value)
            return POISON if isinstance(read, Problem) else read
        return value

    def value_of(self, setting: Setting) -> Result:
        """A setting's value as its kind keeps it."""
        span = setting.value_span
        value: Result
        if setting.constant is not None:
            value = setting.constant
        else:
            assert setting.expr is not None
            value = evaluate(setting.expr, setting.frame, self.session, self)
        if isinstance(value, Poison) or setting.field is None:
            return value
        if not self.resolve:
            own = spelled(value, setting.field)
            if own is not None:
                self.spelling = str(value)
                return own
        return fit(value, setting.field, span, self.session, setting.expr, plain=not self.resolve, name=show_path(setting.path))

    def operands(self, setting: Setting) -> tuple[Address, ...]:
        if setting.expr is None:
            return ()
        reads = self_reads(setting.expr)
        return (
            tuple(Address(self.template.name, tuple(s.name for s in a.steps if isinstance(s, tree.Segment))) for a in reads)
            if reads
            else ()
        )

    # ------------------------------------------------------------------------------------------------- self

    def locate(self, steps: Path) -> tuple[Slot | None, Path, list[Slot]]:
        """The slot that holds a path and the steps that remain inside its value; or all the slots below the path."""
        slots = self.shape.slots
        for size in range(len(steps), 0, -1):
            found = slots.get(steps[:size])
            if found is not None:
                return found, steps[size:], []
        # A dotted key of an open map is one step.
        for size in range(1, len(steps)):
            found = slots.get((*steps[:size], ".".join(steps[size:])))
            if found is not None:
                return found, (), []
        below = [s for p, s in slots.items() if p[: len(steps)] == steps]
        return None, (), below

    def expand(self, steps: Path) -> Path:
        """With the implied labels and main features that the text left out."""
        cls: type[Block] | None = self.template.block
        out: list[str] = []
        rest = list(steps)
        while rest and cls is not None:
            name = rest.pop(0)
            out.append(name)
            found = schema(cls).by_name.get(name)
            if found is None or not found.types or isinstance(found.line, Attr):
                return (*out, *rest)
            if isinstance(found.line, Sub):
                cls = found.types[0]
            elif isinstance(found.line, Many) and found.line.implied and (not rest or rest[0] in schema(found.types[0]).by_name):
                out.append(found.line.implied)
                cls = found.types[0]
            elif rest:
                out.append(rest.pop(0))
                cls = found.types[0]
            else:
                return tuple(out)
        if cls is not None and cls.main and (*out, cls.main.replace("_", "-")) in self.shape.slots:
            out.append(cls.main.replace("_", "-"))
        return (*out, *rest)

    def prepare(self, access: tree.Access) -> None:
        """Settles what an access reads, whether or not its branch will be taken: the graph of dependencies is static."""
        if not all(isinstance(s, tree.Segment) for s in access.steps):
            return
        slot, _, below = self.locate(self.expand(tuple(s.name for s in access.steps if isinstance(s, tree.Segment))))
        for found in [slot] if slot is not None else below:
            self.settle(found)
            self.stack[-1].varies |= found.varies

    def read(self, steps: tuple[str, ...], access: tree.Access) -> Result:
        if steps == ("name",):
            if self.stack:
                self.stack[-1].varies |= self.template.many
            return self.template.name
        full = self.expand(steps)
        slot, rest, below = self.locate(full)
        if slot is not None:
            settled = self.settle(slot)
            if self.stack:
                self.stack[-1].varies |= slot.varies
            value: Result = settled.value if settled is not None else POISON
            for step in rest:
                if not isinstance(value, Poison):
                    value = member(value, step, access.span, self.session)
            return value
        if not below:
            return POISON if full in self.missing else self.nothing(full, access)
        return self.map(full, below)

    def map(self, prefix: Path, below: list[Slot]) -> Result:
        """A block as a map of its values."""
        result: dict[str, Value] = {}
        for slot in below:
            settled = self.settle(slot)
            if self.stack:
                self.stack[-1].varies |= slot.varies
            if settled is None:
                return POISON
            at: dict[str, Value] = result
            for step in slot.path[len(prefix) : -1]:
                inner = at.setdefault(step, {})
                if not isinstance(inner, dict):
                    break
                at = inner
            at[slot.path[-1]] = settled.value
        return result

    def has(self, steps: tuple[str, ...]) -> bool:
        full = self.expand(steps)
        slot, rest, below = self.locate(full)
        if slot is not None and not rest:
            return True
        return bool(below) or any(p[: len(full)] == full for p in self.shape.blocks)

    def nothing(self, steps: Path, access: tree.Access) -> Result:
        cls = block_at(self.template.block, steps[:-1])
        line = schema(cls).by_name.get(steps[-1]) if cls is not None and steps else None
        if any(p[: len(steps)] == steps for p in self.shape.blocks):
            return {}
        if cls is not None and line is None and steps:
            from vmspec.resolve.codes import UNKNOWN_ATTRIBUTE

            hint = nearest(steps[-1], schema(cls).by_name)
            help_ = f"did you mean `{hint}`?" if hint else None
            return self.session.say(
                UNKNOWN_ATTRIBUTE,
                f"{'.'.join(steps[:-1]) or 'a ' + self.template.definition.kind} has no {steps[-1]}",
                access.span,
                help=help_,
            )
        return self.session.say(
            codes.NO_VALUE, f"{show_path(steps)} has no value", access.span, help=f"`has(self.{'.'.join(steps)})` asks whether it has"
        )

    def cycle(self, slot: Slot) -> None:
        chain = self.stack[self.stack.index(slot) :]
        for member_ in chain:
            member_.state = 3
        spans: list[tuple[Path, Span]] = [(s.path, next(t.value_span for t in s.settings if t.expr is not None)) for s in chain]
        start = min(range(len(spans)), key=lambda i: spans[i][1].start)
        spans = spans[start:] + spans[:start]
        text = " → ".join([show_path(p) for p, _ in spans] + [show_path(spans[0][0])])
        labels = tuple(Label(span, f"{show_path(p)} is read here on the way") for p, span in spans[1:])
        self.session.say(codes.CYCLE, f"values are defined by each other: {text}", spans[0][1], labels=labels)

    # ------------------------------------------------------------------------------------------- assertions

    def check(self, node: tree.Assert, frame: Frame, layer: Layer) -> None:
        value = evaluate(node.condition, frame, self.session, self)
        if isinstance(value, Poison) or value is True:
            return
        if not isinstance(value, bool):
            self.session.say(codes.BAD_OPERAND, "`assert` takes a boolean", node.condition.span)
            return
        message = text_of(node.message, frame, self.session, self) if node.message is not None else node.condition.span.text
        said = message if isinstance(message, str) else "the assertion is false"
        labels, notes = self.evidence(node.condition)
        self.session.say(
            codes.ASSERTION,
            f"{self.template.name}: {said}".replace("\n", " "),
            node.condition.span,
            labels=labels,
            notes=(*notes, f"asserted by {layer.origin}"),
            subject=self.template.name,
        )

    def evidence(self, condition: tree.Expr) -> tuple[tuple[Label, ...], tuple[str, ...]]:
        """The value and the origin of every operand."""
        from vmspec.evaluate.decide import shown

        labels: list[Label] = []
        notes: list[str] = []
        for access in {a.span.text: a for a in self_reads(condition)}.values():
            written = tuple(s.name for s in access.steps if isinstance(s, tree.Segment))
            if len(written) == len(access.steps) and written != ("name",) and not self.has(written):
                notes.append(f"{access.span.text} is not set")
                continue
            value = evaluate(access, self.template.frame, self.session, self)
            steps = self.expand(written)
            slot, _, _ = self.locate(steps)
            step = slot.value.trail[-1] if slot is not None and slot.value is not None else None
            origin = step.origin if step is not None else self.template.definition.kind
            text = f"{access.span.text} is {shown(value)}, from {origin}"
            if step is not None and step.span is not None:
                labels.append(Label(step.span, text))
            else:
                notes.append(text)
        return tuple(labels), tuple(notes)
