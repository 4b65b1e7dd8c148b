"""Names of machine types: QEMU's aliases, their versioned names, and the machine that an architecture has unless another is said."""

from __future__ import annotations

import re

FULL = {"q35": "pc-q35-{}", "pc": "pc-i440fx-{}", "virt": "virt-{}", "pseries": "pseries-{}", "s390-ccw-virtio": "s390-ccw-virtio-{}"}
"""QEMU's alias → its versioned name (qemu 7.2.0: pc_q35.c, pc_piix.c, virt.c, spapr.c, s390-virtio-ccw.c below hw/)."""
ALIAS_OF_ARCH = {
    "x86_64": "q35",
    "i686": "q35",
    "aarch64": "virt",
    "riscv64": "virt",
    "ppc64": "pseries",
    "ppc64le": "pseries",
    "s390x": "s390-ccw-virtio",
}


def alias_of(machine: str) -> str | None:
    """`pc-q35-7.2` → `q35`; None for a machine that has no alias here."""
    for alias, form in FULL.items():
        if machine == alias or re.fullmatch(
            re.escape(form.removesuffix("{}")) + r"[0-9].*|" + re.escape(form.removesuffix("{}")) + r"rhel.*", machine
        ):
            return alias
    return None
