"""What an `unset` of nothing says of the blocks that there are."""

from __future__ import annotations

from pathlib import Path

from vmspec.driver.compilation import Compilation


def helps(tmp_path: Path, body: str) -> list[str | None]:
    file = tmp_path / "main.vmspec"
    file.write_text(f"profile p {{ graphics {{ type = vnc }} }}\nvm a extends p {{ cpu.count = 1; memory.size = 1GiB; {body} }}\n")
    return [d.help for d in Compilation([file]).diagnostics if d.code.number == 2107]


def test_the_label_that_there_is_is_named(tmp_path: Path) -> None:
    assert helps(tmp_path, "unset graphics vnc") == ["of graphics there is graphics0"]


def test_a_block_of_the_same_body_is_nothing_to_unset(tmp_path: Path) -> None:
    assert helps(tmp_path, 'unset disk vdb; disk vda { source = block("/dev/vg0/a") }') == [None]
