"""Somebody else's checkout: looking at it, building it and formatting it reads and writes nothing outside of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.test_cli import vmc

VM = "vm a { cpu.count = 1; memory.size = 1GiB }\n"
SECRET = "c2VjcmV0"
HOST = 'host n1 {{ facts = "{}" }}\nvm a {{ cpu.count = 1; memory.size = 1GiB; place = host(n1); description = $host.facts.auth }}\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "victim").write_text(f'{{"auth": "{SECRET}"}}\n')
    (tmp_path / "checkout").mkdir()
    return tmp_path / "checkout"


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def say(folder: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "vmspec.cli.main", *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode >= 0, "killed by a signal"
    assert "Traceback" not in done.stderr
    assert "[90" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def everything(folder: Path) -> str:
    return "".join(file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file())


# ---------------------------------------------------------------------------------------------- writing


def test_fmt_writes_through_no_link(checkout: Path) -> None:
    (checkout / "main.vmspec").write_text("vm   a {cpu.count=1;memory.size=1GiB}\n")
    (checkout / ".main.vmspec.fmt").symlink_to("../victim")
    assert say(checkout, "fmt")[0] == 0
    assert SECRET in (checkout.parent / "victim").read_text()
    assert not (checkout / "main.vmspec").is_symlink()


def test_fmt_leaves_a_link_alone(checkout: Path) -> None:
    (checkout / "real.vmspec").write_text("vm   a {cpu.count=1;memory.size=1GiB}\n")
    (checkout / "link.vmspec").symlink_to("real.vmspec")
    code, said = say(checkout, "fmt", "link.vmspec")
    assert (code, "symbolic link" in said) == (2, True)
    assert (checkout / "real.vmspec").read_text().startswith("vm   a")


@pytest.mark.parametrize("words", [("check", "--output-file", "report"), ("docs", ".", "-o", "pages")])
def test_reports_and_pages_write_through_no_link(checkout: Path, words: tuple[str, ...]) -> None:
    (checkout / "main.vmspec").write_text("## A profile.\nprofile p { }\n" + VM)
    (checkout / "report").symlink_to("../victim")
    (checkout / "pages").mkdir()
    assert say(checkout, "docs", ".", "-o", "pages")[0] == 0
    for page in list((checkout / "pages").rglob("*.md")):
        page.unlink()
        page.symlink_to(checkout.parent / "victim")
    code, said = say(checkout, *words)
    assert code in (1, 2), said
    assert SECRET in (checkout.parent / "victim").read_text()


def test_a_link_does_not_lead_the_output_elsewhere(checkout: Path) -> None:
    (checkout / "main.vmspec").write_text(VM)
    (checkout.parent / "elsewhere").mkdir()
    (checkout / "build").symlink_to("../elsewhere")
    code, said = say(checkout, "build", ".", "-o", "build/out")
    assert (code, "leads out of the project" in said) == (2, True)
    assert names(checkout.parent / "elsewhere") == []


def test_a_file_that_somebody_put_into_the_output_stays(checkout: Path) -> None:
    (checkout / "main.vmspec").write_text(VM)
    assert say(checkout, "build", ".")[0] == 0
    (checkout / "out" / "domains" / "notes.txt").write_text("mine")
    code, said = say(checkout, "build", ".")
    assert (code, "domains/notes.txt" in said) == (2, True)
    assert (checkout / "out" / "domains" / "notes.txt").read_text() == "mine"


def test_the_lock_is_written_through_no_link(checkout: Path) -> None:
    (checkout / "main.vmspec").write_text(VM)
    (checkout.parent / "lock").write_text('{"version": 1}')
    (checkout / "vmspec.lock").symlink_to("../lock")
    code, said = say(checkout, "build", ".")
    assert (code, "outside of the project" in said) == (4, True)
    assert (checkout.parent / "lock").read_text() == '{"version": 1}'


# ---------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize("named", ["../victim", "link", "folder/victim", "{outside}"])
def test_facts_lie_in_the_project(checkout: Path, named: str) -> None:
    outside = checkout.parent / "victim"
    (checkout / "link").symlink_to(outside)
    (checkout / "folder").symlink_to("..")
    (checkout / "main.vmspec").write_text(HOST.format(named.format(outside=outside)))
    code, said = say(checkout, "build", ".")
    assert (code, said.count("error[3017"), said.count("error[")) == (1, 1, 1), said
    assert SECRET not in said + everything(checkout / "out")


@pytest.mark.parametrize("named", ["../victim", "link", "{outside}"])
def test_imports_lie_in_the_project(checkout: Path, named: str) -> None:
    outside = checkout.parent / "victim"
    (checkout / "link").symlink_to(outside)
    (checkout / "main.vmspec").write_text(f'import "{named.format(outside=outside)}"\n{VM}')
    code, said = say(checkout, "check", ".")
    assert (code, said.count("error[1005"), SECRET in said) == (1, 1, False), said


@pytest.mark.parametrize("name", ["a.vmspec", "a.xml"])
@pytest.mark.parametrize("command", ["check", "fmt"])
def test_sources_lie_in_the_project(checkout: Path, name: str, command: str) -> None:
    (checkout / name).symlink_to("../victim")
    (checkout / "main.vmspec").write_text(VM)
    for given in (".", name):
        code, said = say(checkout, command, given)
        assert SECRET not in said
        assert (code, "leads out of the project" in said) == (2, True) or (command, name, given) == ("fmt", "a.xml", "."), said


def test_a_file_of_the_project_may_be_a_link_in_it(checkout: Path) -> None:
    (checkout / "vmspec.toml").write_text('id = "p"\n')
    (checkout / "common").mkdir()
    (checkout / "common" / "a.vmspec").write_text(VM)
    (checkout / "site").mkdir()
    (checkout / "site" / "a.vmspec").symlink_to("../common/a.vmspec")
    assert say(checkout, "check", "site")[0] == 0


def test_check_and_build_mean_the_same_project(checkout: Path) -> None:
    (checkout / "sub").mkdir()
    (checkout / "site.vmspec").write_text("profile site { cpu.count = 1 }\n")
    (checkout / "sub" / "a.vmspec").write_text('import "../site.vmspec"\nvm a extends site { memory.size = 1GiB }\n')
    (checkout / "a.xml").write_text("<domain type='qemu'><name>x</name><memory>1</memory><os><type>hvm</type></os></domain>")
    assert say(checkout, "build", ".")[0] == 0
    assert "1005" not in say(checkout, "check", ".")[1]


def test_facts_are_among_the_sources_of_the_manifest(checkout: Path) -> None:
    (checkout / "facts.json").write_text('{"auth": "none"}')
    (checkout / "main.vmspec").write_text(HOST.format("facts.json"))
    assert say(checkout, "build", ".")[0] == 0
    assert sorted(json.loads((checkout / "out" / "manifest.json").read_text())["sources"]) == ["facts.json", "main.vmspec"]


@pytest.mark.parametrize("name", ["facts.json", "vmspec.lock", "vmspec.toml", "import.vmspec"])
@pytest.mark.parametrize("kind", ["fifo", "folder", "device", "deep", "nowhere", "binary"])
def test_any_file_may_be_anything(checkout: Path, name: str, kind: str) -> None:
    (checkout / "main.vmspec").write_text(f'import "import.vmspec"\nhost n1 {{ facts = "facts.json" }}\n{VM}')
    for other, text in (("facts.json", "{}"), ("import.vmspec", "")):
        (checkout / other).write_text(text)
    file = checkout / name
    file.unlink(missing_ok=True)
    match kind:
        case "fifo":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case "device":
            file.symlink_to("/dev/zero")
        case "deep":
            file.write_text(("a = " if name == "vmspec.toml" else "") + "[" * 100_000)
        case "nowhere":
            file.symlink_to("nowhere")
        case "binary":
            file.write_bytes(bytes(range(256)) * 100)
    code, said = say(checkout, "check", ".")
    assert (code in (1, 2, 4), said.count("error[")) == (True, 1), said


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "\xff", '{"tool": 3}', "9" * 5000])
def test_a_manifest_may_be_anything(checkout: Path, text: str) -> None:
    (checkout / "main.vmspec").write_text(VM)
    (checkout / "out").mkdir()
    (checkout / "out" / "manifest.json").write_text(text, encoding="latin-1")
    code, said = say(checkout, "build", ".")
    assert (code, "6903" in said) == (2, True)


# ---------------------------------------------------------------------------------------- terminals, logs

NASTY = "\x9b2J\x1b]0;own\x07\u202e"


def test_no_control_sequence_reaches_a_terminal(checkout: Path) -> None:
    (checkout / "main.vmspec").write_text(f'# {NASTY}\nvm   a {{ cpu.count = 1; memory.size = 1GiB; title = "\\u{{9b}}2J\\u{{202e}}" }}\n')
    (checkout / "clean.vmspec").write_text('vm b {\n  cpu.count = 1\n  memory.size = 1GiB\n  title = "\\u{9b}2J\\u{202e}"\n}\n')
    for words in (
        ("check", "."),
        ("fmt", "--check"),
        ("fmt", "--diff"),
        ("eval", "b", "clean.vmspec"),
        ("eval", "b:title", "clean.vmspec"),
        ("why", "b:title", "clean.vmspec"),
        ("why", "b", "clean.vmspec"),
        ("graph", "clean.vmspec"),
        ("dev", "print", "--stage", "settled", "clean.vmspec"),
        ("fmt",),
    ):
        said = say(checkout, *words)[1]
        assert not [c for c in said if c in NASTY and c not in "2J]0;own"], (words, said)


def test_the_name_of_a_file_is_no_command_of_a_log(checkout: Path) -> None:
    (checkout / "a\n::error::owned\n.vmspec").write_text("vm a { cpu.count = }\n")
    for form in ("junit", "github", "concise", "full"):
        done = vmc("check", ".", f"--output-format={form}", cwd=checkout)
        lines = (done.stdout + done.stderr).splitlines()
        assert lines
        assert not [line for line in lines if line.strip().startswith("::error::owned")], form


def test_sigterm_leaves_nothing_beside_the_output(checkout: Path) -> None:
    (checkout / "main.vmspec").write_text('vm "a-${n}" { each $n in range(3000); cpu.count = 1; memory.size = 1GiB }\n')
    build = subprocess.Popen([sys.executable, "-m", "vmspec.cli.main", "build", "."], cwd=checkout, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(name.startswith(".out.vmspec-new") for name in names(checkout)):
        time.sleep(0.01)
    build.send_signal(signal.SIGTERM)
    said = build.communicate(timeout=60)[1]
    assert (build.returncode, "terminated" in said) == (143, True), said
    assert names(checkout) == ["main.vmspec"]


@pytest.mark.parametrize(
    "words",
    [("init", "{}"), ("import", "{}.xml"), ("check", "{}.vmspec"), ("eval", "{}:x"), ("explain", "{}"), ("lock", "renew", "{}"),
     ("abi", "{}", "pc-q35-7.2"), ("completion", "{}"), ("dev", "coverage", "--schema-dir", "{}"), ("graph", "{}"), ("test", "{}"),
     ("build", "-o", "{}", "a.vmspec"), ("check", "--env", "{}"), ("check", "--target", "{}=1"), ("plan", "{}"), ("history", "{}")],
    ids=lambda words: words[0],
)  # fmt: skip
def test_words_of_the_command_line_are_shown_escaped(checkout: Path, words: tuple[str, ...]) -> None:
    (checkout / "a.vmspec").write_text(VM)
    done = subprocess.run(
        [sys.executable, "-m", "vmspec.cli.main", *(word.format("x\x1b[31m y") for word in words)],
        cwd=checkout, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "\x1b" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_to_be_typed_next_can_be_typed(tmp_path: Path) -> None:
    said = vmc("init", "two words", cwd=tmp_path).stdout
    assert said.endswith("next: vmc build 'two words'\n")
    built = vmc("build", "two words", "-o", "out", cwd=tmp_path).stdout
    assert built.endswith(f"{len([each for each in (tmp_path / 'out').rglob('*') if each.is_file()])} files in out\n")
