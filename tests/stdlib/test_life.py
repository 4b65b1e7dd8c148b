"""Programs of real life, with the standard profiles and without: each builds without a word, the schemas included."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import Case, differences, params
from vmspec.driver.compilation import Compilation
from vmspec.validate.schemas import Schemas

HERE = Path(__file__).parent / "cases"
SCHEMAS = Schemas.load(())[0]


@pytest.mark.parametrize("case", params(HERE))
def test_case(case: Case, tmp_path: Path) -> None:
    (tmp_path / "main.vmspec").write_text(case.text, encoding="utf-8")
    made = Compilation([tmp_path / "main.vmspec"])
    wrong = differences(case, made.diagnostics)
    assert not wrong, f"{case.place}\n" + "\n".join(wrong)
    for artifact in made.artifacts():
        assert not artifact.path.startswith("domains/") or SCHEMAS.check(artifact, made.trail_of) == [], artifact.path
