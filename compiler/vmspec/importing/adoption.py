"""Definitions of libvirt as sources: one file a domain, and profiles for what many have in common, where they mean the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.driver.compilation import Compilation
from vmspec.driver.sources import SPEC
from vmspec.emit.domain import domain_xml
from vmspec.importing.definitions import Definition
from vmspec.importing.factor import FactoredVm, VmFamily, factor
from vmspec.importing.others import OtherDefinition
from vmspec.importing.source import block_source, label_for, vm_body, vm_source
from vmspec.model.show import quote
from vmspec.normal.xml_tree import xml_tree


@record(frozen=True)
class Adopted:
    """A domain that becomes a VM of the program under its label."""

    label: str
    definition: Definition


@record(frozen=True)
class Sources:
    """Texts by the name of their file; what is declared in the one that all others import."""

    files: Mapping[str, str]
    families: tuple[VmFamily, ...] = ()
    whole: tuple[str, ...] = ()
    """VMs that are written in full since their part of a profile would not have meant the same."""


def adopted(definitions: Iterable[Definition]) -> tuple[Adopted, ...]:
    """Each with a label of its own: the name, numbered where two domains share it."""
    taken: set[str] = set()
    found = []
    for each in definitions:
        wanted = label_for(each.ingested.domain, Path(each.source.path).stem)
        label, copy = wanted, 2
        while label in taken:
            label, copy = f"{wanted}-{copy}", copy + 1
        taken.add(label)
        found.append(Adopted(label, each))
    return tuple(found)


def plain(domains: Sequence[Adopted]) -> Sources:
    """Every domain in full."""
    texts = [vm_source(each.definition.ingested.domain, each.label, each.definition.ingested.comments) for each in domains]
    return Sources(dict(zip(_files([each.label for each in domains]), texts, strict=True)))


def with_others(made: Sources, others: Sequence[OtherDefinition]) -> Sources:
    """With what is no domain, a file each, after the domains."""
    there = [name.removesuffix(SPEC) for name in made.files]
    names = _files([*there, *(f"{each.kind}-{each.label}" for each in others)])[len(there) :]
    return Sources({**made.files, **{name: each.text for name, each in zip(names, others, strict=True)}}, made.families, made.whole)


def _files(labels: Iterable[str]) -> list[str]:
    """A name of a file for each label, different even where capitals make no difference."""
    taken: set[str] = set()
    found = []
    for label in labels:
        name, copy = label, 2
        while name.casefold() in taken:
            name, copy = f"{label}~{copy}", copy + 1
        taken.add(name.casefold())
        found.append(f"{name}{SPEC}")
    return found


# --------------------------------------------------------------------------------------------------- families


def factored(domains: Sequence[Adopted]) -> Sources:
    """With profiles for what is repeated. What is written has been compiled: where the XML of a VM would differ from that of its
    definition, the VM is written in full instead."""
    whole: tuple[str, ...] = ()
    while True:
        families = factor([_guest(each) for each in domains if each.label not in whole])
        made = _written(domains, families, whole)
        wrong = _changed(domains, made) if families else ()
        if not wrong:
            return made
        whole = (*whole, *wrong)


def _guest(each: Adopted) -> FactoredVm:
    domain = each.definition.ingested.domain
    return FactoredVm(each.label, vm_body(domain, each.label), domain.name == each.label)


def _written(domains: Sequence[Adopted], families: tuple[VmFamily, ...], whole: tuple[str, ...]) -> Sources:
    names = _files(["profiles", *(each.label for each in domains)])
    short = {label: (family.profile, body) for family in families for label, body in family.members.items()}
    files = {}
    if families:
        heads = [f"## Common to {', '.join(_few(family.members))}\n" for family in families]
        texts = [head + block_source(f"profile {each.profile}", each.body) for head, each in zip(heads, families, strict=True)]
        files[names[0]] = "\n".join(texts)
    for file, each in zip(names[1:], domains, strict=True):
        ingested = each.definition.ingested
        if each.label in short:
            profile, body = short[each.label]
            text = block_source(f"vm {quote(each.label)} extends {profile}", body, ingested.comments, short=True)
            files[file] = f'import "{names[0]}"\n\n{text}'
        else:
            files[file] = vm_source(ingested.domain, each.label, ingested.comments)
    return Sources(files, families, whole)


def _few(labels: Iterable[str]) -> list[str]:
    known = ["_".join(label.split()) for label in labels]
    return known if len(known) <= 4 else [*known[:3], f"and {len(known) - 3} more"]


def _changed(domains: Sequence[Adopted], made: Sources) -> tuple[str, ...]:
    """The VMs whose XML would not say the same; all of a family if nothing can be told of it."""
    factored = [label for family in made.families for label in family.members]
    with tempfile.TemporaryDirectory(prefix="vmspec-") as folder:
        for name, text in made.files.items():
            Path(folder, name).write_text(text, encoding="utf-8", newline="\n")
        compilation = Compilation([folder])
        found: tuple[Diagnostic, ...] = (*compilation.program_diagnostics, *compilation.settled_diagnostics)
        if has_errors(found):
            at_fault = _at_fault(found, made, factored)
            return at_fault or tuple(factored)
        there = {vm.name: domain_xml(vm.spec) for vm in compilation.fleet.vms}
    wanted = {each.label: domain_xml(each.definition.ingested.domain) for each in domains}
    return tuple(label for label in factored if label not in there or xml_tree(wanted[label]) != xml_tree(there[label]))


def _at_fault(found: Iterable[Diagnostic], made: Sources, factored: Sequence[str]) -> tuple[str, ...]:
    """The VMs in whose files an error is."""
    files = {each.primary.source.path.rpartition("/")[2] for each in found if each.primary is not None}
    texts = [text for name, text in made.files.items() if name in files]
    return tuple(label for label in factored if any(f"\nvm {quote(label)} extends " in text for text in texts))


def one_text(made: Sources) -> str:
    """Everything as one file: no imports are needed then."""
    if not made.families:
        return "\n".join(made.files.values())
    beginning = f'import "{next(iter(made.files))}"\n\n'
    return "\n".join(text.removeprefix(beginning) for text in made.files.values())
