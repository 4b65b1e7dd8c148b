"""The output directory: whole or not at all, nothing outside it, nothing lost that is not ours."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from vmspec.base.source import Source, Span
from vmspec.emit import atomic_dir, output_dir_codes
from vmspec.emit.artifact import Artifact, no_marks
from vmspec.emit.manifest import Manifest, digest
from vmspec.emit.output_dir import OutputTree, TargetError, unfit

HERE = Span(Source("main.vmspec", "vm a { }\nvm b { }\n"), 0, 4)
THERE = Span(HERE.source, 9, 13)


def artifact(path: str, data: bytes = b"<domain/>\n", span: Span = HERE, name: str = "") -> Artifact:
    return Artifact(path, data, span, no_marks, object=name)


def manifest() -> Manifest:
    return Manifest("project", None, "1")


def build(target: Path, files: dict[str, bytes]) -> None:
    with OutputTree(target) as tree:
        for path, data in files.items():
            assert tree.add(artifact(path, data)) is None
        tree.commit(manifest())


def listing(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def left_over(target: Path) -> list[str]:
    return [path.name for path in target.parent.iterdir() if path.name != target.name]


def test_a_first_build(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    build(target, {"domains/a.xml": b"a", "hosts/n/cmdline": b"b"})
    found = listing(target)
    assert found["domains/a.xml"] == b"a"
    content = json.loads(found["manifest.json"])
    assert content["files"] == {"domains/a.xml": digest(b"a"), "hosts/n/cmdline": digest(b"b")}
    assert left_over(target) == []


def test_the_second_build_replaces_the_first_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    build(target, {"domains/a.xml": b"a", "domains/old.xml": b"old"})
    build(target, {"domains/a.xml": b"b"})
    assert set(listing(target)) == {"domains/a.xml", "manifest.json"}
    assert left_over(target) == []


def test_without_commit_nothing_happens(tmp_path: Path) -> None:
    target = tmp_path / "out"
    build(target, {"domains/a.xml": b"a"})
    with OutputTree(target) as tree:
        tree.add(artifact("domains/a.xml", b"b"))
    assert listing(target)["domains/a.xml"] == b"a"
    assert left_over(target) == []


def test_an_exception_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "out"
    build(target, {"domains/a.xml": b"a"})
    with pytest.raises(ZeroDivisionError), OutputTree(target) as tree:
        tree.add(artifact("domains/a.xml", b"b"))
        raise ZeroDivisionError
    assert listing(target)["domains/a.xml"] == b"a"
    assert left_over(target) == []


@pytest.mark.parametrize(("owner", "step"), [(Path, "mkdir"), (atomic_dir, "_locked"), (atomic_dir, "ignores_case")])
def test_a_signal_while_it_is_made_leaves_nothing(owner: object, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = getattr(owner, step)

    def interrupted(path: Path, **how: bool) -> None:
        done(path, **how)
        if path.name.startswith(".out."):
            monkeypatch.undo()
            raise KeyboardInterrupt

    monkeypatch.setattr(owner, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "out", {"domains/a.xml": b"a"})
    assert left_over(tmp_path / "out") == []


def test_without_renameat2_the_old_one_is_moved_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic_dir, "exchange", lambda a, b: False)
    target = tmp_path / "out"
    build(target, {"domains/a.xml": b"a"})
    build(target, {"domains/b.xml": b"b"})
    assert set(listing(target)) == {"domains/b.xml", "manifest.json"}
    assert left_over(target) == []


def test_exchange_swaps_two_directories(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "x").touch()
    assert atomic_dir.exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b" / "x").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.emit.test_output_dir import artifact, manifest
from vmspec.emit import atomic_dir
from vmspec.emit.output_dir import OutputTree
step, target = sys.argv[1], Path(sys.argv[2])
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if step == "aside":
    atomic_dir.exchange = lambda a, b: False
    real = os.rename
    def rename(a, b):
        real(a, b)
        die()
    atomic_dir.os.rename = rename
if step == "remove":
    atomic_dir.remove_tree = die
with OutputTree(target) as tree:
    tree.add(artifact("domains/new.xml", b"new"))
    if step == "write":
        die()
    tree.commit(manifest())
"""


