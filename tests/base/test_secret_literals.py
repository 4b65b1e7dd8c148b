"""Where secrets stand in sources, right or wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.secret_literals import names_in, secrets_in
from vmspec.driver.compilation import Compilation
from vmspec.report import FORMATS, render


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ('passwd = ("litM")', ["litM"]),
        ('graphics { passwd = "hunter5" + 1; title = "t" }', ["hunter5"]),
        ('passwd = ["litA", "litB"]', ["litA", "litB"]),
        ('passwd = if "litE" then 1 else "x"', ["litE", "x"]),
        ('passwd ?= "litJ"; passwd += "litK"', ["litJ", "litK"]),
        ('passwd "litU"', ["litU"]),
        ("passwd = 'litM'", ["litM"]),
        ('passwd = "litT', ["litT"]),
        ("passwd = litW", ["litW"]),
        ('passwd =\n  "litX"\ntitle = "t"', ["litX"]),
        ('paswd = "aaaa"\npassword = "bbbb"', ["aaaa", "bbbb"]),
        ('vm "web" extends p(pw = "litN") { title = "t" }', ["litN"]),
        ('profile p($x: string) { graphics { passwd = $x } }\nvm "w" extends p("litP") { }\nlet $x = "litL"', ["litP", "litL"]),
        ('assert self.graphics.spice.passwd != "litQ", "say another"', ["litQ"]),
        ('# passwd = "old1"', ["old1"]),
        ("<graphics type='vnc' passwd='abc'/>", ["abc"]),
        ('require graphics.vnc.passwd: "say it"', []),
        ('passwd-valid-to = "2030"', []),
        ('description = "the passwd"; title = "t"', []),
        ("passwd = $pw", []),
    ],
)
def test_secrets(text: str, secrets: list[str]) -> None:
    assert [text[start:end] for start, end in secrets_in(text, names_in(text))] == secrets


@pytest.mark.parametrize(
    "passwd",
    [
        'passwd = ("hush-hush")',
        'passwd = "hush-hush" + 1',
        'passwd = ["hush-hush"]',
        'passwd = if "hush-hush" then "a" else "b"',
        'passwd = not "hush-hush"',
        'passwd ?= "hush-hush"; passwd += "hush-hush"',
        'passwd "hush-hush"',
        "passwd = 'hush-hush'",
        'passwd = "hush-hush',
        'paswd = "hush-hush"',
        'password = "hush-hush"',
        'passwd = "hush-hush"; assert self.cpu.count == 2, "oh ${self.graphics.g.passwd}"',
    ],
)
@pytest.mark.parametrize("form", FORMATS)
def test_no_format_says_one(tmp_path: Path, passwd: str, form: str) -> None:
    inside, _, after = passwd.partition("; assert")
    said = f"; assert{after}" if after else ""
    text = f"vm a {{\n  cpu.count = 1\n  memory.size = 1GiB\n  graphics g {{\n    type = spice\n    {inside}\n  }}{said}\n}}\n"
    (tmp_path / "a.vmspec").write_text(text)
    found = Compilation([tmp_path]).diagnostics
    assert found
    shown = render(form, found)
    assert "hush" not in shown
    assert "a.vmspec" in shown
