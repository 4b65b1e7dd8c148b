"""The command line from outside: exit codes, what goes where, and that nothing ends in a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

GOOD = """\
vm web {
  cpu.count = 2
  memory.size = 1GiB
  disk vda { source = file("/var/lib/libvirt/images/web.qcow2", format = qcow2) }
  interface eth0 { source = network("default"); model = virtio }
}
"""
BAD = "vm web { cpu.count = 2; memory.size = 64 }\n"
WARNED = "host n1 { }\n" + GOOD.replace("cpu.count = 2", "cpu.count = 2\n  host.sysctl { vm.swappiness = 1 }")
MACHINE = ("json", "sarif", "junit", "github")


def vmc(*words: str | Path, cwd: Path, stdin: str | None = None, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("VMC_DEBUG", "NO_COLOR")}
    done = subprocess.run(
        [sys.executable, "-m", "vmspec.cli.main", *map(str, words)],
        cwd=cwd, env=clean | dict(env or {}), input=stdin, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "vmspec.toml").write_text('id = "test"\n')
    (tmp_path / "main.vmspec").write_text(GOOD)
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# ------------------------------------------------------------------------------------------------ build


def test_build(project: Path) -> None:
    done = vmc("build", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "web  2      1GiB" in done.stdout
    assert set(tree(project / "out")) == {"domains/web.xml", "manifest.json", "sourcemap.json"}
    manifest = json.loads((project / "out/manifest.json").read_text())
    assert manifest["project"] == "test"
    assert str(project) not in (project / "out/manifest.json").read_text() + (project / "out/sourcemap.json").read_text()
    assert (project / "vmspec.lock").exists()


def test_an_error_leaves_the_old_output(project: Path) -> None:
    vmc("build", cwd=project)
    before = tree(project / "out")
    (project / "main.vmspec").write_text(BAD)
    done = vmc("build", cwd=project)
    assert done.returncode == 1
    assert "main.vmspec:1:39" in done.stderr
    assert tree(project / "out") == before


def test_the_same_bytes_wherever_and_whenever(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("elsewhere") / "deep"
    other.mkdir()
    (project / "b.vmspec").write_text(GOOD.replace("vm web", "vm zeta").replace("web.qcow2", "zeta.qcow2"))
    for file in project.iterdir():
        if file.is_file():
            (other / file.name).write_bytes(file.read_bytes())
    vmc("build", "main.vmspec", "b.vmspec", cwd=project, env={"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1"})
    vmc("build", other / "b.vmspec", other / "main.vmspec", "-o", other / "out", cwd=Path("/"), env={"TZ": "UTC", "PYTHONHASHSEED": "2"})
    assert tree(project / "out") == tree(other / "out")


def test_locked(project: Path) -> None:
    assert vmc("build", "--locked", cwd=project).returncode == 4
    assert not (project / "vmspec.lock").exists()
    assert vmc("build", cwd=project).returncode == 0
    assert vmc("build", "--locked", cwd=project).returncode == 0
    (project / "vmspec.lock").write_text("{ broken")
    assert vmc("build", cwd=project).returncode == 4


def test_check_never_writes(project: Path) -> None:
    before = tree(project)
    assert vmc("check", cwd=project).returncode == 0
    assert tree(project) == before


def test_an_output_directory_that_is_not_ours(project: Path) -> None:
    (project / "out").mkdir()
    (project / "out/thesis.txt").write_text("x")
    done = vmc("build", cwd=project)
    assert done.returncode == 2
    assert "output-not-ours" in done.stderr
    assert (project / "out/thesis.txt").exists()


def test_env_and_param(project: Path) -> None:
    text = "param $n: int = 1\n" + GOOD.replace("count = 2", "count = $n") + "env prod { vm web { cpu.count = 8 } }\n"
    (project / "main.vmspec").write_text(text)
    assert vmc("eval", "web:cpu.count", cwd=project).stdout == "1\n"
    assert vmc("eval", "web:cpu.count", "--param", "n=3", cwd=project).stdout == "3\n"
    assert vmc("eval", "web:cpu.count", "--env", "prod", cwd=project).stdout == "8\n"
    assert vmc("eval", "web:cpu.count", "--env", "prd", cwd=project).returncode == 1
    assert vmc("build", "--param", "n", cwd=project).returncode == 2
    assert vmc("build", "--param", "n=1", "--param", "n=2", cwd=project).returncode == 2


def test_since(project: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *words], cwd=project, check=True, capture_output=True)

    second = GOOD.replace("vm web", "vm other").replace("web.qcow2", "other.qcow2")
    (project / "main.vmspec").write_text(GOOD + second)
    assert vmc("build", "--since", "HEAD", cwd=project).returncode == 2
    vmc("build", cwd=project)
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    (project / "main.vmspec").write_text(GOOD + second.replace("count = 2", "count = 4"))
    done = vmc("build", "--since", "HEAD", cwd=project)
    assert done.returncode == 0, done.stderr
    assert [name for name in tree(project / "out") if name.startswith("domains/")] == ["domains/other.xml"]
    assert "1 file unchanged" in done.stdout
    assert vmc("build", "--since", "nowhere", cwd=project).returncode == 2


def test_since_a_revision_without_a_lock(project: Path) -> None:
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q"], ["add", "main.vmspec", "vmspec.toml"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], cwd=project, check=True, capture_output=True)
    vmc("build", cwd=project)
    (project / "main.vmspec").write_text(GOOD + GOOD.replace("vm web", "vm other").replace("web.qcow2", "other.qcow2"))
    vmc("check", cwd=project)
    vmc("build", "-o", "all", cwd=project)
    done = vmc("build", "--since", "HEAD", "--locked", "-o", "new", cwd=project)
    assert done.returncode == 0 and "1905" not in done.stderr, done.stderr
    assert [name for name in tree(project / "new") if name.startswith("domains/")] == ["domains/other.xml"]


def test_hostile_schema_dir(project: Path) -> None:
    done = vmc("build", "--schema-dir", project, cwd=project)
    assert done.returncode == 2
    assert "no-schema" in done.stderr


# ------------------------------------------------------------------------------------------ findings, formats


@pytest.mark.parametrize("command", ["build", "check", "test"])
@pytest.mark.parametrize("form", MACHINE)
@pytest.mark.parametrize("text", [GOOD, BAD, "vm web {", ""])
def test_machine_formats_are_one_document_and_nothing_else(project: Path, command: str, form: str, text: str) -> None:
    (project / "main.vmspec").write_text(text)
    done = vmc(command, "--output-format", form, cwd=project)
    match form:
        case "json" | "sarif":
            json.loads(done.stdout)
        case "junit":
            ElementTree.fromstring(done.stdout)
        case _:
            assert all(line.startswith("::") for line in done.stdout.splitlines())
    assert done.stderr == ""
    assert done.returncode == (0 if text in (GOOD, "") else 1)


def test_output_file(project: Path) -> None:
    (project / "main.vmspec").write_text(BAD)
    done = vmc("check", "--output-format", "json", "--output-file", "found.json", cwd=project)
    assert done.stdout == ""
    assert json.loads((project / "found.json").read_text())["diagnostics"][0]["file"] == "main.vmspec"


def test_paths_are_relative_to_the_working_directory(project: Path) -> None:
    (project / "main.vmspec").write_text(BAD)
    (project / "sub").mkdir()
    assert "../main.vmspec:1:39" in vmc("check", "..", cwd=project / "sub").stderr
    assert f"{project.name}/main.vmspec:1:39" in vmc("check", project.name, cwd=project.parent).stderr


def test_error_on_warning(project: Path) -> None:
    (project / "main.vmspec").write_text(WARNED)
    assert vmc("check", cwd=project).returncode == 0
    assert vmc("check", "--error-on-warning", cwd=project).returncode == 1


def test_no_colour_where_there_is_no_terminal(project: Path) -> None:
    (project / "main.vmspec").write_text(BAD)
    assert "\x1b" not in vmc("check", cwd=project).stderr


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\xef\xbb\xbf", b"\x00\x01\x02", b"\xff\xfe", b"\x7fELF" + bytes(range(256)), b"vm a {" * 50, b"(" * 5000,
     "vm größe { }".encode(), GOOD.replace("\n", "\r\n").encode(), GOOD.replace("  ", "\t").encode(),
     b"vm \"a/b\" { memory.size = 1GiB; cpu.count = 1 }\n",
     b"vm \"..\" { memory.size = 1GiB; cpu.count = 1 }\n"],
    ids=range(13),
)  # fmt: skip
def test_any_file_is_answered(project: Path, content: bytes) -> None:
    (project / "main.vmspec").write_bytes(content)
    assert vmc("build", cwd=project).returncode in (0, 1)
    assert "internal-error" not in vmc("check", cwd=project).stderr


def test_several_broken_files_are_all_reported(project: Path) -> None:
    (project / "a.vmspec").write_text("vm a {\n  cpu.count = = 2\n}\n")
    (project / "b.vmspec").write_text("vm b {\n  cpu.count = = 2\n}\n")
    (project / "main.vmspec").write_text(BAD)
    stderr = vmc("check", "--output-format", "concise", cwd=project).stderr
    assert [line.split(":")[0] for line in stderr.splitlines()] == ["a.vmspec", "b.vmspec", "main.vmspec"]


def test_links(project: Path) -> None:
    (project / "loop").symlink_to(project)
    (project / "self.vmspec").symlink_to(project / "self.vmspec")
    done = vmc("check", cwd=project)
    assert done.returncode in (1, 2)
    assert "internal-error" not in done.stderr


def test_nothing_to_compile(tmp_path: Path) -> None:
    assert vmc("build", cwd=tmp_path).returncode == 2
    assert vmc("check", "nowhere.vmspec", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("text", ["id = ", "name = 'x'\n", "id = ''\n", "id = 5\n", "id = 'a'\nidd = 'b'\n"])
def test_a_project_file_that_is_wrong(project: Path, text: str) -> None:
    (project / "vmspec.toml").write_text(text)
    done = vmc("check", cwd=project)
    assert done.returncode == 2
    assert "project-file" in done.stderr


# ------------------------------------------------------------------------------------------ usage


WRONG = (["--nope"], ["bild"], ["build", "--nope"], ["build", "--output-format", "yaml"], ["build", "-o"], ["why"], ["dev", "x"])


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage_exits_2(project: Path, words: list[str]) -> None:
    done = vmc(*words, cwd=project)
    assert done.returncode == 2
    assert done.stdout == ""


def test_help(project: Path) -> None:
    text = vmc("--help", cwd=project).stdout
    for command in ("build", "check", "fmt", "why", "eval", "explain", "test", "init", "import", "schema", "dev"):
        assert f"  {command} " in text
    assert "--schema-dir" in vmc("build", "--help", cwd=project).stdout
    assert vmc("--version", cwd=project).stdout.startswith("vmc ")


def test_completion(project: Path) -> None:
    assert "_VMC_COMPLETE" in vmc("completion", "bash", cwd=project).stdout
    assert vmc("completion", "tcsh", cwd=project).returncode == 2
    env = {"_VMC_COMPLETE": "complete_bash", "COMP_WORDS": "vmc build --sch", "COMP_CWORD": "2"}
    assert vmc(cwd=project, env=env).stdout.strip() == "--schema-dir"


def test_a_closed_pipe_is_no_error_of_ours(project: Path) -> None:
    script = f"{sys.executable} -m vmspec.cli.main schema | head -c 10"
    done = subprocess.run(["bash", "-c", script], cwd=project, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_a_bug_of_ours_is_a_diagnostic(project: Path) -> None:
    script = (
        "import sys, vmspec.cli.build as b\n"
        "from vmspec.cli.command import Command\n"
        "def broken(options): raise RuntimeError('boom')\n"
        "b.COMMAND = Command(b.Build, broken)\n"
        "from vmspec.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    words = [sys.executable, "-c", script, "build", "--output-format", "json"]
    done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["diagnostics"][0]["code"] == 9001
    assert done.stderr == ""


def test_reports_that_cannot_be_written(project: Path) -> None:
    done = vmc("check", "--output-format", "json", "--output-file", "no/such/folder.json", cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "vmc: no/such/folder.json cannot be written: no such file or directory\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("words", [("check", "--output-format", "json"), ("explain",), ("--version",), ("eval", "web")])
def test_full_disks(project: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "vmspec.cli.main", *words], cwd=project, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "vmc: cannot write the output: No space left on device\n"


def test_closed_streams(project: Path) -> None:
    (project / "main.vmspec").write_text(BAD)
    for closing, code in ((">&-", 1), ("2>&-", 1)):
        done = subprocess.run(
            ["sh", "-c", f'"{sys.executable}" -m vmspec.cli.main check main.vmspec {closing}'],
            cwd=project, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code
        assert "9001" not in done.stdout + done.stderr


def test_unreadable_sources_have_a_place(project: Path) -> None:
    (project / "main.vmspec").write_bytes(b"\0\1\2")
    found = json.loads(vmc("check", "--output-format", "json", "main.vmspec", cwd=project).stdout)["diagnostics"]
    assert [(each["code"], each["file"], each["line"], each["column"]) for each in found] == [(1005, "main.vmspec", 1, 1)]


def test_a_lock_with_a_number_beyond_reason(project: Path) -> None:
    (project / "vmspec.lock").write_text('{"version": ' + "9" * 5000 + "}")
    assert vmc("check", "--locked", cwd=project).returncode == 4


# ------------------------------------------------------------------------------------------ other commands


def test_why(project: Path) -> None:
    (project / "main.vmspec").write_text("profile p { cpu.count ?= 1 }\n" + GOOD.replace("vm web", "vm web extends p"))
    text = vmc("why", "web:cpu.count", cwd=project).stdout
    assert text.startswith("web:cpu.count = 2\n")
    assert text.index("profile p") < text.index("vm web at main.vmspec:3:3")
    shown = json.loads(vmc("why", "web:cpu.count", "--format", "json", cwd=project).stdout)
    assert [step["origin"] for step in shown[0]["trail"]][-1] == "vm web"
    assert shown[0]["trail"][-1]["line"] == 3
    assert "derived" in vmc("why", "web:uuid", cwd=project).stdout


def test_why_shows_where_arguments_are_written(project: Path) -> None:
    (project / "main.vmspec").write_text("""\
