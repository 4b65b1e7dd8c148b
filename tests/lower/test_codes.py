"""The pages of this room's codes: each Example fires exactly its code, each Instead compiles clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.base.code import Code
from vmspec.driver.compilation import Compilation
from vmspec.lower import codes

CODES = [code for code in vars(codes).values() if isinstance(code, Code)]
WITHOUT_EXAMPLE = {
    "no-place-on-bus": "takes some 180 devices",
    "placed-on-unknown-host": "cannot be written: the name is refused earlier",
    **dict.fromkeys(
        ("lock-syntax", "lock-version", "lock-entry", "lock-duplicate", "lock-stale", "laid-out-anew", "target-taken", "place-taken"),
        "lies in the lock, not in a program",
    ),
}


@pytest.mark.parametrize("code", CODES, ids=lambda code: str(code.name))
def test_page(code: Code, tmp_path: Path) -> None:
    assert code.section("What") and code.section("Why")
    if code.name in WITHOUT_EXAMPLE:
        assert not code.section("Example")
        return
    assert _fired(code.section("Example"), tmp_path / "example") == [code.number]
    assert _fired(code.section("Instead"), tmp_path / "instead") == []


def _fired(program: str, folder: Path) -> list[int]:
    folder.mkdir()
    (folder / "a.vmspec").write_text(program + "\n")
    return [d.code.number for d in Compilation([folder]).diagnostics]
