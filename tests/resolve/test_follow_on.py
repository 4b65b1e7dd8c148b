"""Follow-on errors: what is only missing because a file could not be read is not told, and everything else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.driver.compilation import BuildOptions, Compilation

BROKEN = "profile p { cpu.count = }\nenv prod { }\nvm lost { cpu.count = 1 }\n"
GOOD = "profile p { cpu.count = 1 }\n"
OWN = "vm own { cpu.cuont = 1 }\n"
"""A mistake that stands by itself."""
SYNTAX, UNKNOWN_PROFILE, UNKNOWN, MISSING_FILE, CYCLE = 17, 1003, 1001, 1005, 1004

# files; the codes that are told, by file
CASES: dict[str, tuple[dict[str, str], dict[str, list[int]]]] = {
    "nothing is broken": ({"main": f'import "a.vmspec"\nvm v extends q {{ }}\n{OWN}', "a": GOOD}, {"main": [UNKNOWN_PROFILE, UNKNOWN]}),
    "what imports a broken file": ({"main": f'import "a.vmspec"\nvm v extends p {{ }}\n{OWN}', "a": BROKEN}, {"a": [SYNTAX]}),
    "through another": (
        {"main": f'import "b.vmspec"\nvm v extends p {{ }}\n{OWN}', "b": f'import "a.vmspec"\n{OWN}', "a": BROKEN}, {"a": [SYNTAX]}
    ),
    "under a name": ({"main": f'import "a.vmspec" as x\nvm v extends x.p {{ }}\n{OWN}', "a": BROKEN}, {"a": [SYNTAX]}),
    "a file beside it": (
        {"main": 'import "a.vmspec"\nimport "c.vmspec"\nvm v extends p { }\n', "a": BROKEN, "c": f"{OWN}vm w extends nobody {{ }}\n"},
        {"a": [SYNTAX], "c": [UNKNOWN, UNKNOWN_PROFILE]},
    ),
    "what another file names may be in the broken one": (
        {"main": 'import "a.vmspec"\nimport "c.vmspec"\n', "a": BROKEN, "c": f"{OWN}env prod {{ vm lost {{ cpu.count = 2 }} }}\n"},
        {"a": [SYNTAX], "c": [UNKNOWN]},
    ),
    "a file that is not there": ({"main": f'import "none.vmspec"\nvm v extends p {{ }}\n{OWN}'}, {"main": [MISSING_FILE]}),
    "and one beside that": (
        {"main": 'import "none.vmspec"\nimport "c.vmspec"\n', "c": OWN}, {"main": [MISSING_FILE], "c": [UNKNOWN]}
    ),
    "in a folder": (
        {"main": 'import "lib/b.vmspec"\nvm v extends p { }\n', "lib/b": 'import "../a.vmspec"\n', "a": BROKEN}, {"a": [SYNTAX]},
    ),
    "a ring": (
        {"main": 'import "b.vmspec"\nimport "c.vmspec"\nvm v extends p { }\n', "b": 'import "main.vmspec"\n', "c": OWN},
        {"b": [CYCLE], "c": [UNKNOWN]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_told(name: str, tmp_path: Path) -> None:
    files, expected = CASES[name]
    for file, text in files.items():
        path = tmp_path / f"{file}.vmspec"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "vmspec.toml").write_text('id = "p"\n')
    found = Compilation((str(tmp_path / "main.vmspec"),), BuildOptions(None, {}, False)).diagnostics
    told: dict[str, list[int]] = {}
    for each in found:
        assert each.primary is not None
        told.setdefault(each.primary.source.path.rpartition(".")[0], []).append(each.code.number)
    told = {file.removeprefix(f"{tmp_path}/"): numbers for file, numbers in told.items()}
    assert told == expected