@pytest.mark.parametrize(("step", "stands"), [("write", "domains/a.xml"), ("remove", "domains/new.xml"), ("aside", None)])
def test_killed_in_the_middle(tmp_path: Path, step: str, stands: str | None) -> None:
    target = tmp_path / "out"
    build(target, {"domains/a.xml": b"a"})
    script = textwrap.dedent(KILLED).format(root=str(Path(__file__).parents[2]))
    done = subprocess.run([sys.executable, "-c", script, step, str(target)], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    if stands is not None:
        assert stands in listing(target)
        assert "manifest.json" in listing(target)
    with OutputTree(target):  # the next build begins, and puts back what had been moved aside
        assert stands is not None or set(listing(target)) == {"domains/a.xml", "manifest.json"}
    assert left_over(target) == []


def test_a_running_build_is_not_cleaned_away(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with OutputTree(target) as first, OutputTree(target) as second:
        assert first.add(artifact("domains/a.xml")) is None
        assert second.add(artifact("domains/b.xml")) is None
        second.commit(manifest())
        first.commit(manifest())
    assert "domains/a.xml" in listing(target)
    assert left_over(target) == []


def refused(target: Path) -> str:
    with pytest.raises(TargetError) as caught, OutputTree(target):
        pass
    return caught.value.diagnostic.message


def test_a_directory_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert "is not empty and has no manifest.json of ours" in refused(tmp_path)
    (tmp_path / "manifest.json").write_text('{"name": "a web app"}')
    assert "no manifest.json of ours" in refused(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_what_a_person_has_put_beside_our_files_is_not_lost(tmp_path: Path) -> None:
    target = tmp_path / "out"
    build(target, {"domains/a.xml": b"a"})
    (target / ".git").mkdir()
    assert "also holds .git" in refused(target)
    assert (target / ".git").is_dir()


def test_an_empty_directory_may_be_taken(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    build(target, {"domains/a.xml": b"a"})
    assert "domains/a.xml" in listing(target)


def test_links_and_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert "is a symbolic link" in refused(tmp_path / "link")
    (tmp_path / "file").touch()
    assert "is not a directory" in refused(tmp_path / "file")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "is not a directory" in refused(tmp_path / "file" / "out")


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    target = tmp_path / "out"
    build(target, {"domains/a.xml": b"a"})
    with pytest.raises(TargetError, match="No space left"), OutputTree(target) as tree:
        monkeypatch.setattr(os, "write", full)
        tree.add(artifact("domains/a.xml", b"b"))
    assert listing(target)["domains/a.xml"] == b"a"
    assert left_over(target) == []


def test_a_link_that_somebody_put_into_the_old_output_stays(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    target = tmp_path / "out"
    build(target, {"domains/a.xml": b"a"})
    (target / "domains" / "link").symlink_to(precious)
    with pytest.raises(TargetError, match="also holds domains/link"):
        build(target, {"domains/a.xml": b"b"})
    assert (precious / "file").exists()
    assert (target / "domains" / "link").is_symlink()
    (target / "domains" / "link").unlink()
    build(target, {"domains/a.xml": b"b"})
    assert set(listing(target)) == {"domains/a.xml", "manifest.json"}


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "", ".", "..", "a\0b", "a\nb", "x" * 256, "\ud800", "a\\b", "a/b"])
def test_hostile_names(tmp_path: Path, name: str) -> None:
    with OutputTree(tmp_path / "out") as tree:
        found = tree.add(artifact(f"domains/{name}.xml", name=name or "../"))
        assert found is not None
        assert found.code is output_dir_codes.OUTPUT_NAME
        assert found.primary is HERE
    assert list(tmp_path.iterdir()) == []


def test_hostile_paths(tmp_path: Path) -> None:
    with OutputTree(tmp_path / "out") as tree:
        for path in ("../x", "/x", "a//b", "hosts/../../x"):
            assert tree.add(artifact(path)) is not None
    assert list(tmp_path.iterdir()) == []


def test_two_objects_cannot_write_one_file(tmp_path: Path) -> None:
    with OutputTree(tmp_path / "out") as tree:
        assert tree.add(artifact("domains/a.xml")) is None
        found = tree.add(artifact("domains/a.xml", span=THERE))
        assert found is not None
        assert found.code is output_dir_codes.OUTPUT_CLASH
        assert (found.primary, found.labels[0].span) == (THERE, HERE)


def test_names_that_differ_in_case_clash_only_where_case_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with OutputTree(tmp_path / "out") as tree:
        assert tree.add(artifact("domains/Web.xml")) is None
        assert tree.add(artifact("domains/web.xml")) is None
    monkeypatch.setattr(atomic_dir, "ignores_case", lambda folder: True)
    with OutputTree(tmp_path / "out") as tree:
        assert tree.add(artifact("domains/Web.xml")) is None
        assert tree.add(artifact("domains/web.xml", span=THERE)) is not None


def test_our_own_names_are_taken(tmp_path: Path) -> None:
    with OutputTree(tmp_path / "out") as tree:
        assert tree.add(artifact("manifest.json")) is not None
        assert tree.add(artifact("domains/a.xml")) is None
        assert tree.add(artifact("domains/a.xml/b")) is not None
        assert tree.add(artifact("domains")) is not None


def test_unfit_says_why() -> None:
    assert unfit("web") is None
    assert unfit("größe 漢") is None
    assert unfit("a/b") == "it holds /"
    assert unfit("a\x00") == "it holds the character U+0000"


def test_modes_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        build(tmp_path / "out", {"domains/a.xml": b"a"})
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "out/domains/a.xml").stat().st_mode & 0o777 == 0o640
