"""A machine that is full is one error, however many devices find no place."""

from __future__ import annotations

from pathlib import Path

from vmspec.driver.compilation import Compilation

MANY = 'vm a { memory.size = 1GiB; cpu.count = 1; for $i in range(400) { interface "e${$i}" { source = bridge("br0") } } }\n'


def test_one_error_with_a_count(tmp_path: Path) -> None:
    (tmp_path / "a.vmspec").write_text(MANY)
    found = [each for each in Compilation([tmp_path]).diagnostics if each.code.number == 4004]
    assert [each.message for each in found] == [
        '"a" has no PCI place left for 222 devices, the first of which is interface.e179: the buses of q35 are full'
    ]


def test_a_nul_byte_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.vmspec").write_bytes(b'vm a { memory.size = 1GiB\n  title = "x\0y" }\n')
    (found,) = Compilation([tmp_path]).program_diagnostics
    assert (found.code.number, found.message.endswith("a.vmspec has a NUL byte in line 2, and a source is a text without any")) == (
        1005,
        True,
    )
