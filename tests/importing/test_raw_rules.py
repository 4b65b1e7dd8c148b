"""Raw parts under the rules: what libvirt reads is the typed part and the raw part as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmspec.driver.compilation import Compilation
from vmspec.importing.raw_rules import judge
from vmspec.model.kinds import ObjectKind
from vmspec.validate.raw_text import overwritten
from vmspec.validate.schemas import Schemas


def said(tmp_path: Path, body: str) -> list[tuple[int, str]]:
    """The codes, and the text that each points at."""
    (tmp_path / "a.vmspec").write_text(body)
    compilation = Compilation([tmp_path])
    assert not [d for d in compilation.diagnostics if d.severity.value == "error"]
    judged = judge(Schemas.load(())[0], compilation.trail_of)
    found = [
        each
        for artifact in compilation.artifacts()
        for each in (judged(artifact) if artifact.kind is ObjectKind.VM else overwritten(artifact, compilation.trail_of))
    ]
    return [(each.code.number, each.primary.text if each.primary is not None else "") for each in found]


def vm(raw: str) -> str:
    return f'vm a {{ cpu.count = 1; memory.size = 64MiB; disk vda {{ source = block("/dev/vg0/a") }}; {raw} }}'


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        # Glued to a text of the model: another machine.
        ('xml.memory = "0"', 7002),
        ('xml.vcpu = "0"', 7002),
        ('xml.name = "X"', 7002),
        ('xml."os/type" = "x"', 7002),
        ('xml."@type" = "qemu"', 7002),
        ('xml."vcpu/@placement" = "auto"', 7002),
        # Beside it: what the rules say of typed parts.
        ('xml."vcpu/@current" = "9"', 4150),
        ('cpu.pin = 1; emulator.pin = 0; xml.cputune = """<vcpupin vcpu="0" cpuset="0"/>"""', 4951),
        ("""xml.devices = "<disk type='block' device='disk'><source dev='/dev/x'/><target dev='vda' bus='virtio'/></disk>\"""", 4351),
    ],
)
def test_refused(tmp_path: Path, raw: str, code: int) -> None:
    found = said(tmp_path, vm(raw))
    assert [each[0] for each in found] == [code]
    assert found[0][1].startswith("xml")


@pytest.mark.parametrize(
    "raw",
    [
        """xml.metadata = "<n xmlns='https://example.org/n'>kept</n>\"""",
        """xml.devices = "<disk type='block' device='disk'><source dev='/dev/x'/><target dev='vdb' bus='virtio'/></disk>\"""",
    ],
)
def test_accepted(tmp_path: Path, raw: str) -> None:
    assert said(tmp_path, vm(raw)) == []


def test_glued_in_a_network(tmp_path: Path) -> None:
    assert said(tmp_path, 'network n { xml.name = "X" }') == [(7002, 'xml.name = "X"')]


def test_each_at_its_own_part(tmp_path: Path) -> None:
    disk = "<disk type='block' device='disk'><source dev='/dev/x'/><target dev='vda' bus='virtio'/></disk>"
    found = said(tmp_path, vm(f"""xml {{ "vcpu/@current" = "9"; devices = "{disk}" }}"""))
    assert [(code, text[:7]) for code, text in found] == [(4150, '"vcpu/@'), (4351, "devices")]
