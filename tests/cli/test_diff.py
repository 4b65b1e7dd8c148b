"""`vmc diff`: what a change of the sources does, by revision, by class, and for an imported VM that is to be resolved."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from vmspec.cli.main import main

BEFORE = """\
host n1 { libvirt = "9.0.0"; os = debian; reserve.cpus = 0-1; numa 0 { cpus = 0-7; memory = 32GiB } }
profile p { cpu.mode = host-model; host.sysctl { vm.swappiness = 1 } }
vm a extends p { place = host(n1); memory.size = 2GiB; cpu { count = 2; pin = 2-3 }; disk vda { source = block("/dev/vg/a") } }
vm b extends p { memory.size = 2GiB; cpu.count = 1; disk vda { source = block("/dev/vg/b") } }
"""
AFTER = BEFORE.replace("pin = 2-3", "pin = 4-5").replace("= 1 }", "= 10 }").replace("vm b ", "vm c ").replace("/vg/a", "/vg/new")


def git(*words: str) -> None:
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.vmspec").write_text(BEFORE)
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    return tmp_path


def changes(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, tuple[str, int | None]]]:
    capsys.readouterr()
    assert main(["diff", *words, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    return {o["name"]: {c["path"]: (c["class"], c["line"]) for c in o["changes"]} or {o["fate"]: ("", None)} for o in found["objects"]}


def test_nothing_has_changed(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "--exit-code"]) == 0
    assert capsys.readouterr().out == "The outputs are the same.\n"


def test_the_work_tree_and_revisions(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.vmspec").write_text(AFTER)
    found = changes(capsys)
    assert found["a"] == {"vcpu.0.pin": ("live", 3), "vcpu.1.pin": ("live", 3), "disk.vda.source.path": ("next-boot", 3)}
    assert found["b"] == {"removed": ("", None)} and found["c"] == {"added": ("", None)}
    assert [effect for effect, _ in found["n1"].values()] == ["live"]
    assert main(["diff", "--exit-code"]) == 3
    git("commit", "-qam", "two")
    assert changes(capsys, "HEAD~1..HEAD") == found == changes(capsys, "HEAD~1")
    assert changes(capsys) == {}


def test_errors_of_a_revision_are_in_its_files(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.vmspec").write_text("vm a { cpuu = 1 }\n")
    git("commit", "-qam", "broken")
    Path("a.vmspec").write_text(BEFORE)
    capsys.readouterr()
    assert main(["diff", "--output-format", "concise"]) == 1
    assert capsys.readouterr().err.startswith("HEAD:a.vmspec:1:8: error[1001")


def test_a_revision_that_is_none(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "nosuch"]) == 2
    assert "1904" in capsys.readouterr().err


def test_what_resolution_would_add(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    disk = 'disk vda { source = file("/i.qcow2", format = qcow2); target = vda }'
    text = f"vm old {{ resolve = false; type = kvm; memory.size = 1GiB; cpu.count = 1; {disk} }}"
    Path("old.vmspec").write_text(text + "\n")
    found = changes(capsys, "--resolve", "old")
    assert set(found) == {"old"} and found["old"]["uuid"][0] == "guest-abi" and found["old"]["machine"][0] == "guest-abi"
    assert main(["diff", "--resolve", "a"]) == 1
    assert Path("old.vmspec").read_text() == text + "\n"


def test_only_what_the_guest_would_see_of_resolution_is_told(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = "uuid = 8d6cbd4d-2c3f-4d6e-9e3a-0c1d2e3f4a5b; machine = pc-q35-7.2; arch = x86_64; os-type = hvm; features.acpi = true"
    disk = 'disk vda { device = disk; source = file("/images/a.qcow2", format = qcow2); target = vda; bus = virtio }'
    text = f"vm old {{ resolve = false; type = kvm; {said}; memory.size = 1GiB; cpu.count = 1; {disk} }}"
    Path("old.vmspec").write_text(text + "\n")
    found = changes(capsys, "--resolve", "old")["old"]
    # libvirt adds a mouse, a keyboard, a balloon and a backend for sound to both; aliases and metadata are the host's.
    assert not [
        path for path in found if path.startswith(("input", "audio", "origin", "cpu.", "memory.balloon.model")) or path.endswith(".alias")
    ]
    assert {each[0] for each in found.values()} <= {"guest-abi"}


def test_whose_password_it_is_and_never_which(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head, tail = "param $pw: secret\nparam $other: secret\n", " vm v { memory.size = 1GiB; cpu.count = 1; graphics s { type = vnc; PW } }\n"
    texts = ["passwd = $pw", "passwd = $other", 'passwd = "horse"', 'passwd = "cow"', "port = 5901", "passwd = $pw"]
    said = []
    for number, text in enumerate(texts):
        Path("a.vmspec").write_text(head + tail.replace("PW", text))
        if number:
            assert main(["diff", "--format", "json"]) == 0
            said.append(capsys.readouterr().out)
        git("commit", "-qam", "next")
    found = [
        [(c["before"], c["after"], c["class"]) for o in json.loads(out)["objects"] for c in o["changes"] if "passwd" in c["path"]]
        for out in said
    ]
    assert found == [
        [("$pw", "$other", "live")],
        [("$other", "(secret)", "live")],
        [("(secret)", "(secret)", "live")],
        [("(secret)", None, "next-boot")],
        [(None, "$pw", "next-boot")],
    ]
    assert not any(word in "".join(said) for word in ("horse", "cow"))
