"""Every line of the model in each of its forms: no mistake of a user ends as a bug of ours, none is told in our own names, none twice."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest

from tests.amount import ALL
from tests.model.forms import Form, forms
from tests.model.lines import blocks
from vmspec.base.diagnostic import Diagnostic, Severity, has_errors
from vmspec.driver.compilation import Compilation
from vmspec.model.kinds import ObjectKind
from vmspec.validate.schemas import Schemas

SHARDS = 8
STEP = 1 if ALL else 27
"""Of some 80,000 programs every 27th is tried; all of them take minutes."""
OUR_NAMES = frozenset(block.__name__ for block in blocks() if re.search("[a-z][A-Z]", block.__name__))
INTERNAL = re.compile(r"\bNone\b|\bPOISON\b|<class|\bobject at 0x|\b(?:Symbol|Size|Rate|Duration|Tagged|CpuSet|Problem)\(|\('[^']*',")


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas.load(())[0]


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_form_is_taken_or_refused_with_one_sentence(shard: int, schemas: Schemas, tmp_path: Path) -> None:
    (tmp_path / "vmspec.toml").write_text('id = "8d6cbd4d-2c3f-4d6e-9e3a-0c1d2e3f4a5b"\n')
    file = tmp_path / "main.vmspec"
    file.write_text("")
    wrong: list[str] = []
    tried = 0
    for form in islice(forms(), shard * STEP, None, STEP * SHARDS):
        tried += 1
        wrong += [f"{form.name}: {why}\n{form.text}" for why in faults(form, found_in(form.text, file, schemas))]
    assert tried > 300 and not wrong, "\n".join(wrong[:20])


def found_in(text: str, file: Path, schemas: Schemas) -> list[Diagnostic]:
    """What a check says of a program."""
    compilation = Compilation([file], overlay={file: text})
    found = list(compilation.diagnostics)
    if not has_errors(found):
        for artifact in compilation.artifacts():
            if artifact.kind is ObjectKind.VM:
                found += schemas.check(artifact, compilation.trail_of)
    return found


def faults(form: Form, found: list[Diagnostic]) -> list[str]:
    out = [f"{d.code}: {d.message}" for d in found if d.code.number >= 9000]
    for each in found:
        for text in (each.message, each.help or "", *each.notes, *(label.message for label in each.labels)):
            if INTERNAL.search(text) or any(word in OUR_NAMES for word in re.findall(r"\w+", text)):
                out.append(f"an internal name: {text}")
    errors = [d for d in found if d.severity is Severity.ERROR]
    values = [d for d in errors if d.code.number < 4000]
    if len(values) > 1:
        out.append("one mistake, several errors: " + "; ".join(f"{d.code}: {d.message}" for d in values))
    out += [f"no place: {d.message}" for d in errors if d.primary is None or d.primary.source.standard]
    return out
