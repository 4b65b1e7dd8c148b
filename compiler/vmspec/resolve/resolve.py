"""Resolves a program: loads the files that were given and those they import, and binds every name to its declaration."""

from __future__ import annotations

from pathlib import Path

from vmspec.base.article import with_article
from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Label
from vmspec.base.resources import stdlib
from vmspec.base.source import Source, Span
from vmspec.base.suggest import did_you_mean
from vmspec.resolve import codes
from vmspec.resolve.loader import Loader, read_text
from vmspec.resolve.program import OBJECT_KINDS, ObjectDef, ProfileDef, Program, Standard, Unit
from vmspec.syntax import ast_cache, tree
from vmspec.syntax.parser import parse

IMPORT_DEPTH = 64
GUESTS = ("domain", "guest", "machine", "instance", "server", "resource", "virtual_machine", "virtualmachine", "libvirt_domain", "virt")
OTHERS = {
    **dict.fromkeys(GUESTS, "a guest is `vm NAME { … }`"),
    **dict.fromkeys(("variable", "variables", "input"), "a parameter is `param $name: type = default`"),
    **dict.fromkeys(("locals", "vars", "const", "define", "set"), "a constant is `let $name = value`"),
    **dict.fromkeys(("class", "template", "type", "role", "mixin", "module"), "what machines share is `profile NAME { … }`"),
    **dict.fromkeys(("provider", "hypervisor", "node", "connection"), 'where guests run is `host NAME { uri = "…" }`'),
    **dict.fromkeys(("output", "outputs", "terraform", "required_providers", "backend"), "the language has nothing of the kind"),
    **dict.fromkeys(("include", "require", "use", "source"), 'another file is `import "PATH.vmspec"`'),
    **dict.fromkeys(("disk", "volume_group", "image"), "a disk stands in a vm; a volume of libvirt is `volume NAME { … }`"),
    **dict.fromkeys(("interface", "nic", "bridge"), "an interface stands in a vm; a bridge in a host"),
    "devices": "devices stand in a vm",
}
"""Other tools' words for the blocks of a file."""
TAKEN_ENVS = {
    "default": "vmspec.lock calls the builds without `--env` so",
    "none": "`$env` is none in the builds without `--env`",
}


def resolve(paths: tuple[Path, ...], loader: Loader) -> tuple[Program, tuple[Diagnostic, ...]]:
    """Resolve the files at `paths`. A file with syntax errors contributes its diagnostics and no declarations."""
    return _Resolution(loader).run(paths)


