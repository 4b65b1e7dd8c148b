"""The generated reference: it is up to date, it is whole, and its anchors lead where they say."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from vmspec.base.code import REGISTRY, SECTIONS, Code
from vmspec.base.source import Source
from vmspec.cli.docs import own
from vmspec.cli.main import main
from vmspec.cli.schema import KINDS
from vmspec.cli.table import COMMANDS
from vmspec.codes import load_all
from vmspec.docs_gen import diagnostics, library
from vmspec.docs_gen.page import MARK, code, prose, sentence, table
from vmspec.docs_gen.settings import groups, reasons_of
from vmspec.model.block import Block, schema
from vmspec.model.kinds import ROOTS
from vmspec.resolve.resolve import standard
from vmspec.syntax import tree
from vmspec.syntax.parser import parse

ROOT = Path(__file__).parents[2]
PAGES = {page.path: page.text for page in own()}
ROW = re.compile(r'^\| <a id="(?P<id>[^"]+)"></a>`(?P<name>[^ `]+)(?: L)?` \|', re.M)


def test_what_is_committed_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """`make update-goldens`, or `vmc docs -o docs`, writes it anew."""
    update = os.environ.get("UPDATE_GOLDEN")
    assert main(["docs", "-o", str(ROOT / "docs"), *([] if update else ["--check"])]) == 0, capsys.readouterr().out


def test_it_is_the_same_each_time() -> None:
    assert {page.path: page.text for page in own()} == PAGES


# ------------------------------------------------------------------------------------------- diagnostics


@pytest.mark.parametrize("number", sorted(load_all()))
def test_a_code_has_a_place(number: int) -> None:
    each = REGISTRY[number]
    file, _, anchor = diagnostics.where(each).partition("#")
    text = PAGES[f"diagnostics/{file}"].partition(f'<a id="{anchor}"></a>')[2].partition("<a id=")[0]
    assert f"## {each}\n" in text
    for name in SECTIONS[2:]:
        assert each.section(name) in text
    assert f"({diagnostics.where(each)})" in PAGES["diagnostics/README.md"]


def test_a_code_without_a_page_fails() -> None:
    bare = Code(9999, "without-a-page", "What: Something.")
    try:
        with pytest.raises(ValueError, match="9999 without-a-page"):
            list(diagnostics.pages([bare]))
    finally:
        del REGISTRY[9999]


# -------------------------------------------------------------------------------------------- attributes


def blocks() -> set[type[Block]]:
    found: set[type[Block]] = set()
    waiting = list(ROOTS.values())
    while waiting:
        block = waiting.pop()
        if block not in found:
            found.add(block)
            waiting += (inner for each in schema(block) for inner in each.types)
    return found


def test_every_line_of_the_model_stands_there_once() -> None:
    rows = [row for path, text in PAGES.items() if path.startswith("reference/") for row in ROW.findall(text)]
    roots_own = sum(not each.types for root in ROOTS.values() for each in schema(root))
    others = sum(len(schema(block).fields) for block in blocks() - set(ROOTS.values()))
    assert len(rows) == roots_own + others


def test_a_page_has_each_anchor_once() -> None:
    for path, text in PAGES.items():
        found = re.findall(r'<a id="([^"]+)">', text)
        assert len(found) == len(set(found)), path


def test_a_setting() -> None:
    assert '| <a id="disk.cache"></a>`cache` | `default` `none` ' in PAGES["reference/vm/disk.md"]
    assert "`devices/disk/driver/@cache`" in PAGES["reference/vm/disk.md"]
    assert "| `kvm` | 0.0.1 | `@type` | Hypervisor. |" in PAGES["reference/vm/README.md"]
    assert "[`pci`](../parts/device.md#pci-address)" in PAGES["reference/vm/disk.md"]


# ---------------------------------------------------------------------------------------------- profiles


def test_every_standard_profile_has_a_page_with_its_settings() -> None:
    names = standard().names
    assert len(names) > 10
    assert {f"{library.FOLDER}/{name}.md" for name in names} <= set(PAGES)
    text = PAGES[f"{library.FOLDER}/low-latency.md"]
    assert "**Extends** [`std.numa-local`](numa-local.md)" in text
    assert "- `host.kernel.args.nohz_full = self.cpu.pin`  \n  `host.kernel.args.rcu_nocbs = self.cpu.pin`  \n  No timer tick" in text
    assert "`when has($host.reserve.cpus): emulator.pin ?= near($host.reserve.cpus, self.cpu.pin)`" in text


def test_reasons() -> None:
    file = parse(
        Source(
            "a.vmspec",
            "profile a {\n"
            "  ## Why\n  ## at length.\n  cpu { mode ?= custom; final check = none }\n  memory.size = 1GiB\n\n"
            '  title = "x"\n'
            "  when true { disk vda { ## no reason of the next line\n    cache = none } } else { unset disk vda }\n"
            "  for $n in [1] { tags += [a] }\n"
            "}\n",
        )
    )
    profile = file.statements[0]
    assert isinstance(profile, tree.Profile)
    found = [(group.reason, group.statements) for group in groups(profile.body, reasons_of(file))]
    assert found == [
        ("Why\nat length.", ("cpu.mode ?= custom", "final cpu.check = none", "memory.size = 1GiB")),
        ("", ('title = "x"',)),
        ("", ("when true: disk vda.cache = none", "when not (true): unset disk vda", "for $n in [1]: tags += [a]")),
    ]


# -------------------------------------------------------------------------------------------------- text


def test_nothing_is_taken_for_markup() -> None:
    assert code("a`b") == "``a`b``"
    assert prose("<pmu/> and `<pmu/>` and *") == "\\<pmu/> and `<pmu/>` and \\*"
    assert table(("A", "B"), [("`a|b`", "")]) == "| A |\n| --- |\n| `a\\|b` |"
    assert sentence("See e.g. that. And `this`.") == "See e.g. that."


# ------------------------------------------------------------------------------------------- the command

SOURCES = """\
## The site.

