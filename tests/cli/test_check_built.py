"""`vmc check .` reads what people wrote; what a build made of it is passed over, unless it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.cli.main import main

SOURCE = "vm a { cpu.count = 1; memory.size = 1GiB }\nvm b { resolve = false; cpu.count = 1; memory.size = 1GiB; type = kvm }\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "vms.vmspec").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    assert main(["build", ".", "-o", "out"]) == 0
    return tmp_path


def test_the_output_is_passed_over(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "dumps").mkdir()
    (project / "dumps" / "a.xml").write_bytes((project / "out/domains/a.xml").read_bytes())
    capsys.readouterr()
    assert main(["check", ".", "--output-format", "concise"]) == 0
    assert ".xml" not in capsys.readouterr().err


def test_xml_that_is_named_is_checked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (project / "out/domains/b.xml").read_text()
    (project / "out/domains/b.xml").write_text(text.replace("kvm", "foo"))
    capsys.readouterr()
    assert main(["check", "out/domains/b.xml", "--output-format", "concise"]) == 1
    assert "out/domains/b.xml" in capsys.readouterr().err
    assert main(["check", "out", "--output-format", "concise"]) == 1


def test_documents_need_a_directory_or_sources(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["docs", "--output-format", "concise"]) == 2
    assert "6907" in capsys.readouterr().err
    assert not (project / "docs").exists()
