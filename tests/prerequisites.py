"""What tests need of the machine beyond Python: how each is detected and how it is installed.

`python tests/prerequisites.py` lists them; `--install` installs what is missing where it may (root and apt), and never fails the
caller for what it may not install: the tests that need it then skip by name, and fail where CI=true. `--lacks NAME` says in one line
what keeps NAME from being there and how to get it; nothing where it is. `--lend` shows libvirt's binding of Debian's and Ubuntu's
python3-libvirt to this environment, where it has none and they were built for one Python.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import libvirts


@dataclass(frozen=True)
class Prerequisite:
    """Something a test may need; `missing` says in a few words what is absent, or returns None."""

    name: str
    missing: Callable[[], str | None]
    packages: tuple[str, ...] = ()
    """Debian's and Ubuntu's names."""
    pip: tuple[str, ...] = ()
    """What `make venv` installs besides, once the packages are there."""
    user: str | None = None
    """A system user that some releases make in another package than those above."""


def _commands(*names: str) -> Callable[[], str | None]:
    def missing() -> str | None:
        absent = [name for name in names if shutil.which(name) is None]
        return f"no command {', '.join(absent)}" if absent else None

    return missing


def _files(*paths: str) -> Callable[[], str | None]:
    def missing() -> str | None:
        absent = [path for path in paths if not Path(path).exists()]
        return f"no {', '.join(absent)}" if absent else None

    return missing


def _ortools() -> str | None:
    return None if importlib.util.find_spec("ortools") is not None else "no module ortools"


def _root() -> str | None:
    return None if os.geteuid() == 0 else "not root"


def _control_groups() -> str | None:
    return None if os.access("/sys/fs/cgroup", os.W_OK) else "/sys/fs/cgroup is not writable"


def _namespaces() -> str | None:
    lacks = _root() or _commands("ip", "nsenter", "unshare")()
    allowed = lacks or subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode == 0
    return lacks or (None if allowed else "no network namespace may be made")


def _kvm() -> str | None:
    return None if os.access("/dev/kvm", os.R_OK | os.W_OK) else "no usable /dev/kvm"


def _x86() -> str | None:
    return None if platform.machine() == "x86_64" else f"the machine is {platform.machine()}"


def _binding() -> str | None:
    try:
        found = importlib.util.find_spec("libvirt")
    except ValueError:  # sys.modules has None: somebody hides it
        found = None
    if found:
        return None
    how = "tests/prerequisites.py --lend" if _distribution_binding() else "-m pip install libvirt-python"
    return f"no module libvirt ({sys.executable} {how})"


DISTRIBUTION = Path("/usr/lib/python3/dist-packages")
"""Where Debian and Ubuntu put Python modules."""


def _distribution_binding() -> tuple[Path, ...]:
    """The files of python3-libvirt, if they are there and for this Python: its name says for which (PEP 3149)."""
    if not (DISTRIBUTION / f"libvirtmod{sysconfig.get_config_var('EXT_SUFFIX')}").is_file():
        return ()
    return tuple(sorted(path for path in DISTRIBUTION.glob("libvirt*") if path.is_file()))


def lend() -> None:
    """A folder of links to that one binding, after all else on the path: nothing else of the distribution's modules is seen, and a binding
    that pip installs goes before it."""
    files = _distribution_binding()
    if not files or _binding() is None or sys.prefix == sys.base_prefix:
        return
    folder = Path(sys.prefix, "distribution-libvirt")
    folder.mkdir(exist_ok=True)
    for file in files:
        (folder / file.name).unlink(missing_ok=True)
        (folder / file.name).symlink_to(file)
    Path(sysconfig.get_path("platlib"), f"{folder.name}.pth").write_text(f"{folder}\n", encoding="utf-8")


DRIVER_USER = "libvirt-qemu"
"""As Debian and Ubuntu build libvirt (QEMU_USER). Run by root the driver does not open without it, whatever qemu.conf says
(virQEMUDriverConfigNew, src/qemu/qemu_conf.c 9.0.0); Debian 12 makes it in libvirt-daemon-system, with the daemon."""


def _embedded() -> str | None:
    """libvirt's QEMU driver in a process of ours."""
    driver = next(Path("/usr").glob("lib*/**/libvirt/connection-driver/libvirt_driver_qemu.so"), None)
    if driver is None:
        return "no QEMU driver of libvirt"
    wants = os.geteuid() == 0 and DRIVER_USER.encode() in driver.read_bytes()
    return _commands("qemu-system-x86_64")() or (_user(DRIVER_USER) if wants else None) or _binding()


def _user(name: str) -> str | None:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return f"no user {name}"
    return None


def _real() -> str | None:
    return _root() or _x86() or _embedded()


def _kernel() -> str | None:
    return _x86() or _commands("qemu-system-x86_64", "apt-get", "dpkg-deb")() or _files("/bin/busybox")()


def _corpus() -> str | None:
    return _commands("apt-get", "dpkg-source")()


_BINDING = ("libvirt-dev", "pkg-config", "gcc", "python3-dev")
_LIBVIRT = ("libvirt-daemon", "libvirt-daemon-driver-qemu", *_BINDING, "qemu-system-x86", "qemu-utils")

