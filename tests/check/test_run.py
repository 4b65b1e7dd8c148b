"""The engine: severities, labels, fixes, sharing, and that it is quick."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.base.source import Source, Span
from vmspec.check.run import Checker, check
from vmspec.driver.compilation import Compilation
from vmspec.lower.fleet import Fleet, Object, Vm
from vmspec.model.cpu import Cpu
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import BlockSource
from vmspec.model.domain import Domain
from vmspec.model.kinds import ObjectKind
from vmspec.model.memory import Memory
from vmspec.model.value import Size, Symbol

SOURCE = Source("main.vmspec", "vm a { }")


def vm(name: str = "a", *, resolve: bool = True, **features: Any) -> Vm:
    base: dict[str, Any] = {
        "name": name,
        "type": Symbol("kvm"),
        "os_type": Symbol("hvm"),
        "cpu": Cpu(count=2),
        "memory": Memory(size=Size(1 << 30)),
    }
    return Object(ObjectKind.VM, name, Domain(**base | features), Span(SOURCE, 0, 8), {}, {}, resolve=resolve)


def disk(label: str = "vda", **features: Any) -> Disk:
    base: dict[str, Any] = {"label": label, "source": BlockSource(path=f"/dev/vg0/{label}"), "target": label, "bus": Symbol("virtio")}
    return Disk(**base | features)


def names(found: tuple[Diagnostic, ...]) -> list[str]:
    return [d.code.name for d in found]


def test_a_clean_vm_has_nothing_to_say() -> None:
    assert check(Fleet((vm(disk=(disk(),)),))) == ()


def test_start_failures_warn_on_imported_definitions() -> None:
    image = disk(source=BlockSource(path="/srv/a.img", format="raw"))
    (error,) = check(Fleet((vm(disk=(image,)),)))
    (warning,) = check(Fleet((vm(resolve=False, machine=Symbol("pc-q35-7.2"), disk=(image,)),)))
    assert (error.severity, warning.severity) == (Severity.ERROR, Severity.WARNING)


def test_define_refusals_stay_errors_on_imported_definitions() -> None:
    (found,) = check(Fleet((vm(resolve=False, machine=Symbol("pc-q35-7.2"), disk=(disk(io="native", cache="writeback"),)),)))
    assert (found.code.name, found.severity) == ("disk-native-io-needs-direct-cache", Severity.ERROR)


def test_shared_blocks_are_looked_at_once_and_reported_for_each_vm() -> None:
    shared = disk(io="native", cache="writeback")
    checker = Checker()
    first, second = vm("a", disk=(shared,)), vm("b", disk=(shared,))
    assert names(tuple(checker.vm(first))) == names(tuple(checker.vm(second))) == ["disk-native-io-needs-direct-cache"]


def test_fleet_labels_point_into_the_other_object(tmp_path: Path) -> None:
    file = tmp_path / "main.vmspec"
    file.write_text(
        "vm a { memory.size = 1GiB; cpu.count = 1; vsock { cid = 7 } }\nvm b { memory.size = 1GiB; cpu.count = 1; vsock { cid = 7 } }\n"
    )
    (found,) = Compilation([file]).diagnostics
    assert found.code.number == 6006
    assert found.primary is not None and found.primary.source.text[: found.primary.start].count("\n") == 1
    assert [label.span.source.text[: label.span.start].count("\n") for label in found.labels] == [0]


def test_a_fix_replaces_the_value_that_was_written(tmp_path: Path) -> None:
    file = tmp_path / "main.vmspec"
    file.write_text('vm a { memory.size = 1GiB; cpu.count = 1; disk vda { source = block("/dev/vg0/a"); queue-size = 1000 } }\n')
    (found,) = Compilation([file]).diagnostics
    assert found.fix is not None
    (edit,) = found.fix.edits
    text = edit.span.source.text
    fixed = text[: edit.span.start] + edit.text + text[edit.span.end :]
    file.write_text(fixed)
    assert Compilation([file]).diagnostics == (), fixed


def test_the_order_is_that_of_the_source() -> None:
    fleet = Fleet((vm("a", disk=(disk(io="native", cache="writeback"), disk("vdb", cache="unsafe"))),))
    assert names(check(fleet)) == names(check(fleet))


def test_a_vm_takes_a_fraction_of_a_millisecond() -> None:
    vms = tuple(vm(f"v{i}", disk=(disk("vda", source=BlockSource(path=f"/dev/vg0/{i}")),)) for i in range(300))
    check(Fleet(vms[:2]))
    begin = time.process_time()
    check(Fleet(vms))
    assert (time.process_time() - begin) / len(vms) < 0.001
