"""What an import says beside the values: lines, labels, comments, leftovers, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importing.test_round_trip import CASES, read
from vmspec.base.source import Source, position
from vmspec.importing.domain import read_domain, vm_of
from vmspec.importing.source import label_for, vm_source
from vmspec.importing.xml import NotXml, parse
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet, Size


@pytest.fixture(scope="module")
def odd() -> bytes:
    return (CASES / "oddities.xml").read_bytes()


def test_every_feature_knows_its_line(odd: bytes) -> None:
    known = read(odd)
    text = odd.decode().splitlines()
    for path, needle in {
        ("cpu", "max"): "<vcpu placement",
        ("vcpu", "1", "pin"): "<vcpupin vcpu='1'",
        ("disk", "vda"): "<disk type='file'",
        ("disk", "vda", "source", "path"): "<source file=",
        ("interface", "eth0", "queues"): "<driver name='vhost'",
        ("cpu", "features", "rdtscp"): "<feature policy",
        ("memory", "hugepages"): "<hugepages/>",
    }.items():
        line = position(known.spans[path].source, known.spans[path].start).line
        assert needle in text[line - 1], (path, text[line - 1])


def test_values_are_typed_and_odd_spellings_kept(odd: bytes) -> None:
    domain = read(odd).domain
    assert domain.memory is not None and domain.cpu is not None
    assert domain.memory.size == Size(2**30) and dict(domain.memory.spelling)["size"] == "1048576"
    assert domain.memory.hugepages is True
    assert (domain.cpu.count, domain.cpu.max) == (2, 4)
    assert domain.cpu.cpuset == CpuSet.of([0, 1, 3])
    assert [vcpu.label for vcpu in domain.vcpu] == ["0", "1"]
    assert domain.features is not None and domain.features.pmu is True


def test_what_no_line_claims_is_listed(odd: bytes) -> None:
    found = {(each.block, each.place): each.part for each in read(odd).untyped}
    assert found[("vcpu", "1"), "cputune/vcpupin[@vcpu=$label]/@unknown"] == "kept"
    assert found[(), "memoryBacking"] == '<future mode="1">text &amp; more</future>'
    assert found[(), "devices"] == '<new-device kind="x"><inner/></new-device>'
    assert "with its tail" in found[(), "metadata"]


def test_comments_stand_near_what_they_are_about(odd: bytes) -> None:
    known = read(odd)
    assert [c.text.strip() for c in known.comments] == ["before the domain", "a comment near the pin"]
    lines = vm_source(known.domain, label_for(known.domain), known.comments).splitlines()
    assert "# before the domain" in lines[1]
    at = next(number for number, line in enumerate(lines) if "near the pin" in line)
    assert lines[at + 1].strip().startswith("emulator")


def test_labels_are_unique_and_deterministic() -> None:
    domain = read((CASES / "groups.xml").read_bytes()).domain
    assert [disk.label for disk in domain.disk] == ["sda", "sda-2"]
    assert [label.label for label in domain.seclabel] == ["seclabel0", "seclabel1"]


@pytest.mark.parametrize(("name", "label"), [("a/b", "a_b"), ("..", "vm"), (None, "vm"), ("a b", "a b")])
def test_a_name_that_is_no_file(name: str | None, label: str) -> None:
    assert label_for(Domain(name=name)) == label


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<domain>",
        b"\x00",
        b"<!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain><name>&x;</name></domain>",
        b"<!DOCTYPE domain [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><domain>&b;</domain>",
        b"<domain>&undefined;</domain>",
    ],
)
def test_what_is_no_xml_for_us(data: bytes) -> None:
    with pytest.raises(NotXml):
        parse(data)


def test_another_root_element() -> None:
    with pytest.raises(ValueError, match="network"):
        read_domain(b"<network/>", Source("x.xml", "<network/>"))


def test_the_cases_are_where_they_are_looked_for() -> None:
    assert len(list(Path(CASES).glob("*.xml"))) >= 2


def test_rules_can_point_into_the_xml(odd: bytes) -> None:
    vm = vm_of(read(odd), "odd")
    assert not vm.resolve and vm.where(("disk", "vda", "no-such-feature")).text.startswith("<disk type='file'")
    assert vm.where(("cpu", "max")).text.startswith("<vcpu ")


def test_pins_of_all_vcpus_are_one_list() -> None:
    domain = read((CASES / "pins.xml").read_bytes()).domain
    lines = [line.strip() for line in vm_source(domain, "pins").splitlines()]
    assert "pin = [2, 10, 3 | 5 | 6, 11]" in lines or "pin = [2, 10, 3 | 5-6, 11]" in lines
    assert not any(line.startswith("vcpu ") for line in lines)