PREREQUISITES: dict[str, Prerequisite] = {
    each.name: each
    for each in (
        Prerequisite("schemas", _files("/usr/share/libvirt/schemas/domain.rng"), ("libvirt0",)),
        Prerequisite("xmllint", _commands("xmllint"), ("libxml2-utils",)),
        Prerequisite("libvirt-python", _binding, _BINDING, ("libvirt-python",)),
        Prerequisite("libvirt-embedded", _embedded, _LIBVIRT, ("libvirt-python",), DRIVER_USER),
        Prerequisite("libvirt", _real, _LIBVIRT, ("libvirt-python",), DRIVER_USER),
        Prerequisite("ortools", _ortools, pip=("ortools>=9.8",)),
        Prerequisite("qemu", _commands("qemu-system-x86_64"), ("qemu-system-x86",)),
        Prerequisite("kernel", _kernel, ("qemu-system-x86", "busybox-static")),
        Prerequisite("corpus", _corpus, ("dpkg-dev",)),
        Prerequisite("swtpm", _commands("swtpm"), ("swtpm", "swtpm-tools")),
        Prerequisite("ovmf", _files("/usr/share/OVMF"), ("ovmf",)),
        Prerequisite("virtinst", _commands("virt-install"), ("virtinst",)),
        Prerequisite("nix", _commands("nix-instantiate"), ("nix-bin",)),
        Prerequisite("libvirtd", _commands("libvirtd", "virsh"), ("libvirt-daemon", "libvirt-clients")),
        *(Prerequisite(shell, _commands(shell), (shell,)) for shell in ("bash", "zsh", "fish")),
        Prerequisite("cgroups", _control_groups),
        Prerequisite("netns", _namespaces, ("iproute2",)),
        Prerequisite("kvm", _kvm),
        Prerequisite("sshd", _files("/usr/sbin/sshd"), ("openssh-server",)),
        *(Prerequisite(name, lambda name=name: libvirts.missing(name)) for name in libvirts.LIBVIRTS),  # type: ignore[misc]
        Prerequisite(
            "debootstrap", lambda: _root() or _commands("debootstrap", "qemu-system-x86_64")(), ("debootstrap", "qemu-system-x86")
        ),
        Prerequisite("root", _root),
    )
}

# What the suite can do without; absent, the tests that need it skip even where CI=true.
OPTIONAL = frozenset({"nix", "kvm", *libvirts.LIBVIRTS})


@cache
def missing(name: str) -> str | None:
    """Why the prerequisite `name` is not met, with the way to get it; None where it is met."""
    wanted = PREREQUISITES[name]
    reason = wanted.missing()
    if reason is None:
        return None
    if wanted.user and reason == _user(wanted.user):
        return f"needs {name}: {reason}; {' '.join(_useradd(wanted.user))}"
    packages = wanted.packages
    if reason == _binding():
        packages = () if _distribution_binding() else _BINDING  # the last that is looked for: all else is there
    how = f"; apt-get install {' '.join(packages)}" if packages else ""
    return f"needs {name}: {reason}{how}"


def _useradd(name: str) -> tuple[str, ...]:
    """As the package that Debian 12 has it in would make it, but for the number."""
    return ("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/var/lib/libvirt", name)


def install() -> None:
    """Installs the packages of what is missing and not optional, where root and apt-get are there."""
    lacking = [each for each in PREREQUISITES.values() if each.name not in OPTIONAL and each.missing() is not None]
    # Looked for as the library, not as the module: this Python is not the one of the environment that will build the binding.
    building = () if _library_version() else _BINDING
    packages = sorted({package for each in lacking for package in each.packages} | set(building))
    if not packages:
        return
    if _root() or shutil.which("apt-get") is None:
        print(f"not installing {' '.join(packages)}: needs root and apt-get; the tests that need them will skip by name")
        return
    _packages(packages)
    for name in sorted({each.user for each in lacking if each.user and _user(each.user)}):
        subprocess.run(_useradd(name), check=False)


def _packages(packages: Sequence[str]) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
    # One transaction first; package by package where one of them does not exist on this release.
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    if subprocess.run([*command, *packages], env=quiet, check=False, stdout=subprocess.DEVNULL).returncode != 0:
        for package in packages:
            subprocess.run([*command, package], env=quiet, check=False, stdout=subprocess.DEVNULL)


def pip_packages() -> list[str]:
    """What pip should add to the environment: libvirt's binding, of the library's own version, whose calls it knows exactly."""
    version = _library_version()
    return [f"libvirt-python=={version}"] if version and _binding() else []


def _library_version() -> str | None:
    """The version of the libvirt that the binding can be built against here."""
    if shutil.which("pkg-config") is None or shutil.which("gcc") is None:
        return None
    result = subprocess.run(["pkg-config", "--modversion", "libvirt"], capture_output=True, text=True, check=False)
    return result.stdout.strip() or None


def main(argv: list[str]) -> int:
    match argv:
        case ["--install"]:
            install()
        case ["--pip"]:
            print(" ".join(pip_packages()))
        case ["--lend"]:
            lend()
        case ["--lacks", name]:
            print(missing(name) or "", end="")
        case []:
            for name in PREREQUISITES:
                print(missing(name) or f"has {name}")
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
