"""What is to be done where libvirt's binding is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vmspec.deploy import binding


@pytest.mark.parametrize(("built_for", "seen"), [(f"{sys.version_info.major}{sys.version_info.minor}", True), ("300", False)])
def test_the_distribution_s_package_needs_no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built_for: str, seen: bool) -> None:
    """One that was built for another Python is of no use."""
    monkeypatch.setattr(binding, "LIBRARY", tmp_path)
    assert "gcc" in binding.how_to_install()
    (tmp_path / f"libvirtmod.cpython-{built_for}-x86_64-linux-gnu.so").touch()
    assert ("--system-site-packages" in binding.how_to_install()) is seen
    assert ("gcc" in binding.how_to_install()) is not seen
