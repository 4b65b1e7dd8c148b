"""What the engine makes of a finding: its places, severity and fix; which rules are asked, how often, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as Folder

import pytest

from tests.check.test_run import SOURCE, disk, names, vm
from vmspec.base.code import REGISTRY
from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path, Step, StepKind
from vmspec.base.record import replace
from vmspec.base.source import Source, Span
from vmspec.check import run
from vmspec.check.rule import Finding, Phase, Rule, rule
from vmspec.check.run import Checker, check, diagnostic
from vmspec.driver.compilation import Compilation
from vmspec.lower.fleet import Fleet, Object, Vm
from vmspec.model.devices.disk import Disk
from vmspec.model.domain import Domain
from vmspec.model.host import Host
from vmspec.model.value import Symbol

TEXT = Source("main.vmspec", 'vm a { disk vda { queue-size = 1000; cache ?= none; serial = "a b"; io = native } }\n')
AT: Path = ("disk", "vda", "queue-size")


def a_rule(phase: Phase = Phase.DEFINE, severity: Severity = Severity.ERROR) -> Rule:
    def silent(vm: Domain) -> Iterator[Finding]:
        """What: Nothing."""
        return iter(())

    made = rule(9999, "test", phase=phase, severity=severity)(silent)
    del REGISTRY[9999]  # of this test alone
    return made


def span(text: str) -> Span:
    at = TEXT.text.index(text)
    return Span(TEXT, at, at + len(text))


def owner(path: Path = AT, text: str = "queue-size = 1000", kind: StepKind = StepKind.SET, **more: object) -> Vm:
    """A VM that has one value, set where the text stands."""
    trail = (Step(StepKind.DEFAULT, "model"), Step(kind, "vm a", span(text) if text else None))
    return replace(Object("vm", "a", vm().spec, span("vm a"), {path: trail}, {("disk", "vda"): span("disk vda")}), **more)  # type: ignore[arg-type]


def test_a_finding_has_its_places() -> None:
    other = Object("vm", "b", vm("b").spec, Span(SOURCE, 0, 2), {}, {})
    found = diagnostic(
        owner(),
        a_rule(),
        Finding(AT, "it is wrong", labels=((("disk", "vda"), "its disk"),), others=((other, (), "and this"),), notes=("n",), help="h"),
    )  # fmt: skip
    assert (found.code.number, found.message, found.severity) == (9999, "it is wrong", Severity.ERROR)
    assert found.primary == span("queue-size = 1000")
    assert [(label.span, label.message) for label in found.labels] == [(span("disk vda"), "its disk"), (Span(SOURCE, 0, 2), "and this")]
    assert (found.notes, found.help, found.fix) == (("n",), "h", None)
    assert (found.about, found.part) == ("a", "vda")


def test_the_block_is_named_only_where_there_is_one() -> None:
    assert diagnostic(owner(), a_rule(), Finding(("memory", "size"), "m")).part == ""
    assert diagnostic(owner(), a_rule(), Finding(("disk",), "m")).part == ""
    assert diagnostic(owner(), a_rule(), Finding(("disk", "vda"), "m")).part == "vda"


SEVERITIES: dict[str, tuple[bool, str, Phase, Severity, Severity | None, Severity]] = {
    # resolve, type, phase, of the rule, of the finding: what it becomes
    "ours": (True, "kvm", Phase.START, Severity.ERROR, None, Severity.ERROR),
    "ours, milder": (True, "kvm", Phase.DEFINE, Severity.ERROR, Severity.WARNING, Severity.WARNING),
    "ours, a warning": (True, "kvm", Phase.DEFINE, Severity.WARNING, None, Severity.WARNING),
    "imported, and libvirt refuses it": (False, "kvm", Phase.DEFINE, Severity.ERROR, None, Severity.ERROR),
    "imported, of QEMU without KVM": (False, "qemu", Phase.DEFINE, Severity.ERROR, None, Severity.ERROR),
    "imported, and a warning anyway": (False, "kvm", Phase.DEFINE, Severity.WARNING, None, Severity.WARNING),
    "imported, and it only starts not": (False, "kvm", Phase.START, Severity.ERROR, None, Severity.WARNING),
    "imported, of another driver": (False, "xen", Phase.DEFINE, Severity.ERROR, None, Severity.WARNING),
    "ours, of another driver": (True, "xen", Phase.DEFINE, Severity.ERROR, None, Severity.ERROR),
}


@pytest.mark.parametrize("name", SEVERITIES)
def test_severity(name: str) -> None:
    resolve, type_, phase, of_rule, of_finding, expected = SEVERITIES[name]
    machine = vm(resolve=resolve, type=Symbol(type_))
    assert diagnostic(machine, a_rule(phase, of_rule), Finding((), "m", severity=of_finding)).severity is expected


def test_a_host_is_of_no_driver() -> None:
    host = Object("host", "h", Host(), Span(SOURCE, 0, 2), {}, {}, resolve=False)
    assert diagnostic(host, a_rule(), Finding((), "m")).severity is Severity.ERROR


FIXES: dict[str, tuple[Path, str, str | None, str, str]] = {
    "a value": (AT, "queue-size = 1000", "1024", "1000", "1024"),
    "a weak one": (("disk", "vda", "cache"), "cache ?= none", "writeback", "none", "writeback"),
    "a text": (("disk", "vda", "serial"), 'serial = "a b"', '"a-b"', '"a b"', '"a-b"'),
    "a text that is not quoted yet": (("disk", "vda", "serial"), 'serial = "a b"', "a c", '"a b"', '"a c"'),
    "a call": (("disk", "vda", "io"), "io = native", 'block("/dev/a")', "native", 'block("/dev/a")'),
    "a unit": (AT, "queue-size = 1000", "1/2%", "1000", "1/2%"),
}


@pytest.mark.parametrize("name", FIXES)
def test_a_fix(name: str) -> None:
    path, text, instead, old, new = FIXES[name]
    found = diagnostic(owner(path, text), a_rule(), Finding(path, "m", instead=instead)).fix
    assert found is not None
    (edit,) = found.edits
    assert (found.title, edit.span, edit.text) == (f"write {instead}", span(old), new)


NO_FIXES: dict[str, tuple[Vm, Path, str | None]] = {
    "nothing better is known": (owner(), AT, None),
    "nobody set it": (owner(), ("memory", "size"), "1"),
    "it was appended to": (owner(kind=StepKind.APPENDED), AT, "1"),
    "it stands nowhere": (owner(text=""), AT, "1"),
    "a whole block": (owner(text="disk vda { queue-size = 1000; cache ?= none"), AT, "1"),
    "it was written as an expression": (owner(text="queue-size = 1000; cache ?= none"), AT, "1"),
}


@pytest.mark.parametrize("name", NO_FIXES)
def test_no_fix(name: str) -> None:
    machine, path, instead = NO_FIXES[name]
    assert diagnostic(machine, a_rule(), Finding(path, "m", instead=instead)).fix is None


BAD = {"io": "native", "cache": "writeback"}
NATIVE = "disk-native-io-needs-direct-cache"


def test_every_block_of_every_vm_in_the_order_of_the_source() -> None:
    def placed(name: str, at: int, *disks: Disk) -> Vm:
        return Object("vm", name, vm(name, disk=disks).spec, Span(SOURCE, at, at + 1), {}, {})

    last, first = placed("b", 5, disk("vdd", **BAD)), placed("a", 1, disk(**BAD), disk("vdb"))
    found = check(Fleet((last, first)))
    assert names(found) == [NATIVE] * 2
    assert [(d.about, d.primary) for d in found] == [("a", first.span), ("b", last.span)]
    assert check(Fleet(())) == ()


def test_a_block_that_is_shared_is_asked_once() -> None:
    checker, shared = Checker(), disk(**BAD)
    assert names(tuple(checker.vm(vm("a", disk=(shared,))))) == [NATIVE]
    (met,) = [met for key, met in checker._met.items() if key == id(shared)]
    assert [rule.code.name for rule, _ in met[1]] == [NATIVE]
    assert names(tuple(checker.vm(vm("b", disk=(shared,))))) == [NATIVE]
    assert checker._met[id(shared)] is met


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_MEMO_LIMIT", 2)
    checker = Checker()
    blocks = [disk(f"vd{letter}", **BAD) for letter in "abcde"]
    found = [d for number, block in enumerate(blocks) for d in checker.vm(vm(f"v{number}", disk=(block,)))]
    assert names(tuple(found)) == [NATIVE] * 5
    assert len(checker._met) <= 2


def test_rules_are_asked_only_where_their_features_are_set() -> None:
    checker = Checker()
    plain = disk()
    list(checker.vm(vm("a", disk=(plain,))))
    with_io = disk("vdb", io="native", cache="none")
    list(checker.vm(vm("b", disk=(with_io,))))
    sets = {features: {rule.code.number for rule in (*called[0], *called[1])} for (_, features), called in checker._rules.items()}
    assert 4301 not in sets[frozenset(("label", "source", "target", "bus"))]
    assert 4301 in sets[frozenset(("label", "source", "target", "bus", "io", "cache"))]


def test_findings_across_objects_name_their_owner() -> None:
    same = {"uuid": Symbol("397cc6b5-3d4a-4878-a66c-964c86aa9d13")}
    found = check(Fleet((vm("a", **same), vm("b", **same))))
    assert found
    assert {d.about for d in found} <= {"a", "b"}
    assert all(d.code.number // 1000 == 6 for d in found)


FLEET = """host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; bridge br0 { kind = linux } }
vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br9") } }
vm b { memory { size = 1GiB; hugepages = 4MiB }; cpu.count = 1; disk vda { source = block("/dev/b"); iotune { group-name = slow } } }
vm c { memory.size = 1GiB; cpu.count = 1; vsock { cid = 7 } }
vm d { memory.size = 1GiB; cpu.count = 1; vsock { cid = 7 } }
"""


def test_rules_about_hosts_machines_blocks_in_machines_and_fleets(tmp_path: Folder) -> None:
    file = tmp_path / "main.vmspec"
    file.write_text(FLEET)
    found = [(d.code.name, d.about, d.primary.text if d.primary else "") for d in Compilation([file]).diagnostics]
    assert found == [
        ("bridge-absent", "a", 'source = bridge("br9")'),
        ("page-size-odd", "b", "hugepages = 4MiB"),
        ("disk-iotune-group-alone", "b", "group-name = slow"),
        ("duplicate-cid", "d", "cid = 7"),
    ]


def test_what_is_unset_or_empty_is_no_feature() -> None:
    checker = Checker()
    list(checker.vm(vm(disk=(disk(io=None),), interface=(), title=None)))
    (whole,) = checker._whole
    assert "disk" in whole
    assert {"cpu.count", "memory.size"} <= whole
    assert not whole & {"interface", "title"}
    assert None not in whole
    assert [features for block, features in checker._rules if block == "disk"] == [frozenset(("label", "source", "target", "bus"))]


def test_a_path_of_a_block_without_a_label_names_no_part() -> None:
    machine = replace(owner(), blocks={("memory",): span("vm a")})
    assert diagnostic(machine, a_rule(), Finding(("memory",), "m")).part == ""
