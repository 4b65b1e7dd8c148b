"""What the rules know of QEMU refuses nothing in a domain of another driver."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.accepted import ACCEPTED
from tests.check.refused import REFUSED
from vmspec.cli.main import main

DISK = "<devices><disk type='block'><driver name='phy'/><source dev='/dev/vg/a'/><target dev='xvda' bus='xen'/></disk></devices>"


@pytest.mark.parametrize(("kind", "code"), [("xen", 0), ("kvm", 1)])
def test_a_disk_driver_of_xen(kind: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"<domain type='{kind}'><name>a</name><memory>1048576</memory><vcpu>1</vcpu><os><type>hvm</type></os>{DISK}</domain>"
    (tmp_path / "a.xml").write_text(text)
    assert main(["check", str(tmp_path / "a.xml"), "--output-format", "concise"]) == code
    assert f"a.xml:1:1: {'error' if code else 'warning'}[4340 disk-driver-name]" in capsys.readouterr().err


@pytest.mark.parametrize("name", ACCEPTED)
def test_no_error_on_what_libvirt_accepts(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.xml").write_text(ACCEPTED[name])
    code = main(["check", str(tmp_path / "a.xml"), "--output-format", "concise"])
    assert code == 0, capsys.readouterr().err


@pytest.mark.parametrize("name", REFUSED)
def test_an_error_on_what_libvirt_refuses_at_parse(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.xml").write_text(REFUSED[name])
    assert main(["check", str(tmp_path / "a.xml"), "--output-format", "concise"]) == 1
    assert capsys.readouterr().err.count("error[") == 1
