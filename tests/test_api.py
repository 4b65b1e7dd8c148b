"""The public API as an outsider uses it: only `vmspec` is imported, from a project of their own; docs/api.md is run."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import vmspec

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
FILES = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SOURCE = """
param $size: size = 2GiB
profile small { cpu.count ?= 2 }
host n1 { numa 0 { cpus = 0-7; memory = 16GiB } }
vm "web-${n}" extends small { each $n in [a, b]; place = host(n1); memory.size = $size; memory.current = self.memory.size }
env prod { vm "web-a" { cpu.count = 4 } }
test "passes" { vm t extends small { memory.size = 1GiB; assert self.cpu.count == 2, "two" } }
test "fails" { vm t extends small { memory.size = 1GiB; assert self.cpu.count == 3, "three" } }
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a project in the folder `p` of it."""
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "vmspec.toml").write_text('id = "of-an-outsider"\n')
    (tmp_path / "p" / "a.vmspec").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name, content in FILES.findall(text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(text, {}, "api.md", str(PAGE), 0)
    assert len(test.examples) > 30
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert not said, "".join(said)


def test_every_public_name_is_there_and_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert list(vmspec.__all__) == sorted(vmspec.__all__)
    for name in vmspec.__all__:
        assert getattr(vmspec, name) is not None
        assert name == "__version__" or re.search(rf"\b{name}\b", text), f"{name} is not described"
    with pytest.raises(AttributeError, match="no attribute 'Flet'"):
        vmspec.Flet  # type: ignore[attr-defined]  # noqa: B018


def test_what_it_says_of_members_is_true(project: Path) -> None:
    """Each field in a table of the page exists."""
    result = vmspec.compile("p")
    vm, artifact, value = result.fleet.vms[0], next(result.artifacts()), result.why("web-a:memory.size")[0]
    found = vmspec.compile("nowhere").diagnostics[0]
    text = PAGE.read_text(encoding="utf-8")
    for title, of in (
        ("**`CompileResult`**", result),
        ("**`CheckResult`**", result),
        ("**`Diagnostic`**", found),
        ("| member of `Fleet`", result.fleet),
        ("| field of `Object`", vm),
        ("| field of `Artifact`", artifact),
        ("| field of `Step`", value.trail[-1]),
    ):
        rows = text[text.index(title) :].partition("|---|---|\n")[2].partition("\n\n")[0].splitlines()
        names = [name for row in rows for name in re.findall(r"`(\w+)(?:\([^`]*\))?`", row.split("|")[1])]
        assert len(names) > 3
        assert [name for name in names if not hasattr(of, name)] == [], title


def test_importing_loads_no_module_of_the_compiler() -> None:
    script = "import sys, vmspec; print([m for m in sys.modules if m.startswith(('vmspec.', 'typing', 'pathlib', 'lark', 'lxml'))])"
    done = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(PAGE.parents[1] / 'compiler')!r}); {script}"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == "[]\n"


def test_nothing_is_printed_or_written(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = sorted(project.rglob("*"))
    result = vmspec.compile("p", env="prod")
    assert list(result.artifacts())
    assert result.why("web-a")
    assert result.run_tests()
    assert result.validate().ok
    assert vmspec.check(project / "p").ok
    assert not vmspec.compile("p", params={"size": "x"}).ok
    assert sorted(project.rglob("*")) == before
    assert capfd.readouterr() == ("", "")


def test_env_and_params(project: Path) -> None:
    result = vmspec.compile(["p/a.vmspec"], env="prod", params={"$size": "3GiB"})
    assert [(vm.name, int(vm.spec.memory.size or 0) >> 30, vm.spec.cpu.count if vm.spec.cpu else 0) for vm in result.fleet.vms] == [
        ("web-a", 3, 4),
        ("web-b", 3, 2),
    ]
    with pytest.raises(TypeError, match="size is a float"):
        vmspec.compile("p", params={"size": 1.5})  # type: ignore[dict-item]
    wrong = vmspec.compile("p", params={"size": True})
    assert wrong.locate(wrong.errors[0].primary or pytest.fail()).file == "--param size"


def test_a_result_with_errors_has_diagnostics_and_no_products(project: Path) -> None:
    (project / "p" / "b.vmspec").write_text("vm c { memory.size = 1GiB; cpu.count = 0 }\nvm d { memry.size = 1 }\n")
    result = vmspec.compile(project / "p")
    assert not result.ok
    assert [result.locate(each.primary).line for each in result.errors if each.primary] == [1, 2]
    assert result.locate(result.errors[0].primary or pytest.fail()).file == "p/b.vmspec"
    assert "p/b.vmspec:1:" in result.render()
    assert result.render("json").startswith("{")
    for ask in (
        lambda: result.fleet,
        result.artifacts,
        result.run_tests,
        result.validate,
        lambda: result.write("out"),
        lambda: result.why("c"),
    ):
        with pytest.raises(vmspec.CompileError) as raised:
            ask()
        assert raised.value.diagnostics == result.diagnostics
        assert "more)" in str(raised.value)
    assert not (project / "out").exists()
    with pytest.raises(ValueError, match="no format"):
        result.render("yaml")


def test_domain_xml_is_checked_and_is_called_by_its_own_path(project: Path) -> None:
    (project / "guest.xml").write_text("<domain type='kvm'><name>g</name><memory>1</memory><vcpu>x</vcpu></domain>\n")
    result = vmspec.check(["p", "guest.xml"])
    assert {result.locate(each.primary).file for each in result.diagnostics if each.primary} == {"guest.xml"}


def test_write_is_the_build(project: Path) -> None:
    result = vmspec.compile("p")
    written = result.write(project / "out")
    assert written.ok
    files = {path.relative_to(project / "out").as_posix() for path in (project / "out").rglob("*") if path.is_file()}
    assert files == {*written.files, "manifest.json"}
    for artifact in result.artifacts():
        assert (project / "out" / artifact.path).read_bytes() == artifact.data
    assert (project / "p" / "vmspec.lock").is_file()
    assert vmspec.compile("p", locked=True).ok
    (project / "taken").mkdir()
    (project / "taken" / "of-others").write_text("x")
    refused = vmspec.compile("p").write("taken")
    assert (refused.ok, refused.files) == (False, ())
    assert "of-others" in refused.errors[0].message or "not empty" in refused.errors[0].message


def test_a_lock_that_would_change_is_an_error_with_locked(project: Path) -> None:
    assert [each.code.number for each in vmspec.compile("p", locked=True).errors] == [8904, 8904]


def test_operands_can_be_asked_for_in_turn(project: Path) -> None:
    result = vmspec.compile("p")
    (current,) = result.why("web-b:memory.current")
    operands = [str(operand) for step in current.trail for operand in step.operands]
    assert operands == ["web-b:memory.size"]
    assert [value.text for value in result.why(operands[0])] == ["2GiB"]
    with pytest.raises(vmspec.AddressError, match="did you mean `web-b`") as raised:
        result.why("web-bb:memory")
    assert raised.value.diagnostic.code.number == 1906


def test_tests_have_results(project: Path) -> None:
    assert [(each.name, each.passed) for each in vmspec.compile("p").run_tests()] == [("passes", True), ("fails", False)]


def test_results_do_not_follow_their_sources(project: Path) -> None:
    result = vmspec.compile("p")
    first = [artifact.data for artifact in result.artifacts()]
    (project / "p" / "a.vmspec").write_text("vm other { memory.size = 1GiB; cpu.count = 1 }\n")
    assert [artifact.data for artifact in result.artifacts()] == first


def test_threads_find_the_same(project: Path) -> None:
    def one(number: int) -> tuple[bytes, ...]:
        result = vmspec.compile("p", params={"size": f"{number % 3 + 1}GiB"})
        assert result.validate().ok
        return tuple(artifact.data for artifact in result.artifacts())

    alone = [one(number) for number in range(3)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(12))) == alone * 4


def test_the_name_of_the_package_of_rules_does_not_take_the_function() -> None:
    import vmspec.check.run  # type: ignore[import-not-found,unused-ignore]

    assert callable(vmspec.check)


CONSUMER = """
    from collections.abc import Iterator
    import vmspec
    from vmspec import CompileError, Diagnostic, Severity, Span

    def errors(path: str) -> Iterator[tuple[str, int]]:
        result: vmspec.CompileResult = vmspec.compile([path], env="prod", params={"size": "1GiB", "n": 3})
        for each in result.diagnostics:
            if each.severity is Severity.ERROR and each.primary is not None:
                place = result.locate(each.primary)
                yield place.file, place.line

    def sizes(result: vmspec.CompileResult) -> dict[str, int]:
        return {vm.name: int(vm.spec.memory.size or 0) for vm in result.fleet.vms if vm.spec.memory is not None}

    def files(result: vmspec.CompileResult) -> dict[str, bytes]:
        return {each.path: each.data for each in result.artifacts()}

    def origin(result: vmspec.CompileResult) -> list[Span]:
        return [step.span for value in result.why("a:memory.size") for step in value.trail if step.span is not None]

    checked: vmspec.CheckResult = vmspec.check("x", schema_dirs=["s"])
    reveal_type(checked.diagnostics)
    reveal_type(vmspec.compile("x").write("out").files)
    vmspec.compile("x", nev="prod")
    vmspec.compile("x").diagnostics[0].mesage
"""


@pytest.mark.once  # mypy is with the first Python alone
def test_a_consumer_is_typed(tmp_path: Path) -> None:
    (tmp_path / "consumer.py").write_text(textwrap.dedent(CONSUMER))
    words = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "consumer.py"]
    done = subprocess.run(words, cwd=tmp_path, env={**os.environ, "MYPYPATH": ""}, capture_output=True, text=True, check=False)
    said = [re.sub(r"^consumer\.py:(\d+): ", "", line).replace("builtins.", "") for line in done.stdout.splitlines()]
    assert said[:2] == [
        'note: Revealed type is "tuple[vmspec.base.diagnostic.Diagnostic, ...]"',
        'note: Revealed type is "tuple[str, ...]"',
    ], done.stdout + done.stderr
    assert [line.split("  [")[-1] for line in said if line.startswith("error")] == ["call-arg]", "attr-defined]"], done.stdout
