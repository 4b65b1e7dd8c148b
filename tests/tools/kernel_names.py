"""Makes `model/kernel_names.txt`: names of kernel arguments, sysctls and module parameters, by version of the kernel.

    python tests/tools/kernel_names.py 6.1=linux-doc-6.1,linux-image-6.1.0-56-amd64 6.12=linux-doc-6.12,linux-image-6.12.117+deb12-amd64

Each version is named with Debian's packages of its documents and its image, which apt downloads. Arguments are those of
admin-guide/kernel-parameters.txt and x86's boot-options.rst, and of built-in modules; sysctls are those that the booted kernel shows
(QEMU, some seconds each) and those of the documents; parameters are read from the modules, of those that hosts of guests set.
"""

from __future__ import annotations

import gzip
import lzma
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.real.kernel import _cpio

TABLE = Path(__file__).parents[2] / "compiler/vmspec/model/kernel_names.txt"
MODULES = re.compile(
    r"kvm.*|vfio.*|vhost.*|virtio.*|tun|tap|macvtap|macvlan|bridge|br_netfilter|bonding|8021q|nvme.*|nbd|rbd|loop|zram|"
    r"ixgbe.*|i40e|iavf|ice|igb|igbvf|e1000e|mlx[45]_.*|bnxt.*|qede?|sfc|cxgb4|tg3|nf_conntrack|ip_tables|"
    r"nouveau|i915|amdgpu|radeon|snd_hda_intel|xhci_.*|ahci|sd_mod|scsi_mod|megaraid_sas|mpt3sas|lpfc|qla2xxx|dm_.*|"
    r"acpi_cpufreq|intel_rapl.*|irqbypass|ksmbd|overlay|openvswitch|iscsi_tcp|ccp|tdx.*|intel_iommu.*|mdev|ipmi_.*|"
    r"softdog|iTCO_wdt|usbcore|i2c_nvidia_gpu|ib_core|zswap|lz4"
)
"""What a host of guests may set."""
INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc
/bin/busybox mount -t proc proc /proc
/bin/busybox find /proc/sys -type f >/dev/ttyS0
/bin/busybox poweroff -f
"""
PASSING = re.compile(r"net\.ipv[46]\.(conf|neigh)\.(?!all\.|default\.)|fs\.binfmt_misc\.|dev\.")


def main(words: list[str]) -> None:
    args: dict[str, set[str]] = {}
    sysctls: dict[str, set[str]] = {}
    parameters: dict[str, dict[str, dict[str, str]]] = {}
    packages: list[str] = []
    for word in words:
        version, _, names = word.partition("=")
        documents, image = names.split(",")
        with tempfile.TemporaryDirectory() as folder:
            docs, boot = (_unpacked(name, Path(folder) / name, packages) for name in (documents, image))
            modules = dict(_parameters(boot))
            args[version] = set(_arguments(docs)) | {f"{module}.{name}" for module, found in modules.items() for name in found}
            sysctls[version] = set(_documented(docs)) | set(_booted(boot))
            parameters[version] = modules
    versions = list(args)
    lines = [f"# Made by tests/tools/kernel_names.py from {', '.join(packages)}. Lines: what, the versions that have it, names."]
    lines += _by_versions(
        "args", {v: {name for name in args[v] if "." not in name or not _is_parameter(name, parameters[v])} for v in versions}
    )
    lines += _by_versions("sysctls", sysctls)
    for module in sorted({module for found in parameters.values() for module in found}):
        typed = {v: {f"{n}:{t}" for n, t in parameters[v].get(module, {}).items()} for v in versions if module in parameters[v]}
        lines += _by_versions(f"module {module}", typed)
    TABLE.write_text("\n".join(lines) + "\n")
    print(f"{TABLE}: {len(lines)} lines, {TABLE.stat().st_size >> 10} KiB")


def _by_versions(what: str, names: dict[str, set[str]]) -> Iterator[str]:
    """One line for each set of versions that know the same names."""
    groups: dict[str, list[str]] = {}
    for name in sorted(set().union(*names.values())):
        groups.setdefault(",".join(v for v in names if name in names[v]), []).append(name)
    yield from (f"{what} {versions} {' '.join(found)}" for versions, found in groups.items())


def _is_parameter(name: str, modules: dict[str, dict[str, str]]) -> bool:
    module, _, parameter = name.partition(".")
    return parameter in modules.get(module, {})


def _unpacked(package: str, folder: Path, packages: list[str]) -> Path:
    folder.mkdir()
    subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True)
    deb = next(folder.glob("*.deb"))
    packages.append(" ".join(deb.name.replace("%3a", ":").split("_")[:2]))
    subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
    return folder


def _arguments(docs: Path) -> Iterator[str]:
    text = "".join(_text(path) for path in docs.rglob("admin-guide/kernel-parameters.txt.gz"))
    for line in text.splitlines():
        found = re.match(r"\t([A-Za-z0-9_][A-Za-z0-9_.\-]*)(?:=|\[|\s|$)", line)
        if found and (line.rstrip().endswith(found[1]) or re.search(r"=|\[", line)):
            yield found[1].rstrip(".")
    for path in sorted(docs.rglob("x86_64/boot-options.rst.gz")):
        yield from re.findall(r"^\s*(?:\*\*)?([a-z][a-z0-9_]+)(?:=|$)", _text(path), re.MULTILINE)


def _documented(docs: Path) -> Iterator[str]:
    for folder in ("kernel", "vm", "fs"):
        for path in docs.rglob(f"Documentation/admin-guide/sysctl/{folder}.rst.gz"):
            if "translations" not in path.parts:
                names = re.findall(
                    r"^([a-z][a-zA-Z0-9_\-]+(?:, [a-z][a-zA-Z0-9_\-]+)*)(?: \([^)]*\))?\n[=\-~]{3,}$", _text(path), re.MULTILINE
                )
                yield from (f"{folder}.{name}" for each in names for name in each.split(", ") if "_" in name or "-" in name)
    for path in docs.rglob("Documentation/networking/ip-sysctl.rst.gz"):
        yield from (f"net.bridge.{name}" for name in re.findall(r"^(bridge-nf-[a-z0-9\-]+) - ", _text(path), re.MULTILINE))


def _booted(boot: Path) -> Iterator[str]:
    image = next(boot.glob("boot/vmlinuz-*"))
    initrd = boot / "initrd"
    initrd.write_bytes(_cpio({"init": INIT.encode(), "bin/busybox": Path("/bin/busybox").read_bytes()}))
    words = ["qemu-system-x86_64", "-accel", "tcg", "-m", "512", "-smp", "2", "-display", "none", "-serial", "stdio", "-no-reboot"]
    words += ["-kernel", str(image), "-initrd", str(initrd), "-append", "console=ttyS0 quiet panic=-1"]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=180, stdin=subprocess.DEVNULL).stdout
    for path in re.findall(r"/proc/sys/(\S+)", said):
        name = "/".join(part.replace("/", ".") for part in path.split("/")).replace("/", ".")
        if not PASSING.match(name):
            yield name


def _parameters(boot: Path) -> Iterator[tuple[str, dict[str, str]]]:
    folder = next(boot.glob("lib/modules/*"))
    built_in: dict[str, dict[str, str]] = {}
    for entry in (folder / "modules.builtin.modinfo").read_text("utf-8", "replace").split("\0"):
        module, found, typed = entry.partition(".parmtype=")
        if found:
            built_in.setdefault(module.replace("-", "_"), {})[typed.partition(":")[0]] = typed.partition(":")[2]
    yield from sorted(built_in.items())
    for path in sorted(folder.rglob("*.ko*")):
        name = path.name.partition(".ko")[0].replace("-", "_")
        if MODULES.fullmatch(name):
            data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
            found = {
                n.decode(): t.decode() for n, t in re.findall(rb"\0parmtype=([^\0:]+):([^\0]*)\0", b"\0" + data.replace(b"\0", b"\0\0"))
            }
            yield name, found


def _text(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode("utf-8", "replace")


if __name__ == "__main__":
    main(sys.argv[1:])
