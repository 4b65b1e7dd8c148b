"""What `start-after` takes: VMs, by reference or by name, and nothing else, which is told as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.driver.compilation import Compilation

SMALL = "cpu.count = 1; memory.size = 1GiB"


def said(value: str, folder: Path) -> list[str]:
    file = folder / "main.vmspec"
    file.write_text(f"host n1 {{ }}\nvm b {{ {SMALL} }}\nvm c {{ {SMALL} }}\nvm a {{ {SMALL}; restart.after = {value} }}\n")
    return [d.message for d in Compilation([file]).diagnostics]


@pytest.mark.parametrize("value", ["[vm(b)]", "[vm(b), c]", "b", '["b", "c"]', "[]"])
def test_it_takes_vms(value: str, tmp_path: Path) -> None:
    assert said(value, tmp_path) == []


@pytest.mark.parametrize(
    ("value", "shown"), [("-1GiB", "-1GiB"), ("[b, host(n1)]", "host(n1)"), ("[{ x = 1 }]", "{ x = 1 }"), ('[file("/x")]', 'file("/x")')]
)
def test_what_is_none_is_shown_as_it_is_written(value: str, shown: str, tmp_path: Path) -> None:
    assert said(value, tmp_path) == [f"restart.after of a takes VMs, and {shown} is none"]
