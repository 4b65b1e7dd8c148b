"""Schema checks: what they accept, and that what they refuse is found at its line."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from tests.validate.older import older_schemas
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.provenance import Step, StepKind
from vmspec.base.source import Source, Span
from vmspec.driver.compilation import Compilation
from vmspec.emit.artifact import Artifact, no_marks
from vmspec.model.domain import Domain
from vmspec.model.kinds import ObjectKind
from vmspec.model.layout import layout
from vmspec.validate import codes, xsd, xsd_cache
from vmspec.validate.folders import INSTALLED
from vmspec.validate.identity import BUT_SHARED, CONSTRAINTS, DEVICES
from vmspec.validate.places import place_of, span_at
from vmspec.validate.relaxng import culprits, load
from vmspec.validate.schemas import Schemas

EXAMPLES = Path(__file__).parents[2] / "examples"
SOURCE = Source("main.vmspec", "vm a {\n  one\n  two\n  three\n}\n")
VM = Span(SOURCE, 0, 4)


def line(number: int) -> Span:
    start = SOURCE.line_starts[number - 1]
    return Span(SOURCE, start + 2, start + 2 + len(SOURCE.line_text(number).strip()))


@cache
def domains() -> tuple[Artifact, ...]:
    return tuple(a for a in Compilation([EXAMPLES]).artifacts() if a.kind is ObjectKind.VM)


def artifact(data: str, marks: dict[str, Span] | None = None, **more: object) -> Artifact:
    made = tuple((place, (Step(StepKind.SET, "vm a", span),)) for place, span in (marks or {}).items())
    return Artifact("domains/a.xml", data.encode(), VM, (lambda: made) if made else no_marks, object="a", **more)  # type: ignore[arg-type]


def check(found: Artifact, schemas: Schemas | None = None) -> list[Diagnostic]:
    return (schemas or Schemas(())).check(found, lambda address, within: None)


def valid() -> str:
    """A domain that we emit, of which tests break a part."""
    return next(a for a in domains() if b"<disk" in a.data and b"<interface" in a.data and b"<iothreads" not in a.data).data.decode()


# ---------------------------------------------------------------------------------------------- our own


def test_every_example_meets_it() -> None:
    assert len(domains()) > 15
    for each in domains():
        assert check(each) == [], each.path


def test_it_is_the_same_each_time_and_in_every_run() -> None:
    assert xsd.text() == xsd.text()
    assert " at 0x" not in xsd.text()


def test_xmlschema_reads_it_too() -> None:
    import xmlschema

    schema = xmlschema.XMLSchema(xsd.text())
    for each in domains()[:3]:
        assert schema.is_valid(each.data.decode())


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"<memory unit='KiB'>\d+<", "<memory unit='KiB'>much<"),
        (r"<memory unit='KiB'>", "<memory unit='parsec'>"),
        (r"<devices>", "<devices><toaster/>"),
        (r"<disk device='disk'", "<disk device='disc'"),
        (r"<vcpu ", "<vcpu colour='red' "),
        (r"<on_crash>.*?</on_crash>", "<on_crash>shrug</on_crash>"),
    ],
)
def test_what_it_refuses(pattern: str, instead: str) -> None:
    broken = re.sub(pattern, instead, valid(), count=1)
    assert broken != valid()
    found = check(artifact(broken))
    assert found
    assert {d.code for d in found} == {codes.OWN_SCHEMA_MISMATCH}


def test_order_is_that_of_emission() -> None:
    assert check(artifact("<domain type='kvm'><vcpu>1</vcpu><name>a</name></domain>"))[0].code is codes.OWN_SCHEMA_MISMATCH


DRIVE = "<address type='drive' controller='0' bus='0' target='0' unit='0'/>"
IDENTITY = {
    "disk-target": "<devices><disk><target dev='vda'/></disk><disk><target dev='vda'/></disk></devices>",
    "alias": "<devices><disk><alias name='ua-x'/></disk><interface><alias name='ua-x'/></interface></devices>",
    "pci-address": "<devices><disk>{0}</disk><interface>{0}</interface></devices>".format(
        "<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>"
    ),
    "drive-address": "<devices>{}{}</devices>".format(
        f"<disk><target dev='sda' bus='scsi'/>{DRIVE}</disk>", f"<disk><target dev='sdb' bus='scsi'/>{DRIVE}</disk>"
    ),
    "mac-address": "<devices><interface>{0}</interface><interface>{0}</interface></devices>".format("<mac address='52:54:00:00:00:01'/>"),
    "boot-order": "<devices><disk><boot order='1'/></disk><interface><boot order='1'/></interface></devices>",
    "vcpupin": "<cputune><vcpupin vcpu='0' cpuset='1'/><vcpupin vcpu='0' cpuset='2'/></cputune>",
    "cell": "<cpu><numa><cell id='0'/><cell id='0'/></numa></cpu>",
    "memnode-cell": "<numatune><memnode cellid='1' mode='strict' nodeset='0'/></numatune><cpu><numa><cell id='0'/></numa></cpu>",
    "distance-cell": "<cpu><numa><cell id='0'><distances><sibling id='3' value='20'/></distances></cell></numa></cpu>",
    "disk-iothread": "<devices><disk><driver iothread='2'/></disk></devices>",
    "iothreadpin-id": "<cputune><iothreadpin iothread='7' cpuset='1'/></cputune>",
}


@pytest.mark.parametrize("name", IDENTITY)
def test_identity(name: str) -> None:
    found = check(artifact(f"<domain>{IDENTITY[name]}</domain>", {"/domain/devices": line(2)}))
    says = next(c.says for c in CONSTRAINTS if c.name == name)
    assert [d.code for d in found] == [codes.IDENTITY], found
    assert says in found[0].message


def test_what_is_the_same_only_by_name_is_no_clash() -> None:
    disks = f"<disk><target dev='sda' bus='scsi'/>{DRIVE}</disk><disk><target dev='sdb' bus='sata'/>{DRIVE}</disk>"
    assert check(artifact(f"<domain><devices>{disks}</devices></domain>")) == []
    twins = "<devices><serial><alias name='ua-s'/></serial><console><alias name='ua-s'/></console></devices>"
    assert check(artifact(f"<domain>{twins}</domain>")) == []
    counted = "<iothreads>2</iothreads><devices><disk><driver iothread='2'/></disk></devices>"
    assert check(artifact(f"<domain>{counted}</domain>")) == []


def test_of_an_imported_domain_identity_is_libvirt_s_affair() -> None:
    assert check(artifact(f"<domain>{IDENTITY['disk-target']}</domain>", imported=True)) == []


def test_the_constraints_name_what_the_model_has() -> None:
    """A misspelt path would never match, and so never complain."""
    root = layout(Domain).root
    document = etree.fromstring(xsd.text().encode())
    namespace = {"xs": "http://www.w3.org/2001/XMLSchema"}
    types = {each.get("name"): each for each in document.iterfind("xs:complexType", namespace)}

    def step(type_: etree._Element, name: str) -> etree._Element | None:
        found = type_.find(f".//xs:element[@name='{name}']", namespace)
        return None if found is None else types[found.get("type")]

    start = types[document.find("xs:element", namespace).get("type")]  # type: ignore[union-attr]
    assert root.step.name == "domain"
    for constraint in CONSTRAINTS:
        at: etree._Element | None = step(start, "devices") if constraint.within == DEVICES else start
        steps = constraint.selector.split("/") if constraint.selector not in ("*", BUT_SHARED) else ["disk"]
        for name in steps:
            assert at is not None, constraint.name
            at = step(at, name)
        for field in constraint.fields:
            inner = at
            *path, last = field.split("/")
            for name in path:
                assert inner is not None, f"{constraint.name}: {field}"
                inner = step(inner, name)
            assert inner is not None, f"{constraint.name}: {field}"
            if last.startswith("@") and "devno" not in last and "ssid" not in last:
                assert inner.find(f".//xs:attribute[@name='{last[1:]}']", namespace) is not None, f"{constraint.name}: {field}"


# ---------------------------------------------------------------------------------------------- libvirt's


@cache
def installed() -> Schemas:
    schemas, wrong = Schemas.load((INSTALLED,))
    assert not wrong
    return schemas


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Schemas:
    """Those of a libvirt before some of the words that the model has."""
    schemas, wrong = Schemas.load((older_schemas(tmp_path_factory.mktemp("older")),))
    assert not wrong
    return schemas


needs_schemas = pytest.mark.needs("schemas")


def places(broken: str) -> list[str]:
    document = etree.fromstring(broken.encode())
    grammar = load(INSTALLED)
    assert not isinstance(grammar, str)
    assert not grammar.valid(document)
    before = etree.tostring(document)
    found = [place_of(element) + (f"/@{attribute}" if attribute else "") for element, attribute in culprits(grammar, document)]
    assert etree.tostring(document) == before
    return found


@needs_schemas
def test_every_example_meets_libvirt_s() -> None:
    for each in domains():
        assert check(each, installed()) == [], each.path


@needs_schemas
@pytest.mark.parametrize(
    ("pattern", "instead", "culprit"),
    [
        (r"<devices>", "<devices><toaster/>", ["/domain/devices/toaster"]),
        (r"<vcpu ", "<vcpu colour='red' ", ["/domain/vcpu/@colour"]),
        (r"<on_crash>.*?</on_crash>", "<on_crash>shrug</on_crash>", ["/domain/on_crash"]),
        (r"(?s)<vcpu (.*)<devices>", r"<vcpu colour='red' \1<devices><toaster/>", ["/domain/vcpu/@colour", "/domain/devices/toaster"]),
        (
            r"(?s)</type>(.*)<on_crash>.*?</on_crash>(.*)<devices>",
            r"</type><loader shape='round'>/a</loader>\1<on_crash>shrug</on_crash>\2<devices><toaster/>",
            ["/domain/os/loader/@shape", "/domain/on_crash", "/domain/devices/toaster"],
        ),
    ],
)
def test_the_culprit_is_found(pattern: str, instead: str, culprit: list[str]) -> None:
    assert sorted(places(re.sub(pattern, instead, valid(), count=1))) == sorted(culprit)


@needs_schemas
def test_it_is_reported_at_the_line_that_made_it() -> None:
    broken = valid().replace("<devices>", "<devices><toaster/>")
    found = check(artifact(broken, {"/domain/devices/toaster": line(3)}), installed())
    ours = [d for d in found if d.code is codes.SCHEMA_MISMATCH]
    assert [d.primary for d in ours] == [line(3)]
    assert "/domain/devices/toaster" in ours[0].message


@needs_schemas
def test_what_nothing_was_added_to_is_the_user_s() -> None:
    """Of a domain with `resolve = false`: what the schema refuses is no bug of ours, and define takes it without `--validate`."""
    found = check(artifact("<domain><name>v</name><memory>1024</memory></domain>", imported=True), installed())
    assert [(d.code.number, d.severity.value) for d in found] == [(7005, "warning")]


@needs_schemas
@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("<devices><watchdog model='itco'/>", "watchdog.watchdog0.model = itco"),
        ("<devices><sound model='virtio'/>", "sound.sound0.model = virtio"),
        ("<features><hyperv mode='custom'><xmm_input state='on'/></hyperv></features><devices>", "hyperv.xmm-input"),
    ],
)
def test_a_word_of_a_newer_libvirt_is_refused(older: Schemas, part: str, said: str) -> None:
    """The parser reads it; a new attribute it drops."""
    plain = re.sub(r"(?s)<features>.*</features>", "", valid())
    found = check(artifact(plain.replace("<devices>", part), imported=True), older)
    of_libvirt = [d for d in found if d.code is not codes.OWN_SCHEMA_MISMATCH]
    assert [(d.code.number, d.severity.value) for d in of_libvirt] == [(7006, "error")]
    assert said in of_libvirt[0].message


@needs_schemas
def test_an_attribute_of_a_newer_libvirt_is_dropped(older: Schemas) -> None:
    found = check(artifact(valid().replace("<devices>", "<devices><sound model='usb' streams='2'/>"), imported=True), older)
    of_libvirt = [d for d in found if d.code is not codes.OWN_SCHEMA_MISMATCH]
    assert [(d.code.number, d.severity.value) for d in of_libvirt] == [(7005, "warning")]


@needs_schemas
def test_of_what_is_built_it_is_a_warning_at_its_line(older: Schemas) -> None:
    """The host may have a newer libvirt than the machine that builds."""
    data = valid().replace("<devices>", "<devices><sound model='virtio'/>")
    found = check(artifact(data, {"/domain/devices/sound/@model": line(3)}), older)
    of_libvirt = [d for d in found if d.code is not codes.OWN_SCHEMA_MISMATCH]
    assert [(d.code.number, d.severity.value, d.primary) for d in of_libvirt] == [(7006, "warning", line(3))]


@needs_schemas
def test_a_raw_part_is_the_user_s() -> None:
    broken = valid().replace("<devices>", "<devices><toaster/>")
    found = check(artifact(broken, raw=(("/domain/devices", line(4)),), typed=valid().encode()), installed())
    assert [(d.code, d.primary) for d in found] == [(codes.RAW_REFUSED, line(4))]


def test_a_raw_part_that_is_no_xml() -> None:
    found = check(artifact("<domain><a></domain>", raw=(("/domain", line(4)),), typed=b"<domain/>"))
    assert [(d.code, d.primary) for d in found] == [(codes.RAW_REFUSED, line(4))]


def test_a_raw_part_from_a_source(tmp_path: Path) -> None:
    text = 'vm a {\n  cpu.count = 1\n  memory.size = 1GiB\n  xml = """<toaster/>"""\n}\n'
    (tmp_path / "main.vmspec").write_text(text)
    compilation = Compilation([tmp_path])
    assert [d.message for d in compilation.diagnostics if d.severity.value == "error"] == []
    made = next(iter(compilation.artifacts()))
    assert made.typed is not None
    assert b"toaster" not in made.typed
    assert b"<toaster/>" in made.data
    assert made.raw[0][0] == "/domain"
    assert made.raw[0][1].source.path == "main.vmspec"
    assert check(made) == []


def test_a_directory_without_schemas() -> None:
    schemas, wrong = Schemas.load((Path("/nonexistent"),))
    assert schemas.grammars == ()
    assert [d.code for d in wrong] == [codes.NO_SCHEMA]


def test_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    data = f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]><domain><name>&x;</name></domain>'
    assert "s3cret" not in "".join(f"{d.message}{d.notes}" for d in check(artifact(data)))


# ---------------------------------------------------------------------------------------------- places


def test_where_a_place_leads() -> None:
    found = artifact("<domain/>", {"/domain/devices/disk[1]/target/@dev": line(2), "/domain/devices/disk[2]/target/@dev": line(3)})
    assert span_at(found, "/domain/devices/disk/target/@dev", lambda a, b: None) == line(2)
    assert span_at(found, "/domain/devices/disk[2]", lambda a, b: None) == line(3)
    assert span_at(found, "/domain/devices/disk[2]/target/@bus", lambda a, b: None) == line(3)
    assert span_at(found, "/domain/features", lambda a, b: None) == VM


def test_the_shipped_text_is_what_is_made() -> None:
    assert xsd_cache.text(True) == xsd.text(identity=True)
    assert xsd_cache.text(False) == xsd.text(identity=False)