## How many.
param $n: int = 2

## A shared | guest.
profile site($q: int = 4) extends std.balanced { cpu.count ?= $n }
profile edge extends site { tags += [edge] }

## The first host.
host h1 { os = debian; numa 0 { cpus = 0-7; memory = 32GiB } }

## One of several.
vm "web-${k}" extends edge { each $k in [a, b]; memory.size = 1GiB; place = host(h1) }
vm loose extends site { memory.size = 1GiB }
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site.vmspec").write_text(SOURCES)
    return tmp_path


def test_docs_of_sources(site: Path) -> None:
    out = site / "out"
    assert main(["docs", str(site / "site.vmspec"), "-o", str(out)]) == 0
    texts = {file.name: file.read_text() for file in out.iterdir()}
    assert set(texts) == {"README.md", "profiles.md", "hosts.md", "vms.md"}
    assert "The site." in texts["README.md"] and "| `$n` | `int` | `2` | How many. |" in texts["README.md"]
    assert "**Extends** [`site`](#site-site)" in texts["profiles.md"]
    assert '<a id="site-site"></a>' in texts["profiles.md"]
    assert "| `$q` | `int` | `4` |" in texts["profiles.md"]
    assert "2 VMs: `web-a`, `web-b`" in texts["hosts.md"] and "The first host." in texts["hosts.md"]
    assert re.search(r"^\| `web-a` \| 2 \| 1GiB \| \[`h1`\]\(hosts.md#h1\) \| .*`edge` \| One of several. \|$", texts["vms.md"], re.M)
    assert all(text.startswith(MARK) for text in texts.values())


def test_docs_leave_what_is_not_theirs(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = site / "out"
    out.mkdir()
    (out / "README.md").write_text("mine\n")
    assert main(["docs", str(site), "-o", str(out)]) == 1
    assert "error[6906 not-our-page]" in capsys.readouterr().err
    assert [file.name for file in out.iterdir()] == ["README.md"]
    (out / "README.md").unlink()
    (out / "vms.md").symlink_to(site / "elsewhere.md")
    assert main(["docs", str(site), "-o", str(out)]) == 1
    assert not (site / "elsewhere.md").exists()
    (out / "vms.md").unlink()
    (out / "notes.md").write_text("mine\n")
    (out / "gone.md").write_text(f"{MARK}\n")
    assert main(["docs", str(site), "-o", str(out), "--check"]) == 3
    assert {file.name for file in out.iterdir()} == {"gone.md", "notes.md"}
    assert main(["docs", str(site), "-o", str(out)]) == 0
    assert {file.name for file in out.iterdir()} == {"README.md", "profiles.md", "hosts.md", "vms.md", "notes.md"}
    assert main(["docs", str(site), "-o", str(out), "--check"]) == 0


def test_docs_of_broken_sources(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site / "site.vmspec").write_text("vm a { memory.size = 64 }\n")
    assert main(["docs", str(site), "-o", str(site / "out")]) == 1
    assert "site.vmspec:1:22" in capsys.readouterr().err
    assert not (site / "out").exists()


def test_graphs(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", str(site)]) == 0
    text = capsys.readouterr().out
    assert text.startswith("digraph vmspec {\n")
    assert [line.strip() for line in text.splitlines() if "->" in line] == ["n0 -> n2;", "n1 -> n0;", "n2 -> n3;"]
    assert [re.findall(r'label="([^"]+)"', line)[0] for line in text.splitlines() if "label" in line] == [
        "site", "edge", "std.balanced", "std.base",
    ]  # fmt: skip
    assert main(["graph", str(site), "--of", "placement", "--format", "mermaid"]) == 0
    assert capsys.readouterr().out == (
        'flowchart LR\n  n0["h1"]\n  n1["placed nowhere"]\n  style n1 stroke-dasharray: 4\n'
        '  n2("web-a")\n  n3("web-b")\n  n4("loose")\n  n0 --> n2\n  n0 --> n3\n  n1 --> n4\n'
    )


def test_a_graph_of_broken_sources(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site / "site.vmspec").write_text("profile a extends b { }\n")
    assert main(["graph", str(site)]) == 1
    assert "digraph" not in capsys.readouterr().out


def test_the_documents_name_every_command() -> None:
    """The table of commands, and no command that is not there."""
    table_ = (ROOT / "docs/outputs.md").read_text().partition("## Diagnostics")[0]
    named = set(
        re.findall(r"`vmc ([a-z]+(?: (?:print|coverage|show|renew|reseed|prune|propose))?)", table_.partition("A value is addressed")[0])
    )
    assert named == {" ".join(words) for words in COMMANDS}


def test_every_object_has_a_schema() -> None:
    assert tuple(ROOTS) == KINDS
