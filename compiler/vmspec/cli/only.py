"""`--only`: which VMs a person chose, by name, pattern, tag or host; a word that chooses nothing is a mistake."""

from collections.abc import Mapping, Sequence

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.suggest import did_you_mean
from vmspec.deploy import codes
from vmspec.plan.only import Only
from vmspec.plan.program import PlannedProgram

KINDS = ("tag", "host")
_PATTERN = frozenset("*?[")


def only(words: Sequence[str], made: PlannedProgram | None, found: list[Diagnostic], beside: bool = False) -> Only | None:
    """None where everything is meant. `made` is None where no program is at hand: names and patterns then, as the journal has them.
    `beside`: they may also choose what is no longer in the program."""
    if not words:
        return None
    names: set[str] = set()
    patterns: list[str] = []
    for word in (part for text in words for part in text.split(",") if part):
        kind, colon, value = word.partition(":")
        if colon and kind in KINDS:
            names |= _of_kind(kind, value, made, found)
            continue
        if _PATTERN & set(word):
            patterns.append(word)
        else:
            names.add(word)
        every = [] if made is None else [vm.name for vm in made.every()]
        if made is not None and not beside and not any(Only(frozenset((word,)), (word,)).fits(name) for name in every):
            found.append(_nothing(word, word, every))
    return Only(frozenset(names), tuple(patterns))


def _of_kind(kind: str, value: str, made: PlannedProgram | None, found: list[Diagnostic]) -> frozenset[str]:
    if made is None:
        found.append(Diagnostic(codes.BAD_CALL, f"--only {kind}:{value} needs the program: say its path"))
        return frozenset()
    groups = made.tagged if kind == "tag" else _hosts(made)
    if value not in groups:
        found.append(_nothing(f"{kind}:{value}", value, list(groups)))
    return groups.get(value, frozenset())


def _hosts(made: PlannedProgram) -> Mapping[str, frozenset[str]]:
    return {host: frozenset(vm.name for vm in made.vms.get(host, ())) for host in made.hosts}


def _nothing(word: str, value: str, known: Sequence[str]) -> Diagnostic:
    return Diagnostic(codes.BAD_CALL, f"--only {word} chooses no VM", help=did_you_mean(value, known))
