"""`vmc import` and `vmc check` on XML: what is written, what is said, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from tests.importing.families import EXTRAS, WATCHDOG, domain
from tests.trees import difference, tree
from vmspec.cli.main import main
from vmspec.driver.compilation import Compilation
from vmspec.emit.domain import domain_xml


def emitted(folder: Path) -> dict[str, str]:
    compilation = Compilation([folder])
    assert not (*compilation.program_diagnostics, *compilation.settled_diagnostics)
    return {vm.name: domain_xml(vm.spec) for vm in compilation.typed.vms}


def write(folder: Path, *documents: str) -> Path:
    folder.mkdir()
    for number, text in enumerate(documents):
        (folder / f"{number:03}.xml").write_text(text, encoding="utf-8")
    return folder


def same_as(source: Path, out: Path) -> None:
    made = emitted(out)
    for file in sorted(source.glob("*.xml")):
        document = etree.fromstring(file.read_bytes())
        there, ours = tree(document), tree(etree.fromstring(made[str(document.findtext("name"))].encode()))
        assert there == ours, difference(there, ours)


def profiles(out: Path) -> list[str]:
    text = (out / "profiles.vmspec").read_text(encoding="utf-8")
    return [line.split()[1] for line in text.splitlines() if line.startswith("profile ")]


def test_a_directory_becomes_formatted_sources(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = f"<metadata><x xmlns='urn:x'>{'word ' * 40}</x></metadata>"
    source = write(tmp_path / "in", domain("a", 1), domain("b", 2).replace("<memory ", f"{long}<memory ", 1))
    assert main(["import", str(source), "-o", str(tmp_path / "out")]) == 0
    assert "kept as XML: metadata (b, " in capsys.readouterr().err
    assert main(["fmt", "--check", str(tmp_path / "out")]) == 0
    same_as(source, tmp_path / "out")


def test_fifty_alike_are_one_profile_and_short(tmp_path: Path) -> None:
    source = write(tmp_path / "in", *(domain(f"web-{n:02}", n, mib=2048 << n % 3) for n in range(50)))
    out = tmp_path / "out"
    assert main(["import", str(source), "-o", str(out), "--factor"]) == 0
    assert profiles(out) == ["web"]
    assert max(len((out / f"web-{n:02}.vmspec").read_text().splitlines()) for n in range(50)) <= 12
    assert main(["fmt", "--check", str(out)]) == 0
    same_as(source, out)


def test_two_templates_are_two_profiles(tmp_path: Path) -> None:
    mixed = [domain(f"{kind}-{n}", n + 100 * (kind == "db"), disks=1 if kind == "web" else 3, extra=EXTRAS * (kind == "db"))
             for n in range(25) for kind in ("web", "db")]  # fmt: skip
    source = write(tmp_path / "in", *mixed)
    assert main(["import", str(source), "-o", str(tmp_path / "out"), "--factor"]) == 0
    assert sorted(profiles(tmp_path / "out")) == ["db", "web"]
    same_as(source, tmp_path / "out")


def test_one_that_is_otherwise_keeps_its_meaning(tmp_path: Path) -> None:
    swapped = domain("web-7", 7, disks=2).replace("vda", "vdx").replace("vdb", "vda").replace("vdx", "vdb")
    lacking = domain("web-8", 8).replace("<clock offset='utc'><timer name='rtc' tickpolicy='catchup'/></clock>", "")
    alike = [domain(f"web-{n}", n, disks=2) for n in range(7)]
    source = write(tmp_path / "in", *alike, swapped, lacking, domain("web-9", 9, extra=WATCHDOG))
    assert main(["import", str(source), "-o", str(tmp_path / "out"), "--factor"]) == 0
    assert profiles(tmp_path / "out") == ["web"]
    same_as(source, tmp_path / "out")


def test_names_that_are_no_files(tmp_path: Path) -> None:
    names = ["a/b\\c", "..", "x" * 300, '${self.name} "q" # c', "-rf", "Web", "web", "profiles", "日本"]
    source = write(tmp_path / "in", *(f"<domain type='kvm'><name>{name}</name><memory>1048576</memory></domain>" for name in names))
    assert main(["import", str(source), "-o", str(tmp_path / "out")]) == 0
    found = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert len(found) == len(names) == len({name.casefold() for name in found})
    documents = {etree.fromstring(text.encode()).findtext("name") for text in emitted(tmp_path / "out").values()}
    assert documents == set(names)


@pytest.mark.parametrize(
    "data",
    [b"", b"<domain><name>x", b"<network/>", b"\x00\x01\xff", b"<!DOCTYPE d [<!ENTITY a 'b'>]><domain>&a;</domain>",
     b"<domain>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</domain>"],
    ids=["empty", "cut", "network", "binary", "doctype", "deep"],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["import", "check"])
def test_what_is_no_domain_is_said_with_its_place(data: bytes, verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.xml").write_bytes(data)
    assert main([verb, str(tmp_path / "x.xml"), "--output-format", "concise"]) == 1
    assert "x.xml:1:1: error[7004 not-a-domain]" in capsys.readouterr().err


def test_a_network_in_a_directory_is_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "in", domain("a", 1), "<network><name>n</name></network>")
    assert main(["import", str(source), "-o", str(tmp_path / "out")]) == 0
    assert "warning[7004" in capsys.readouterr().err and set(emitted(tmp_path / "out")) == {"a"}


def test_nothing_is_replaced(tmp_path: Path) -> None:
    source = write(tmp_path / "in", domain("a", 1), domain("b", 2))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b.vmspec").write_text("mine")
    assert main(["import", str(source), "-o", str(tmp_path / "out")]) == 2
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["b.vmspec"]


def test_a_link_to_a_domain_is_no_second_one(tmp_path: Path) -> None:
    source = write(tmp_path / "in", domain("a", 1))
    (source / "autostart").mkdir()
    (source / "autostart" / "a.xml").symlink_to(source / "000.xml")
    assert main(["import", str(source), "-o", str(tmp_path / "out")]) == 0
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["a.vmspec"]


def test_a_libvirt_without_its_binding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from vmspec.deploy import binding

    monkeypatch.setattr(binding, "_loaded", [])
    monkeypatch.setitem(__import__("sys").modules, "libvirt", None)
    assert main(["import", "test:///default"]) == 2
    assert "8001" in capsys.readouterr().err
