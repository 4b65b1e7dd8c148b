"""Packet filters and secrets of libvirt as sources: what is emitted says what was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus.fetch import source_tree
from vmspec.base.diagnostic import has_errors
from vmspec.driver.compilation import Compilation
from vmspec.emit.emit import emit
from vmspec.importing.others import OtherDefinition, read_others
from vmspec.normal.xml_tree import xml_tree

FILTER = """<filter name='lab' chain='ipv4' priority='-700'>
  <rule action='return' direction='out' priority='100'><tcp srcipaddr='$IP' dstportstart='0x16' state='NEW,ESTABLISHED'/></rule>
  <rule action='drop' direction='inout'><icmp/></rule>
  <!-- nothing else -->
  <rule action='drop' direction='in'/>
  <filterref filter='clean-traffic'><parameter name='IP' value='10.0.0.1'/></filterref>
</filter>
"""
SECRET = """<secret ephemeral='no' private='yes'>
  <uuid>f52a81b2-424e-490c-823d-6bd4235bc572</uuid><usage type='iscsi'><target>libvirtiscsi</target></usage>
</secret>
"""


def read(folder: Path, **texts: str) -> tuple[OtherDefinition, ...]:
    files = [folder / f"{name}.xml" for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        file.write_text(text)
    return read_others(files)[0]


def emitted(folder: Path, other: OtherDefinition) -> str:
    folder.mkdir(parents=True)
    (folder / "a.vmspec").write_text(other.text)
    made = Compilation([str(folder)])
    found = (*made.program_diagnostics, *made.settled_diagnostics)
    assert not has_errors(found), (other.source.path, found)
    return next(emit(made.fleet)).data.decode()


def test_a_filter_and_a_secret_come_out_as_they_went_in(tmp_path: Path) -> None:
    lab, iscsi = read(tmp_path, lab=FILTER, other=SECRET)
    assert (lab.kind, lab.label, iscsi.kind, iscsi.label) == ("nwfilter", "lab", "secret", "libvirtiscsi")
    assert lab.reordered and "# nothing else" in lab.text and "icmp.any = true" in lab.text and "tcp.any" not in lab.text
    for number, (other, text) in enumerate(((lab, FILTER), (iscsi, SECRET))):
        assert xml_tree(emitted(tmp_path / str(number), other)) == xml_tree(text)


def test_names_are_told_apart_by_kind(tmp_path: Path) -> None:
    found = read(tmp_path, a="<filter name='x'/>", b="<filter name='x'/>", c="<secret><usage type='ceph'><name>x</name></usage></secret>")
    assert [(each.kind.value, each.label) for each in found] == [("nwfilter", "x"), ("nwfilter", "x-2"), ("secret", "x")]
    assert 'name = "x"' in found[1].text and "name" not in found[0].text


def test_what_is_of_another_kind_is_left(tmp_path: Path) -> None:
    (tmp_path / "n.xml").write_text("<network><name>n</name></network>")
    (tmp_path / "d.xml").write_text("<!DOCTYPE a><filter name='x'/>")
    files = [tmp_path / "n.xml", tmp_path / "d.xml", tmp_path / "none.xml"]
    assert read_others(files) == ((), tuple(files))


@pytest.mark.parametrize("folder", ["src/nwfilter/xml", "tests/nwfilterxml2xmlin", "tests/secretxml2xmlin"])
def test_libvirts_own(folder: str, tmp_path: Path) -> None:
    found, rest = read_others(sorted((source_tree() / folder).glob("*.xml")))
    assert found and not rest
    for number, other in enumerate(found):
        assert xml_tree(emitted(tmp_path / str(number), other)) == xml_tree(Path(other.source.path).read_text()), other.source.path
