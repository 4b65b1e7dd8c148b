"""Templates: collects the layers of a definition once, evaluates each of its objects, and shares what does not vary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.diagnostic import Label
from vmspec.base.provenance import Path, show_path
from vmspec.base.record import field, record
from vmspec.base.source import Span
from vmspec.evaluate import codes
from vmspec.evaluate.defaults import defaults, matching
from vmspec.evaluate.evaluated import SettledObject, SettledValue
from vmspec.evaluate.expression import text_of
from vmspec.evaluate.instances.evaluator import Evaluator
from vmspec.evaluate.instances.fits import Judge, chosen
from vmspec.evaluate.instances.implied import implied
from vmspec.evaluate.instances.placed import NOT_CHOSEN, host_name, host_of, is_chosen, placed_paths
from vmspec.evaluate.instances.slots import met, prime, slot_varies
from vmspec.evaluate.merge.branches import Mode
from vmspec.evaluate.merge.collect import Collector
from vmspec.evaluate.merge.idle import warn_of_idle
from vmspec.evaluate.merge.merged import MergedPath, Structure, expand, fill, structure
from vmspec.evaluate.merge.mro import Lineage, Lineages
from vmspec.evaluate.merge.overlay import Overlay, env_bodies, labels_of_overlays
from vmspec.evaluate.merge.policies import Ruling, enforce, rulings
from vmspec.evaluate.merge.statements import Collected, Layer, Requirement
from vmspec.evaluate.reads import bindings, varies
from vmspec.evaluate.session import DEFAULT_ARCH, POISON, Binding, Frame, Session
from vmspec.model.block import Block
from vmspec.model.value import ObjectRef, Value
from vmspec.resolve.program import ObjectDef
from vmspec.syntax import tree


@record(frozen=True, slots=True)
class Instance:
    """One object of a template: its name, and the values of its `each` variables."""

    name: str
    bindings: Mapping[str, Value]


@record(frozen=True, slots=True)
class Loop:
    """An `each`: its variables, and the span of each key's entry where the text tells it."""

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
    """What all objects of a template share while its structure does not vary."""

    arch: str
    lineage: Lineage
    collected: Collected
    structure: Structure
    policies: list[Ruling]
    layers: list[Layer]
    body_rank: int
    reusable: bool
    resolve: bool
    judge: Judge | None = None
    """What decided the conditions of wildcards, until its answers are compared with the values in the end."""
    varying_bindings: list[Binding] = field(default_factory=list)