class _Resolution:
    """The state of one resolution: units in the order in which they were first reached."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.diagnostics: list[Diagnostic] = []
        self.units: dict[str, Unit] = {}
        self.failed: dict[str, list[tree.Import | None]] = {}
        """By key of a file that cannot be read: the imports that have said so, None where it was asked for."""
        self.objects: list[ObjectDef] = []
        self.blocks: dict[str, list[tuple[tree.Block, Unit]]] = {"env": [], "policy": [], "test": []}
        self.standard = standard()

    def run(self, paths: tuple[Path, ...]) -> tuple[Program, tuple[Diagnostic, ...]]:
        for path in sorted(paths, key=self.loader.shown):
            self.unit(path, None, ())
        self.objects.sort(key=lambda o: (o.unit.source.path, o.node.span.start))
        for blocks in self.blocks.values():
            blocks.sort(key=lambda pair: (pair[1].source.path, pair[0].span.start))
        units = tuple(sorted(self.units.values(), key=lambda u: u.source.path))
        program = Program(
            units,
            tuple(self.objects),
            tuple(self.blocks["env"]),
            tuple(self.blocks["policy"]),
            tuple(self.blocks["test"]),
            self.standard,
            self.loader.root,
        )
        return program, tuple(self.diagnostics)

    def unit(self, path: Path, at: tree.Import | None, chain: tuple[str, ...]) -> Unit | None:
        key = self.loader.key(path)
        if key in chain:
            self.cycle(at, chain[chain.index(key) :])
            return None
        if key in self.units:
            return self.units[key]
        file = self.loader.file(path)
        if isinstance(file, str):
            self.unreadable(path, key, file, at)
            return None
        unit = Unit(file.source, file, path.parent, namespaces={"std": self.standard})
        self.diagnostics.extend(file.diagnostics)
        self.units[key] = unit
        if not any(d.severity.value == "error" for d in file.diagnostics):
            self.declare(unit, path, (*chain, key))
        return unit

    def unreadable(self, path: Path, key: str, reason: str, at: tree.Import | None) -> None:
        """Report an unreadable file: once if it was given, otherwise at each import of it."""
        said = self.failed.setdefault(key, [])
        if (at is None and said) or None in said:
            return
        said.append(at)
        shown = self.loader.shown(path)
        self.say(codes.IMPORT_NOT_FOUND, f"{shown} {reason}", at.path.span if at else Span(Source(shown, ""), 0, 0))

    def cycle(self, at: tree.Import | None, chain: tuple[str, ...]) -> None:
        names = [self.units[k].source.path for k in chain]
        assert at is not None
        self.say(codes.IMPORT_CYCLE, "imports form a cycle: " + " → ".join([*names, names[0]]), at.path.span)

    def declare(self, unit: Unit, path: Path, chain: tuple[str, ...]) -> None:
        spans: dict[str, Span] = {}
        for statement in unit.file.statements:
            match statement:
                case tree.Import():
                    pass
                case tree.Let() | tree.Param():
                    if self.fresh(spans, f"${statement.name.name}", statement.name.span):
                        unit.lets[statement.name.name] = (statement, unit)
                case tree.Profile():
                    if self.fresh(spans, f"profile {statement.name.name}", statement.name.span):
                        unit.profiles[statement.name.name] = ProfileDef(statement, unit, statement.name.name)
                case tree.Block():
                    self.block(statement, unit)
                case _:
                    self.misplaced(statement)
        for statement in unit.file.statements:
            if isinstance(statement, tree.Import):
                self.import_(statement, unit, path, chain, spans)

    def fresh(self, spans: dict[str, Span], name: str, span: Span) -> bool:
        if name in spans:
            labels = (Label(spans[name], "declared here first"),)
            self.diagnostics.append(Diagnostic(codes.NAME_CLASH, f"{name} is declared twice", span, labels=labels))
            return False
        spans[name] = span
        return True

    def block(self, node: tree.Block, unit: Unit) -> None:
        kind = node.path.segments[0].name
        if len(node.path.segments) != 1 or kind not in (*OBJECT_KINDS, *self.blocks):
            help_ = OTHERS.get(kind.lower()) or (
                did_you_mean(kind, (*OBJECT_KINDS, *self.blocks, "profile", "import"))
                or "only vm, host, network, pool, volume, env, policy, test and profile stand at the top of a file"
            )
            text = ".".join(s.name for s in node.path.segments)
            self.diagnostics.append(Diagnostic(codes.MISPLACED, f"`{text}` cannot stand at the top of a file", node.path.span, help=help_))
        elif node.final or node.replace:
            self.say(
                codes.MISPLACED,
                f"`{'final' if node.final else 'replace'}` has no meaning before {with_article(kind)} at the top of a file",
                node.path.span,
            )
        elif node.label is None:
            self.say(codes.LABEL, f"this {kind} has no name", node.path.span, f'write `{kind} "name" {{ … }}`')
        elif kind in OBJECT_KINDS:
            self.objects.append(ObjectDef(kind, node, unit))
        elif node.parents:
            self.say(codes.MISPLACED, f"{with_article(kind)} does not extend profiles", node.parents[0].span)
        elif node.where is not None:
            message = f"`where` says which blocks a wildcard fills, and this is the {kind} {node.label.name}"
            self.say(codes.MISPLACED, message, node.where.span)
        elif kind == "env" and node.label.name in TAKEN_ENVS:
            message = f"an env cannot be named {node.label.name}: {TAKEN_ENVS[node.label.name]}"
            self.say(
                codes.RESERVED_ENV, message, node.label.span, "what holds without `--env` stands in the vm blocks and profiles themselves"
            )
        else:
            self.blocks[kind].append((node, unit))

    def misplaced(self, statement: tree.Statement) -> None:
        what = {tree.Set: "an assignment", tree.Each: "`each`", tree.When: "`when`", tree.For: "`for`", tree.Assert: "`assert`"}.get(
            type(statement), "this statement"
        )
        self.say(
            codes.MISPLACED,
            f"{what} cannot stand at the top of a file",
            statement.span,
            "put it into a vm, host or profile; a constant is `let $name = …`",
        )

    def import_(self, node: tree.Import, unit: Unit, path: Path, chain: tuple[str, ...], spans: dict[str, Span]) -> None:
        wanted = node.path.constant
        if wanted is None or not wanted or "\0" in wanted:
            self.say(codes.IMPORT_NOT_FOUND, "the path of an import is a constant, non-empty string", node.path.span)
            return
        if Path(wanted).is_absolute():
            help_ = "name it from the file that imports it, as `../profiles/site.vmspec`"
            self.say(
                codes.IMPORT_NOT_FOUND, f"{wanted} is an absolute path, which is another file on another machine", node.path.span, help_
            )
            return
        if len(chain) > IMPORT_DEPTH:
            self.say(codes.IMPORT_CYCLE, f"imports are nested more than {IMPORT_DEPTH} deep", node.path.span)
            return
        imported = self.unit(path.parent / wanted, node, chain)
        if imported is None:
            return
        if node.alias is not None:
            alias = node.alias.name
            if alias in unit.namespaces:
                self.say(codes.NAME_CLASH, f"the namespace {alias} is taken", node.alias.span)
            else:
                unit.namespaces[alias] = imported
            return
        self.flat(node, unit, imported, spans)

    def flat(self, node: tree.Import, unit: Unit, imported: Unit, spans: dict[str, Span]) -> None:
        """Import without a namespace: declarations of the imported file become visible, its own imports do not."""
        for name, entry in imported.lets.items():
            if entry[1] is imported and self.free(spans, f"${name}", node, entry[0].name.span):
                unit.lets[name] = entry
        for name, profile in imported.profiles.items():
            if profile.unit is imported and self.free(spans, f"profile {name}", node, profile.node.name.span):
                unit.profiles[name] = profile

    def free(self, spans: dict[str, Span], name: str, node: tree.Import, declared: Span) -> bool:
        known = spans.get(name)
        if known is not None and known != declared:
            labels = (Label(known, "declared here"), Label(declared, "and here, by the import"))
            help_ = "import it under a name: `import … as x`"
            self.diagnostics.append(
                Diagnostic(codes.NAME_CLASH, f"the import brings {name}, which this file has already", node.span, labels=labels, help=help_)
            )
            return False
        spans[name] = declared
        return True

    def say(self, code: Code, message: str, span: Span | None, help_: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, help=help_))


def standard() -> Standard:
    """The standard library of this installation."""
    directory = stdlib()
    names = tuple(sorted(p.stem for p in directory.glob("*.vmspec"))) if directory.is_dir() else ()
    namespace: Standard

    def load(name: str) -> ProfileDef | None:
        file = standard_file(directory / f"{name}.vmspec", name)
        unit = Unit(file.source, file, namespaces={"std": namespace})
        for statement in file.statements:
            if isinstance(statement, (tree.Let, tree.Param)):
                unit.lets[statement.name.name] = (statement, unit)
            elif isinstance(statement, tree.Profile):
                unit.profiles[statement.name.name] = ProfileDef(statement, unit, f"std.{statement.name.name}")
        return unit.profiles.get(name)

    namespace = Standard(names, load)
    return namespace


def standard_file(path: Path, name: str) -> tree.File:
    """A file of the standard library, whose errors are ours; an installed package has it parsed."""
    parsed = path.with_suffix(ast_cache.SUFFIX)
    if parsed.is_file():
        return ast_cache.load(parsed)
    read = read_text(path)
    file = parse(Source(f"std/{name}.vmspec", read.text, standard=True))
    if read.error or file.diagnostics:
        raise ValueError(f"the standard library's {path} {read.error or file.diagnostics[0].message}")
    return file


def lookup_profile(ref: tree.Ref, unit: Unit) -> ProfileDef | None:
    """The profile that a name in a unit stands for."""
    names = [s.name for s in ref.segments]
    if len(names) == 1:
        return unit.profiles.get(names[0])
    space = unit.namespaces.get(names[0])
    if len(names) != 2 or space is None:
        return None
    return space.profile(names[1]) if isinstance(space, Standard) else space.profiles.get(names[1])


def profile_names(unit: Unit) -> tuple[str, ...]:
    """Every profile name that the unit could have written, for suggestions."""
    names = list(unit.profiles)
    for alias, space in unit.namespaces.items():
        names += [f"{alias}.{n}" for n in (space.names if isinstance(space, Standard) else space.profiles)]
    return tuple(names)
