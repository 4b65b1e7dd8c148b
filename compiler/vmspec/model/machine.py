"""Names of machine types: QEMU's aliases, their versioned names, and the machine that an architecture has unless another is said."""

from __future__ import annotations

import re

FULL = {"q35": "pc-q35-{}", "pc": "pc-i440fx-{}", "virt": "virt-{}", "pseries": "pseries-{}", "s390-ccw-virtio": "s390-ccw-virtio-{}"}
"""QEMU's alias → its versioned name (qemu 7.2.0: pc_q35.c, pc_piix.c, virt.c, spapr.c, s390-virtio-ccw.c below hw/)."""
ALIAS_OF_ARCH = {
    "x86_64": "q35",
    "i686": "q35",
    "aarch64": "virt",
    "armv7l": "virt",
    "riscv64": "virt",
    "ppc64": "pseries",
    "ppc64le": "pseries",
    "s390x": "s390-ccw-virtio",
}
RED_HAT = ("rhel", "centos", "rocky", "alma")
"""Systems whose QEMU has Red Hat's machine types, and upstream's under no name."""
RHEL_Q35 = (((9, 1), "9.6.0"), ((8, 2), "9.4.0"), ((7, 2), "9.2.0"), ((7, 0), "9.0.0"), ((6, 2), "8.6.0"), ((6, 0), "8.5.0"))
"""From which QEMU on Red Hat's has which machine types: RHEL 8.6 and 9.0 have QEMU 6.2, 9.1 has 7.0, 9.2 has 7.2, 9.4 has 8.2, 9.6 has
9.1. Each has those of the releases before it (`qemu-kvm -machine help` of RHEL 9.8: pc-q35-rhel9.8.0 down to rhel8.5.0)."""
RHEL_OLDEST = "8.4.0"
RHEL_PC = "7.6.0"
"""Of i440fx Red Hat has had no newer one since RHEL 7 (the same list)."""


def red_hat(alias: str, qemu: tuple[int, ...]) -> str:
    """The newest machine type that every Red Hat QEMU of this version has."""
    if alias == "pc":
        return FULL[alias].format(f"rhel{RHEL_PC}")
    release = next((name for since, name in RHEL_Q35 if qemu[:2] >= since), RHEL_OLDEST)
    return FULL[alias].format(f"rhel{release}")


def version_of(machine: str) -> tuple[int, ...] | None:
    """`pc-q35-8.2` → (8, 2): the QEMU that brought an upstream machine type. None for Red Hat's and for what has no version."""
    found = re.fullmatch(r"(?:pc-q35|pc-i440fx|pc|virt|pseries|s390-ccw-virtio)-([0-9]+)\.([0-9]+)(?:\.[0-9]+)?", machine)
    return (int(found[1]), int(found[2])) if found else None


def is_red_hat(machine: str) -> bool:
    return re.search(r"-rhel[0-9]", machine) is not None


def alias_of(machine: str) -> str | None:
    """`pc-q35-7.2` → `q35`; None for a machine that has no alias here."""
    for alias, form in FULL.items():
        if machine == alias or re.fullmatch(
            re.escape(form.removesuffix("{}")) + r"[0-9].*|" + re.escape(form.removesuffix("{}")) + r"rhel.*", machine
        ):
            return alias
    return None