class Template:
    """A definition with its frames; `settle` evaluates one instance."""

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
        self.named_alone = labels_of_overlays(session, definition.kind) if many else frozenset()
        """Objects that a block of an env or policy names: what it says is of them alone, so that they share nothing."""
        self.chosen, self.placement, self.placed = NOT_CHOSEN
        """Whether a placement chooses the host; that of the current object; what it sets."""
        self.where_varies = False
        """Whether a condition of an env or policy reads a value that differs between the objects."""

    def settle(self, instance: Instance) -> SettledObject | None:
        """Evaluate one instance; None if its structure is in error."""
        self.name = instance.name
        self.session.user = self.head
        self.bind(instance)
        if not self.named_from and self.node.label is not None and self.node.label.text is not None:
            self.named_from = bindings(self.node.label.text, self.frame)
        alone = instance.name in self.named_alone
        if self.shared is None or not self.shared.reusable or alone:
            self.shared = self.prepare()
            if self.shared is None:
                return None
            self.shared.reusable &= not alone
        else:
            self.session.arch = self.shared.arch
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
        self.session.arch = DEFAULT_ARCH
        collected, saw_host, saw_arch = self.collect(lineage, layers, host_unknown=True)
        shape = structure(collected, self.session)
        host = Binding(self.head)
        self.session.arch = self.arch(shape, lineage)
        if self.definition.kind == "vm":
            reader = self.evaluator(shape, lineage)
            place = shape.slots.get(("place",))
            placed = reader.settle(place) if place is not None else None
            self.chosen = placed is not None and is_chosen(placed.value)
            self.session.chosen = self.chosen
            if placed is not None and (name := host_name(self, placed)) is not None and (self.chosen or name in self.session.hosts):
                host.value = self.session.hosts.get(name, POISON)
                for frame in (self.frame, *(u.frame for u in lineage.uses)):
                    frame.bindings.setdefault("host", host)
        known = not self.chosen or host.value is not POISON
        if (saw_host and known) or (saw_arch and self.session.arch != DEFAULT_ARCH):
            collected, *_ = self.collect(lineage, layers, host_unknown=not known)
            shape = structure(collected, self.session)
        varying = self.varying()
        if slot_varies(shape, "place", varying) or (self.chosen and self.many):
            varying.add(id(host))
        judge = None
        if collected.conditional:
            judge = self.judge(shape, lineage, varying)
            shape = structure(collected, self.session)
            fill(shape, collected, judge.fits, self.session)
        self.placed = placed_paths(self, shape, collected, self.evaluator(shape, lineage)) if self.chosen else None
        labels = implied(self.block, shape, collected, self.evaluator(shape, lineage), lambda: prime(shape, varying))
        if labels.openings:
            collected.openings += labels.openings
            shape = structure(collected, self.session)
            if judge is not None:
                fill(shape, collected, judge.fits, self.session)
        if self.placed is not None:
            self.placed.give(self.placement)
            self.placed.add_to(shape, self.many)
        reusable = self.many and not self.lineages.compared and not (labels.varies or slot_varies(shape, "arch", varying))
        reusable = reusable and not any(varies(e, f, varying) for e, f in collected.structural)
        prime(shape, varying)
        policies, differ = rulings(self, shape, lambda: self.merged(collected, lineage, varying, judge), varying, len(layers))
        reusable = reusable and not (differ or self.where_varies or (judge is not None and judge.varies))
        if reusable or not self.many:
            warn_of_idle(collected, shape, self.name, frozenset(each.rank for each in layers if each.own), self.session)
        collected.failed |= judge is not None and judge.failed
        frames = (*collected.frames, *(u.frame for u in lineage.uses))
        stale = [
            b
            for f in frames
            for b in f.bindings.values()
            if b.expr is not None and b.frame is not None and varies(b.expr, b.frame, varying)
        ]
        return Shared(
            self.session.arch,
            lineage,
            collected,
            shape,
            policies,
            layers,
            len(lineage.uses),
            reusable,
            self.resolves(shape, lineage),
            judge,
            stale,
        )

    def ranks(self, lineage: Lineage) -> list[Layer]:
        """The layers: profiles by their place in the linearisation, then the body, then blocks of the env."""
        uses = lineage.uses
        known = lineage.chain.collected.get((self.block, DEFAULT_ARCH)) if lineage.chain is not None else None
        layers = list(known[1]) if known is not None else []
        layers = layers or [Layer(i, f"profile {u.profile.title}", lineage.beats[i]) for i, u in enumerate(uses)]
        layers.append(Layer(len(uses), f"{self.definition.kind} {self.written}", (1 << len(uses)) - 1, own=True))
        return layers

    @property
    def written(self) -> str:
        """The object's name; for a template, whose objects share trails, the name as it is written."""
        label = self.node.label
        return self.name if label is None else label.name or label.span.text

    def arch(self, shape: Structure, lineage: Lineage) -> str:
        """The architecture (`$arch`), evaluated before anything that depends on it."""
        slot = shape.slots.get(("arch",))
        settled = self.evaluator(shape, lineage).settle(slot) if slot is not None else None
        return str(settled.value) if settled is not None else DEFAULT_ARCH

    def collect(self, lineage: Lineage, layers: list[Layer], host_unknown: bool) -> tuple[Collected, bool, bool]:
        """Collect the settings of all layers; also whether a condition reads `$host`, and whether one reads `$arch`."""
        del layers[len(lineage.uses) + 1 :]
        key = self.block, self.session.arch
        known = lineage.chain.collected.get(key) if lineage.chain is not None else None
        collected = known[0].copy() if known is not None else Collected()
        collector = Collector(self.session, self.block, collected)
        for use, layer in zip(lineage.uses, layers, strict=False) if known is None else ():
            collector.body(use.profile.node.body, use.frame, Mode(layer, host_unknown=host_unknown))
        if lineage.chain is not None and known is None and not collected.failed:
            for setting in collected.settings:
                setting.shared = True
            lineage.chain.collected[key] = (collected.copy(), layers[: len(lineage.uses)], collector.saw_arch)
        collector.saw_arch |= known is not None and known[2]
        body = layers[len(lineage.uses)]
        collector.body(self.node.body, self.frame, Mode(body, host_unknown=host_unknown))
        base: Judge | None = None
        ranks: dict[int | str, Layer] = {}
        for overlay in self.envs(lineage):
            if overlay.where is not None:
                base = base or self.judge(structure(collected.copy(), self.session), lineage, self.varying())
                collected.structural.append((overlay.where, overlay.frame))
                fits = chosen(overlay, base)
                self.where_varies |= base.varies
                if not fits:
                    continue
            layer = self.layer_of(overlay, layers, ranks, lineage)
            collector.body(overlay.body, overlay.frame, Mode(layer, host_unknown=host_unknown))
        return collected, collector.saw_host, collector.saw_arch

    def layer_of(self, overlay: Overlay, layers: list[Layer], ranks: dict[int | str, Layer], lineage: Lineage) -> Layer:
        """The layer of an env's block. Blocks about the same thing are one layer; those of unrelated profiles are siblings."""
        key = overlay.profile if overlay.profile is not None else "own" if overlay.own else "all"
        known = ranks.get(key)
        if known is None:
            beats = (1 << len(layers)) - 1
            if overlay.profile is not None:
                unbeaten = (at for at in ranks if isinstance(at, int) and not lineage.beats[overlay.profile] >> at & 1)
                for at in unbeaten:
                    beats &= ~(1 << ranks[at].rank)
            known = ranks[key] = Layer(len(layers), overlay.origin, beats, own=overlay.own)
            layers.append(known)
        return known

    def envs(self, lineage: Lineage) -> Iterator[Overlay]:
        profiles = tuple(u.profile for u in lineage.uses)
        return env_bodies(self.session, self.definition.kind, self.name, profiles)

    def judge(self, shape: Structure, lineage: Lineage, varying: set[int]) -> Judge:
        """Decide the conditions of wildcards on a structure, which cannot be used for anything else afterwards."""
        resolve = self.resolves(shape, lineage)
        prime(shape, varying)
        return Judge(self.session, self.block, self.name, self.evaluator(shape, lineage, resolve), self.many)

    def merged(self, own: Collected, lineage: Lineage, varying: set[int], judge: Judge | None) -> Judge:
        """Decide the conditions of policies by the merged values."""
        shape = structure(own, self.session)
        if judge is not None:
            fill(shape, own, judge.fits, self.session)
        after = self.judge(shape, lineage, varying)
        after.scopes = ("all",)
        return after

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
                shape.slots[path] = MergedPath(path, (), default=settled, memo=settled)
        return True

    def renew(self, shared: Shared) -> None:
        """Reset what belonged to the previous object of the template."""
        for binding in shared.varying_bindings:
            binding.forget()
        host = self.frame.bindings.get("host")
        place = shared.structure.slots.get(("place",))
        for slot in shared.structure.slots.values():
            slot.state, slot.value = (2, slot.memo) if slot.memo is not None else (0, None)
        if self.chosen and host is not None:
            settled = self.evaluator(shared.structure, shared.lineage).settle(place) if place is not None else None
            name = host_name(self, settled) if settled is not None else None
            host.value = self.session.hosts.get(name or "", POISON)
            if self.placed is not None:
                self.placed.give(self.placement)
        elif place is not None and place.varies:
            settled = self.evaluator(shared.structure, shared.lineage).settle(place)
            if host is not None and settled is not None and isinstance(settled.value, ObjectRef):
                host.value = self.session.hosts.get(settled.value.name)

    # ------------------------------------------------------------------------------------------- evaluation

    def evaluator(self, shape: Structure, lineage: Lineage, resolve: bool = True) -> Evaluator:
        return Evaluator(self, shape, lineage, resolve)

    def evaluate(self, shared: Shared) -> SettledObject:
        run = self.evaluator(shared.structure, shared.lineage, shared.resolve)
        run.missing = self.requirements(shared)
        values: dict[Path, SettledValue] = {}
        poisoned: list[Path] = []
        for path, slot in shared.structure.slots.items():
            settled = slot.value if slot.state == 2 else run.settle(slot)
            if settled is None:
                poisoned.append(path)
            else:
                values[path] = settled
        enforce(
            shared.policies,
            shared.structure,
            shared.body_rank,
            values,
            lambda shape, setting: self.evaluator(shape, shared.lineage).value_of(setting),
            self.session,
        )
        if not shared.collected.failed and not poisoned:
            self.assertions(shared.collected, shared.judge, shared.structure, run)
            for ruling in shared.policies:
                self.assertions(ruling.collected, ruling.judge, shared.structure, run)
            if shared.judge is not None:
                shared.judge.confirm(run)
        place = values.get(("place",))
        return SettledObject(
            self.definition.kind,
            self.name,
            self.head,
            values,
            shared.structure.blocks,
            frozenset(poisoned),
            shared.resolve,
            host_of(self, place),
            tuple(u.profile.title for u in shared.lineage.uses),
            shared if shared.reusable else None,
            tuple(binding.input(name) for name, binding in self.named_from),
        )

    def assertions(self, collected: Collected, judge: Judge | None, shape: Structure, run: Evaluator) -> None:
        for assertion in collected.assertions:
            blocks = expand(assertion.where[-1].pattern, shape) if assertion.where else ()
            if not assertion.where or any(judge is not None and judge.fits(assertion.where, block) for block in blocks):
                run.check(assertion.node, assertion.frame, assertion.layer)

    def requirements(self, shared: Shared) -> frozenset[Path]:
        """Report required paths that nothing sets; returns them, as what reads one is in error already."""
        missing: list[Path] = []
        if shared.collected.failed:
            return frozenset()
        for need in shared.collected.requirements:
            for path in expand(need.path, shared.structure):
                fits = not need.where or (shared.judge is not None and shared.judge.fits(need.where, path))
                if fits and not met(path, shared.structure) and not matching(self.block, path, shared.structure.slots):
                    missing.append(path)
                    self.required(need, path)
        return frozenset(missing)

    def required(self, need: Requirement, path: Path) -> None:
        why = text_of(need.message, need.frame, self.session)
        said = why if isinstance(why, str) else ""
        self.session.say(
            codes.REQUIRED,
            f"{self.name} does not set {show_path(path)}: {said}",
            self.head,
            labels=(Label(need.span, f"{need.layer.origin} requires it"),),
            subject=f"{self.node.span.start} {show_path(path)}",
            about=self.name,
        )
