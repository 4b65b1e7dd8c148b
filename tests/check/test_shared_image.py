"""Images of two VMs: on the network from wherever the VMs are, local ones where the VMs may be on one host."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.driver.compilation import Compilation

HOSTS = "host n1 { numa 0 { cpus = 0-7; memory = 16GiB } }; host n2 { numa 0 { cpus = 0-7; memory = 16GiB } }\n"
VM = "vm {} {{ place = host({}); cpu.count = 1; memory.size = 1GiB; disk vda {{ source = {}; {} }} }}\n"
RBD = 'rbd("vms/a", monitors = ["m1:6789"])'


@pytest.mark.parametrize(
    ("source", "more", "host", "told"),
    [
        (RBD, "", "n2", True),
        ('rbd("vms/a", monitors = ["m2:6789", "m1:6789"])', "", "n2", True),
        ('rbd("vms/a", monitors = ["other:6789"])', "", "n2", False),
        ('rbd("vms/b", monitors = ["m1:6789"])', "", "n2", False),
        (RBD, "shareable = true; cache = none", "n2", False),
        (RBD, "readonly = true", "n2", False),
        ('nbd("export", hosts = ["store:10809"])', "", "n2", True),
        ('iscsi("iqn.2020-01.org.example:disk/1", hosts = ["san:3260"])', "", "n2", True),
        ('block("/dev/vg0/a")', "", "n2", False),
        ('block("/dev/vg0/a")', "", "n1", True),
    ],
)
def test_shared_image(tmp_path: Path, source: str, more: str, host: str, told: bool) -> None:
    first = RBD if source.startswith("rbd") else source
    (tmp_path / "vmspec.toml").write_text('id = "3d0f8a2c-6f0e-4a39-9a63-0f2b7c1d9e51"\n')
    (tmp_path / "a.vmspec").write_text(HOSTS + VM.format("a", "n1", first, more) + VM.format("b", host, source, more))
    found = Compilation([tmp_path]).diagnostics
    assert [d.code.number for d in found if d.code.number == 6002] == ([6002] if told else []), [d.message for d in found]
