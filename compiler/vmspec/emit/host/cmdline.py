"""The kernel's command line, one line: what grubby, a BLS entry, systemd-boot or bootc is given."""

from __future__ import annotations

from vmspec.base.provenance import Path
from vmspec.emit.host import hugepages
from vmspec.emit.host.file import FileEntry, HostFile, lines
from vmspec.lower.fleet import HostObject
from vmspec.lower.hosttext import kernel_argument


def emit(host: HostObject) -> HostFile | None:
    found = arguments(host)
    if not found:
        return None
    return HostFile(
        "cmdline", lines(" ".join(text for text, _ in found)), tuple(entry for _, entry in found), "kernel arguments", reboot=True
    )


def arguments(host: HostObject) -> list[tuple[str, FileEntry]]:
    """Every argument as it is written, by name; huge pages last, each number after its size, as the kernel reads them
    (Linux Documentation/admin-guide/mm/hugetlbpage.rst)."""
    written = dict(host.spec.kernel.args) if host.spec.kernel else {}
    paths: dict[str, tuple[Path, ...]] = {name: (("kernel", "args", name),) for name in written}
    for name, value, path in _switches(host):
        if name not in written:
            written[name] = value
            paths[name] = (path,)
    found: list[tuple[str, FileEntry]] = []
    for name in sorted(written, key=_order):
        text = kernel_argument(name, written[name])
        if isinstance(text, str):
            found.append((text, FileEntry(name, paths[name], text.partition("=")[2])))
    return found + hugepages.arguments(host)


def _order(name: str) -> tuple[int, str]:
    """By name, but `default_hugepagesz`, `hugepagesz` and `hugepages` at the end and in this order."""
    sizes = ("default_hugepagesz", "hugepagesz", "hugepages")
    return (1 + sizes.index(name), name) if name in sizes else (0, name)


def _switches(host: HostObject) -> list[tuple[str, str | bool, Path]]:
    """Arguments behind the host's own switches; one that is written by hand wins. Linux Documentation/admin-guide/kernel-parameters.txt:
    `intel_iommu=` matters on Intel only, AMD's IOMMU is on by itself; ARM's has
    `iommu.passthrough=`; `nosmt` keeps sibling threads offline."""
    found: list[tuple[str, str | bool, Path]] = []
    arch = str(host.spec.arch or "x86_64")
    if host.spec.iommu and arch == "aarch64":
        found.append(("iommu.passthrough", "1", ("iommu",)))
    elif host.spec.iommu and arch in ("x86_64", "i686"):
        # An SNP host translates for its own devices too (snp_rmptable_init and iommu_snp_enable, Linux 6.11).
        snp = str(host.spec.modprobe.get("kvm_amd.sev_snp")) in ("1", "True", "true")
        found.append(("iommu", "nopt" if snp else "pt", ("iommu",)))
        if host.spec.vendor in (None, "intel"):
            found.append(("intel_iommu", "on", ("iommu",)))
    if host.spec.governor is not None:  # from the first moment on, where the governor is built in; else tmpfiles sets it later
        found.append(("cpufreq.default_governor", str(host.spec.governor), ("governor",)))
    if host.spec.smt is False:
        found.append(("nosmt", True, ("smt",)))
    return found