let $more = 1
profile sized($n: int) { cpu.count = $n + $more }
vm "web-${name}" extends sized(n = $cpus) {
  each $name, $cpus in {
    red = 2
    blue = 3
  }
  memory.size = 1GiB
}
""")
    shown = json.loads(vmc("why", "web-blue:cpu.count", "--format", "json", cwd=project).stdout)
    inputs = [(each["name"], each["line"], each["column"]) for each in shown[0]["trail"][-1]["inputs"]]
    assert inputs == [("n", 3, 36), ("cpus", 6, 5), ("more", 1, 13)]
    text = vmc("why", "web-red:cpu.count", cwd=project).stdout
    assert "from $n at main.vmspec:3:36\n" in text
    assert "5 | red = 2" in text
    assert "blue = 3" not in text


def test_why_answers_for_every_value(project: Path) -> None:
    for path in vmc("eval", "web", cwd=project).stdout.splitlines():
        assert " = " in path
    shown = json.loads(vmc("why", "web", "--format", "json", cwd=project).stdout)
    assert len(shown) > 20
    assert all(each["trail"] for each in shown)


def test_unknown_addresses(project: Path) -> None:
    assert "did you mean `web`" in vmc("why", "wbe:cpu", cwd=project).stderr
    assert "did you mean `cpu.count`" in vmc("eval", "web:cpu.cuont", cwd=project).stderr
    assert vmc("eval", "web:cpu.cuont", cwd=project).returncode == 1


def test_eval(project: Path) -> None:
    assert vmc("eval", "web:memory.size", cwd=project).stdout == "1GiB\n"
    shown = json.loads(vmc("eval", "web:memory.size", "--format", "json", cwd=project).stdout)
    assert shown == [{"address": "web:memory.size", "value": "1GiB", "plain": 1 << 30}]


def test_eval_of_a_vm_is_what_the_program_says(project: Path) -> None:
    shown = vmc("eval", "web", cwd=project).stdout
    assert "memory.size = 1GiB\n" in shown and "origin" not in shown
    assert vmc("eval", "web:origin.source", cwd=project).returncode != 0


def test_a_domain_without_a_name(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<domain type='kvm'><os><type arch='x86_64'>hvm</type></os></domain>")
    done = vmc("check", "a.xml", cwd=tmp_path)
    assert "the domain has no name" in done.stderr and "None" not in done.stderr


def test_explain(project: Path) -> None:
    assert vmc("explain", "1902", cwd=project).stdout.startswith("1902 no-such-path\n\nWhat:\n")
    assert vmc("explain", "no-such-path", cwd=project).stdout == vmc("explain", "1902", cwd=project).stdout
    assert "did you mean `no-such-path`" in vmc("explain", "no-such-paht", cwd=project).stderr
    assert vmc("explain", "0000", cwd=project).returncode == 2
    assert json.loads(vmc("explain", "1902", "--format", "json", cwd=project).stdout)["name"] == "no-such-path"
    assert len(vmc("explain", cwd=project).stdout.splitlines()) > 50


def test_fmt(project: Path) -> None:
    ugly = "vm   web {  cpu.count=2 }\n"
    (project / "main.vmspec").write_text(ugly)
    assert vmc("fmt", "--check", cwd=project).returncode == 3
    assert vmc("fmt", "--diff", cwd=project).stdout.startswith("--- main.vmspec\n")
    assert (project / "main.vmspec").read_text() == ugly
    assert vmc("fmt", cwd=project).returncode == 0
    assert (project / "main.vmspec").read_text() == "vm web { cpu.count = 2 }\n"
    assert vmc("fmt", "--check", cwd=project).returncode == 0
    assert vmc("fmt", "-", cwd=project, stdin=ugly).stdout == "vm web { cpu.count = 2 }\n"


def test_fmt_leaves_what_it_cannot_read(project: Path) -> None:
    (project / "main.vmspec").write_text("vm   web {  cpu.count= = 2 }\n")
    assert vmc("fmt", cwd=project).returncode == 1
    assert (project / "main.vmspec").read_text() == "vm   web {  cpu.count= = 2 }\n"


def test_init_builds_clean(tmp_path: Path) -> None:
    assert vmc("init", cwd=tmp_path).returncode == 0
    done = vmc("build", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert vmc("fmt", "--check", cwd=tmp_path).returncode == 0
    first = (tmp_path / "vmspec.toml").read_text()
    assert vmc("init", cwd=tmp_path).returncode == 1
    assert (tmp_path / "vmspec.toml").read_text() == first
    assert vmc("init", "other", cwd=tmp_path).returncode == 0
    assert (tmp_path / "other/vmspec.toml").read_text() != first


def test_test(project: Path) -> None:
    (project / "main.vmspec").write_text(GOOD + 'test "two" { assert vm(web).cpu.count == 2 }\n')
    done = vmc("test", cwd=project)
    assert done.returncode in (0, 1)
    assert "1 test" in done.stdout or "error" in done.stderr


def test_schema(project: Path) -> None:
    assert json.loads(vmc("schema", cwd=project).stdout)["$schema"].startswith("https://json-schema.org/")
    assert ElementTree.fromstring(vmc("schema", "--xsd", cwd=project).stdout).tag.endswith("schema")


def test_dev_print(project: Path) -> None:
    shown = {"file": "Block", "program": "unit main.vmspec", "settled": "cpu.count = 2", "fleet": "uuid = ", "artifacts": "<domain"}
    for stage, text in shown.items():
        done = vmc("dev", "print", "--stage", stage, cwd=project)
        assert done.returncode == 0, done.stderr
        assert text in done.stdout


def test_xml_is_checked_and_imported(project: Path) -> None:
    vmc("build", cwd=project)
    xml = project / "out/domains/web.xml"
    assert vmc("check", xml, cwd=project).returncode == 0
    text = vmc("import", xml, cwd=project).stdout
    assert "resolve = false" in text
    (project / "bad.xml").write_text("<domain><name>a</name>")
    done = vmc("check", "bad.xml", cwd=project)
    assert done.returncode == 1
    assert "not-a-domain" in done.stderr
    (project / "evil.xml").write_text('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><domain><name>&x;</name></domain>')
    assert "document type" in vmc("check", "evil.xml", cwd=project).stderr


def test_lock(project: Path) -> None:
    source = project / "main.vmspec"
    disks = {name: f'disk {name} {{ source = file("/i/{name}.raw") }}' for name in ("root", "data")}
    text = "vm a {{ cpu.count = 1; memory.size = 1GiB; {} }}\n"
    source.write_text(text.format("; ".join(disks.values())))
    assert vmc("build", source, cwd=project).returncode == 0
    lock = next(project.rglob("vmspec.lock"))
    source.write_text(text.format(disks["data"]))
    before = lock.read_bytes()
    assert "addresses.disk.root         01:00.0  (reserved: the device is gone)" in vmc("lock", "show", "a", source, cwd=project).stdout
    assert "vdb → vda" in vmc("lock", "renew", "a", source, "--dry-run", cwd=project).stdout
    assert "addresses.disk.root  01:00.0 → -" in vmc("lock", "prune", "a", source, "--dry-run", cwd=project).stdout
    assert lock.read_bytes() == before
    folder = str(Path(source).parent)
    assert "addresses.disk.root" in vmc("lock", "show", folder if "/" in folder else ".", cwd=project).stdout
    assert vmc("build", source, "--locked", cwd=project).returncode == 0
    assert vmc("lock", "prune", "a", source, cwd=project).returncode == 0
    assert b"root" not in lock.read_bytes() and b'"disk.data": "02:00.0"' in lock.read_bytes()
    assert vmc("lock", "renew", "a", source, cwd=project).returncode == 0
    assert b'"disk.data": "01:00.0"' in lock.read_bytes() and b'"data": "vda"' in lock.read_bytes()
    assert "nothing changes" in vmc("lock", "renew", "a", source, cwd=project).stdout
    unknown = vmc("lock", "renew", "b", source, cwd=project)
    assert unknown.returncode == 1 and "there is no VM b in the builds without --env" in unknown.stderr
