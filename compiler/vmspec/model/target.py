"""For which software a build is: versions of libvirt and QEMU, kernel, distribution; and whether that knows a thing.

All that hangs on a version asks here: lines of the model (`since`), words of enumerations, variants of choices, findings of rules
(`since`, `until`), the prediction of what libvirt makes of a definition, the choice of a schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from vmspec.base.record import record

Version: TypeAlias = tuple[int, ...]
"""(9, 0, 0); empty where nobody says."""

OLDEST: Version = (9, 0, 0)
"""The oldest libvirt that the rules were tried on; those before it are read and imported."""


@record(frozen=True)
class Software:
    """Software that a definition is for; what is empty is not known."""

    libvirt: Version = ()
    qemu: Version = ()
    kernel: Version = ()
    system: str = ""
    """Distribution and release: `debian-12`."""
    arch: str = ""

    def __str__(self) -> str:
        parts = [f"{name} {shown(number)}" for name, number in (("libvirt", self.libvirt), ("QEMU", self.qemu)) if number]
        return " and ".join(parts) or self.system or "an unknown libvirt"

    def has(self, since: str = "", until: str = "") -> bool | None:
        """Whether its libvirt is of these versions: the first that counts, and the first that no longer does. None: nobody says."""
        if not since and not until:
            return True
        if not self.libvirt:
            return None
        return (not since or self.libvirt >= version(since)) and (not until or self.libvirt < version(until))

    def before(self, other: Software) -> Software:
        """This, and what it does not say from the other."""
        return Software(
            libvirt=self.libvirt or other.libvirt,
            qemu=self.qemu or other.qemu,
            kernel=self.kernel or other.kernel,
            system=self.system or other.system,
            arch=self.arch or other.arch,
        )


ANY = Software()
"""Nobody says."""
SYSTEMS: Mapping[str, tuple[str, str, str]] = {
    "debian-12": ("9.0.0", "7.2", "6.1"),
    "debian-13": ("11.3.0", "10.0", "6.12"),
    "ubuntu-22.04": ("8.0.0", "6.2", "5.15"),
    "ubuntu-24.04": ("10.0.0", "8.2", "6.8"),
    "rhel-8": ("8.0.0", "6.2", "4.18"),
    "rhel-9": ("10.10.0", "9.1", "5.14"),
    "rhel-10.0": ("10.10.0", "9.1", "6.12"),
    "rhel-10.1": ("11.5.0", "10.0", "6.12"),
    "fedora-41": ("10.6.0", "9.1", "6.11"),
    "fedora-42": ("11.0.0", "9.2", "6.14"),
    "fedora-43": ("11.6.0", "10.1", "6.17"),
    "opensuse-15.6": ("10.0.0", "8.2", "6.4"),
}
"""libvirt, QEMU and kernel of a release as it came: packages.debian.org and packages.ubuntu.com (bookworm, trixie, jammy, noble), Red Hat's
AppStream of 8.10, 9.6, 10.0 and 10.1, Fedora's src.fedoraproject.org, openSUSE Leap's repository. What a host says itself outranks it."""
LIKE_RHEL = ("centos", "rocky", "alma")


def version(text: str | None) -> Version:
    """`9.0.0` → (9, 0, 0), and so is `9.0`."""
    numbers = tuple(int(part) for part in text.split(".")) if text else ()
    return (*numbers, *(0,) * (3 - len(numbers))) if numbers else ()


def is_older(one: str, other: str) -> bool | None:
    """By the numbers that each begins with, of a kernel's `6.1.0-18-amd64` three; None where one begins with none."""
    begins = [re.match(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,7}", text) for text in (one, other)]
    numbers = [version(each[0]) for each in begins if each is not None]
    return numbers[0] < numbers[1] if len(numbers) == 2 else None


def shown(number: Version) -> str:
    return ".".join(map(str, number))


def of_system(name: str) -> Software | None:
    """The target of a distribution's release, `debian-13`; None where it is not in the table."""
    family, _, release = name.partition("-")
    known = SYSTEMS.get(f"{'rhel' if family in LIKE_RHEL else family}-{release}")
    if known is None:
        return None
    libvirt, qemu, kernel = known
    return Software(libvirt=version(libvirt), qemu=version(qemu), kernel=version(kernel), system=name)


def read_target(words: Mapping[str, str]) -> Software | str:
    """The target that words such as `libvirt = 11.3` say, or what is wrong with them."""
    said: dict[str, Version] = {}
    system = arch = ""
    for name, text in words.items():
        match name:
            case "libvirt" | "qemu" | "kernel":
                if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}){0,2}", text):
                    return f"{name} = {text} is no version such as 11.3"
                said[name] = version(text)
            case "os":
                system = text
            case "arch":
                arch = text
            case _:
                return f"a target has no `{name}`: it has libvirt, qemu, kernel, os, arch"
    own = Software(said.get("libvirt", ()), said.get("qemu", ()), said.get("kernel", ()), system, arch)
    if not system:
        return own
    usual = of_system(system)
    return f"os = {system} is not known: it is one of {', '.join(SYSTEMS)}" if usual is None else own.before(usual)


def oldest(targets: Iterable[Software]) -> Software:
    """Of several, the oldest of each kind of software; what one of them does not say is not known."""
    every = tuple(targets)
    if not every:
        return Software()
    return Software(
        libvirt=_lowest([each.libvirt for each in every]),
        qemu=_lowest([each.qemu for each in every]),
        kernel=_lowest([each.kernel for each in every]),
    )


def _lowest(numbers: list[Version]) -> Version:
    return min(numbers) if all(numbers) else ()
