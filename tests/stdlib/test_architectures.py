"""Every standard profile on every architecture, with many mixes of devices: it builds clean, or says in one sentence why not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.stdlib.test_stdlib import HOST, NAMES
from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.driver.compilation import Compilation
from vmspec.validate.folders import INSTALLED
from vmspec.validate.schemas import Schemas

ARCHITECTURES = ("x86_64", "aarch64", "s390x", "ppc64le", "riscv64")
PINNED = ("low-latency", "realtime", "dpdk-nfv", "gpu-passthrough")
WHERE = {"numa-local": "cpu.cpuset = 2-7", "database": "cpu.cpuset = 2-7", **dict.fromkeys(PINNED, "cpu.pin = 4-7")}
GPU = "hostdev gpu { source = pci(0000:3b:00.0) }"
MODEL = {"s390x": "cpu.model = gen15a", "ppc64le": "cpu.model = POWER9"}
"""Of std.migratable, where no host tells one."""
REFUSED = {
    **{(name, "s390x"): "low-latency" for name in ("low-latency", "realtime", "dpdk-nfv", "gpu-passthrough")},
    **{(name, arch): name for name in ("windows-guest", "confidential-sev-snp") for arch in ARCHITECTURES if arch != "x86_64"},
    **{("migratable", arch): "migratable" for arch in ("aarch64", "riscv64")},
}
DISKS = {
    "file": 'disk a { source = file("/images/a.qcow2", format = qcow2) }',
    "block": 'disk a { source = block("/dev/vg0/a") }',
    "writeback": 'disk a { source = file("/images/a.raw"); cache = writeback }',
    "cdrom": 'disk a { source = block("/dev/vg0/a") }; disk cd { device = cdrom; source = file("/images/i.iso") }',
    "empty-cdrom": 'disk a { source = block("/dev/vg0/a") }; disk cd { device = cdrom }',
    "scsi": 'controller c { type = scsi; model = virtio-scsi }; disk a { bus = scsi; source = block("/dev/vg0/a") }',
    "rbd": 'disk a { source = rbd("pool/a", monitors = ["m:6789"]) }',
    "nbd": 'disk a { source = nbd("a", hosts = ["h:10809"]) }',
    "mixed": 'disk a { source = block("/dev/vg0/a") }; disk b { source = rbd("pool/b", monitors = ["m:6789"]) }; '
    'disk cd { device = cdrom; source = file("/images/i.iso") }',
}
X86_DISKS = {
    "sata": 'disk a { bus = sata; source = file("/images/a.raw") }',
    "floppy": 'disk a { source = block("/dev/vg0/a") }; disk f { device = floppy; source = file("/images/f.img") }',
}
CARDS = {
    "bridge": 'interface e { source = bridge("br0") }',
    "user": "interface e { source = user() }",
    "vf": "interface e { source = hostdev(0000:3b:10.0) }",
    "e1000": 'interface e { source = bridge("br0"); model = e1000e }',
}


@cache
def schemas() -> Schemas:
    loaded, wrong = Schemas.load((INSTALLED,) if INSTALLED.is_dir() else ())
    assert not wrong
    return loaded


def compiled(
    tmp_path: Path, name: str, arch: str, devices: str, placed: bool = False, versions: tuple[str, str] = ("10.5.0", "9.1.0")
) -> Compilation:
    wants = [WHERE.get(name, ""), GPU if name == "gpu-passthrough" else "", MODEL.get(arch, "") if name == "migratable" else ""]
    body = "; ".join(
        part for part in (f"arch = {arch}", "place = host(n1)" * placed, "cpu.count = 4", "memory.size = 4GiB", devices, *wants) if part
    )
    main = tmp_path / "main.vmspec"
    host = HOST.replace("host n1 {", f'host n1 {{ arch = {arch}; libvirt = "{versions[0]}"; qemu = "{versions[1]}"')
    if arch == "s390x":
        host = host.replace("{ 1GiB = 8; 2MiB = 4096 }", "{ 1MiB = 8192 }")
    main.write_text((host if placed else "") + f"vm a extends std.{name} {{ {body} }}\n", encoding="utf-8")
    return Compilation([main])


def wrong(compilation: Compilation) -> list[Diagnostic]:
    """Everything that is said but that the guest is on no host, and what the schemas say of the XML."""
    found = list(compilation.diagnostics)
    if any(d.severity is Severity.ERROR for d in found):
        return found
    for artifact in compilation.artifacts():
        if artifact.path.endswith(".xml"):
            found += schemas().check(artifact, lambda address, within: None)
    return found


@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("name", NAMES)
def test_each_architecture(name: str, arch: str, tmp_path: Path) -> None:
    disk = DISKS["file"]
    said = wrong(compiled(tmp_path, name, arch, f"{disk}; {CARDS['bridge']}", placed=True))
    if (name, arch) in REFUSED:
        assert [d.code.number for d in said] == [2114]
        assert REFUSED[name, arch] in said[0].message
    elif name == "confidential-sev-snp":
        assert {d.code.number for d in said} <= {7006}  # the schema that is installed may be older than the host
    else:
        assert [f"{d.code} {d.message}" for d in said] == []


@pytest.mark.parametrize("mix", [*DISKS, *X86_DISKS])
@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("gpu-passthrough", "confidential-sev-snp")])
def test_each_mix_of_disks(name: str, mix: str, tmp_path: Path) -> None:
    for arch in ARCHITECTURES if mix in DISKS else ("x86_64",):
        if (name, arch) in REFUSED or (name == "migratable" and mix == "writeback"):
            continue
        said = wrong(compiled(tmp_path, name, arch, {**DISKS, **X86_DISKS}[mix], placed=True))
        assert [f"{arch}: {d.code} {d.message}" for d in said] == []


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("gpu-passthrough", "confidential-sev-snp")])
def test_each_kind_of_interface(name: str, card: str, tmp_path: Path) -> None:
    for arch in ARCHITECTURES:
        if (name, arch) in REFUSED or (card == "e1000" and arch == "s390x") or (name == "migratable" and card == "vf"):
            continue
        said = wrong(compiled(tmp_path, name, arch, f"{DISKS['block']}; {CARDS[card]}", placed=True))
        assert [f"{arch}: {d.code} {d.message}" for d in said] == []
