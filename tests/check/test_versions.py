"""Findings that hang on libvirt's version: by host, by target, by the oldest host, and where nobody says."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.diagnostic import Severity
from vmspec.driver.compilation import BuildOptions, Compilation
from vmspec.importing.check_paths import check_paths
from vmspec.model.target import Software, version

EFI = """
vm g {
  %s memory.size = 512MiB; cpu.count = 1; machine = q35; features.acpi = true
  firmware { type = efi; loader = "/usr/share/OVMF/OVMF_CODE_4M.fd"; nvram { path = "/var/lib/libvirt/qemu/nvram/g.fd" } }
}
"""
POLL = "vm g { %s memory.size = 512MiB; cpu.count = 1; iothread 1 { poll-max = 20us } }"
PIPEWIRE = "vm g { %s memory.size = 512MiB; cpu.count = 1; audio a { type = pipewire } }"
HOST = 'host h { libvirt = "%s"; numa 0 { cpus = 0-3; memory = 4GiB } }\n'
XML = """<domain type='kvm'><name>g</name><memory>524288</memory><vcpu>2</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os>
<features><acpi/><hyperv><vpindex state='on'/><synic state='on'/><stimer state='on'/></hyperv></features></domain>"""


def codes(tmp_path: Path, text: str, libvirt: str = "", project: str = "") -> list[tuple[int, str]]:
    (tmp_path / "main.vmspec").write_text(text, encoding="utf-8")
    (tmp_path / "vmspec.toml").write_text(f'id = "x"\n{project}', encoding="utf-8")
    found = Compilation([tmp_path / "main.vmspec"], BuildOptions(target=Software(libvirt=version(libvirt)))).diagnostics
    return [(each.code.number, each.severity.value) for each in found if each.code.number in (4601, 6000, 5014)]


@pytest.mark.parametrize(
    ("libvirt", "expected"),
    [("9.0", [(4601, "error")]), ("9.1.0", [(4601, "error")]), ("9.2", []), ("12.9", []), ("", [(4601, "warning")])],
)
def test_what_newer_versions_take_is_refused_for_older_ones(tmp_path: Path, libvirt: str, expected: list[tuple[int, str]]) -> None:
    assert codes(tmp_path, EFI % "", libvirt) == expected
    if libvirt:
        assert codes(tmp_path, HOST % libvirt + EFI % "place = host(h);") == expected
        assert codes(tmp_path, EFI % "", project=f'[target]\nlibvirt = "{libvirt}"') == expected


def test_the_host_goes_before_the_call_and_the_call_before_the_project(tmp_path: Path) -> None:
    assert codes(tmp_path, HOST % "9.0.0" + EFI % "place = host(h);", "12.9") == [(4601, "error")]
    assert codes(tmp_path, EFI % "", "12.9", '[target]\nos = "debian-12"') == []
    assert codes(tmp_path, EFI % "", "", '[target]\nos = "debian-12"') == [(4601, "error")]


def test_a_vm_on_no_host_is_for_the_oldest_of_them(tmp_path: Path) -> None:
    new = (HOST % "12.0.0").replace("host h", "host n")
    assert codes(tmp_path, HOST % "9.0.0" + new + EFI % "") == [(4601, "error")]
    assert codes(tmp_path, new + EFI % "") == []


@pytest.mark.parametrize("text", [POLL, PIPEWIRE])
def test_newer_features_and_words_are_told_of_the_version_that_is_meant(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, text % "", "9.0") == [(6000, "error")]
    assert codes(tmp_path, text % "", "9.10") == []
    assert codes(tmp_path, text % "") == []
    assert codes(tmp_path, HOST % "9.0.0" + text % "place = host(h);") == [(5014, "error")]


@pytest.mark.parametrize(("libvirt", "expected"), [("11.3", Severity.WARNING), ("11.9", Severity.ERROR), ("", Severity.WARNING)])
def test_what_newer_versions_refuse_is_an_error_of_theirs(tmp_path: Path, libvirt: str, expected: Severity) -> None:
    (tmp_path / "g.xml").write_text(XML, encoding="utf-8")
    found = check_paths([tmp_path / "g.xml"], BuildOptions(target=Software(libvirt=version(libvirt)))).diagnostics
    assert [each.severity for each in found if each.code.number == 4712] == [expected]
