"""The rules against the real driver: what a DEFINE rule's Example shows, libvirt refuses; what its Instead shows, it accepts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vmspec.check.registry import VM
from vmspec.check.rule import Phase, Rule
from vmspec.driver.compilation import Compilation
from vmspec.emit.domain import domain_xml

if TYPE_CHECKING:
    from tests.real.embedded import Hypervisor

ELSEWHERE = {
    "tcg-cache": "KVM is not to be had here, so the Example runs as type qemu, where it is right",
    "cpu-cachetune-overlap": "cachetune needs KVM",
    "cachetune-needs-kvm": "cachetune needs KVM",
    "interface-passt-source": "Debian's libvirt is built without passt",
    "disk-iothread-map": "the map came with libvirt 10.0.0",
    "controller-iothread-map": "the map came with libvirt 11.2.0",
    "ps2-off": "the switch came with libvirt 10.7.0; tests/real/test_newer.py runs newer ones",
}


def rules() -> list[Rule]:
    """Those that libvirt decides at define, on definitions whose every part we emit."""
    found = {rule for subject in VM for rule in subject.all() if rule.phase is Phase.DEFINE and rule.code.name not in ELSEWHERE}
    return sorted((r for r in found if "resolve = false" not in r.code.page), key=lambda r: r.code.number)


def definition(program: str, folder: Path) -> str:
    file = folder / "main.vmspec"
    file.write_text(program + "\n", encoding="utf-8")
    return domain_xml(Compilation([file]).fleet.vms[0].spec).replace('type="kvm"', 'type="qemu"').replace("type='kvm'", "type='qemu'")


def test_examples_are_refused_at_define(guests: Hypervisor, tmp_path: Path) -> None:
    accepted = []
    for rule in rules():
        verdict = guests.define(definition(rule.code.section("Example"), tmp_path))
        if verdict.ok:
            accepted.append(str(rule.code))
            guests.remove(verdict.name)
    assert accepted == []


def test_what_stands_instead_is_accepted_at_define(guests: Hypervisor, tmp_path: Path) -> None:
    refused = []
    for rule in rules():
        verdict = guests.define(definition(rule.code.section("Instead"), tmp_path))
        if verdict.ok:
            guests.remove(verdict.name)
        else:
            refused.append(f"{rule.code}: {verdict.error}")
    assert refused == []
