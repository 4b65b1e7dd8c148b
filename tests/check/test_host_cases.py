"""Hosts with one planted fault each, and sound ones of many shapes: each finding stands where the fault is, and nothing else is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import Case, differences, params, read
from vmspec.driver.compilation import Compilation

HERE = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", list(params(HERE)))
def test_what_is_said_of_a_host(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("vmspec.toml").write_text('id = "3d0f8a2c-6f0e-4a39-9a63-0f2b7c1d9e51"\n')
    Path("main.vmspec").write_text(case.text)
    wrong = differences(case, Compilation(["main.vmspec"]).diagnostics)
    assert not wrong, f"{case.place}\n" + "\n".join(wrong)


def test_there_are_as_many_as_are_counted_on() -> None:
    """No case of faults is without one, and no sound one has any."""
    wrong, sound = read(HERE / "hosts-wrong.md"), read(HERE / "hosts-sound.md")
    assert len(wrong) >= 80 and all(case.marks for case in wrong)
    assert len(sound) >= 30 and not any(case.marks for case in sound)
