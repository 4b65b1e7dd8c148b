"""The files of hosts pass the tools that read them, in a root of Debian's: units, rules, switches, modules, GRUB, initramfs, tuned."""

from __future__ import annotations

import json
import re

import pytest

from tests.emit.host.test_files import HOSTS, files
from tests.real.debian_root import DebianRoot, debian_root

pytestmark = [pytest.mark.newer, pytest.mark.needs("debootstrap")]


@pytest.fixture(scope="module")
def root() -> DebianRoot:
    return debian_root()


def below(name: str) -> dict[str, str]:
    return {path.removeprefix("root/"): text for path, text in files(name).items() if path.startswith("root/")}


UNITS = """
for unit in $(cd /etc/systemd/system; ls *.service *.mount *.slice 2>/dev/null); do
  systemd-analyze verify --man=no $unit || echo "FAILED $unit"
done
for folder in $(cd /etc/systemd/system; ls -d *.d 2>/dev/null); do
  unit=${folder%.d}
  systemctl cat $unit >/dev/null 2>&1 || continue
  systemd-analyze verify --man=no $unit || echo "FAILED $unit"
done
"""


@pytest.mark.parametrize("name", HOSTS)
def test_systemd_takes_the_units(name: str, root: DebianRoot) -> None:
    said = root.run(UNITS, below(name))
    ours = [line for line in said.splitlines() if "vmspec" in line or "FAILED" in line]
    assert ours == []


@pytest.mark.parametrize("suite", ["trixie"])
@pytest.mark.parametrize("name", [name for name in HOSTS if any("udev" in path for path in below(name))])
def test_udev_takes_the_rules(name: str, suite: str) -> None:
    """`udevadm verify` is there from systemd 254 on."""
    said = debian_root(suite).run("udevadm verify --no-style /etc/udev/rules.d/*vmspec* 2>&1; echo rc=$?", below(name))
    assert said.endswith("rc=0\n"), said


@pytest.mark.parametrize("name", [name for name in HOSTS if any("tmpfiles" in path for path in below(name))])
def test_tmpfiles_takes_the_switches(name: str, root: DebianRoot) -> None:
    """It says which it would write; one that it cannot read it would name with its line."""
    said = root.run("systemd-tmpfiles --create --prefix=/nothing /etc/tmpfiles.d/vmspec.conf 2>&1; echo rc=$?", below(name))
    assert said == "rc=0\n"


@pytest.mark.parametrize("name", [name for name in HOSTS if any("modprobe.d" in path for path in below(name))])
def test_kmod_takes_the_options(name: str, root: DebianRoot) -> None:
    made = below(name)
    shown = root.run("modprobe --showconfig", made)
    for path, text in made.items():
        if "modprobe.d" in path:
            assert [line for line in text.splitlines() if not line.startswith("#") and line not in shown.splitlines()] == []


def test_sysctl_reads_ours_in_its_order(root: DebianRoot) -> None:
    """systemd-sysctl and procps have one order: later names win."""
    made = below("debian-low-latency") | {"etc/sysctl.d/99-theirs.conf": "vm.swappiness = 60\n"}
    order = root.run("systemd-analyze cat-config sysctl.d", made)
    assert order.index("vm.swappiness = 1\n") < order.index("vm.swappiness = 60\n")
    procps = root.run("sysctl --system 2>/dev/null | grep '^\\* Applying'", made).splitlines()
    assert procps.index("* Applying /etc/sysctl.d/90-vmspec.conf ...") < procps.index("* Applying /etc/sysctl.d/99-theirs.conf ...")


GRUB = """
mkdir -p /boot/grub
cat > /usr/sbin/grub-probe <<'END'
#!/bin/sh
case "$*" in
  *uuid*) echo 11111111-2222-3333-4444-555555555555 ;;
  *target=fs*) echo ext2 ;;
  *device*) echo /dev/vda1 ;;
  *) echo x ;;
esac
END
chmod 755 /usr/sbin/grub-probe
grub-mkconfig -o /boot/grub/grub.cfg >/dev/null 2>&1
grep -E '^\\s*linux\\s' /boot/grub/grub.cfg
"""


@pytest.mark.parametrize("name", [name for name in HOSTS if "root/etc/default/grub.d/90-vmspec.cfg" in files(name)])
def test_grub_boots_with_our_arguments(name: str, root: DebianRoot) -> None:
    """After what the administrator has, in the usual entries; the recovery entries are without."""
    default = 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX="theirs=1"\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\n'
    said = root.run(GRUB, below(name) | {"etc/default/grub": default})
    usual = [line for line in said.splitlines() if " single" not in line]
    assert usual and all(line.rstrip().endswith(f"theirs=1 quiet {files(name)['cmdline'].strip()}") for line in usual), said
    assert all("isolcpus" not in line for line in said.splitlines() if " single" in line)


VFIO = [name for name in HOSTS if any("vfio" in path for path in below(name))]


DEBIAN = """
sed -i s/^MODULES=.*/MODULES=list/ /etc/initramfs-tools/initramfs.conf
update-initramfs -u >/dev/null 2>&1
lsinitramfs /boot/initrd.img-*
unmkinitramfs /boot/initrd.img-* /x
cat /x/conf/modules /x/main/conf/modules 2>/dev/null || true
"""
DRACUT = """
dracut -f --no-hostonly /tmp/i $(ls /lib/modules) >/dev/null 2>&1
lsinitrd /tmp/i 2>/dev/null
"""


@pytest.mark.parametrize("name", [name for name in VFIO if any("initramfs-tools" in path for path in below(name))])
def test_the_initramfs_of_debian_has_vfio(name: str, root: DebianRoot) -> None:
    said = root.run(DEBIAN, below(name))
    assert re.search(r"kernel/drivers/vfio/pci/vfio-pci\.ko", said)
    assert "lib/udev/rules.d/10-vmspec-vfio.rules" in said and "etc/modprobe.d/vmspec-vfio.conf" in said
    assert re.search(r"^vfio_pci$", said, re.MULTILINE)


def test_dracut_has_vfio(root: DebianRoot) -> None:
    name = next(name for name in VFIO if any("dracut" in path for path in below(name)))
    said = root.run(DRACUT, below(name))
    assert "10-vmspec-vfio.rules" in said and "vmspec-vfio.conf" in said and re.search(r"vfio-pci\.ko", said)


TUNED = """
import json
from tuned import consts
from tuned.plugins.plugin_bootloader import BootloaderPlugin
from tuned.profiles import Factory, Loader, Locator, Merger
from tuned.profiles.variables import Variables
from tuned.utils.global_config import GlobalConfig

config = GlobalConfig()
new = hasattr(consts, "CFG_PROFILE_DIRS")
folders = config.get_list(consts.CFG_PROFILE_DIRS, consts.CFG_DEF_PROFILE_DIRS) if new else consts.LOAD_DIRECTORIES
variables = Variables()
profile = Loader(Locator(folders), Factory(), Merger(), config, variables).load("vmspec")
boot = BootloaderPlugin._get_effective_options(BootloaderPlugin.__new__(BootloaderPlugin), profile.units["bootloader"].options)
scheduler = profile.units.get("scheduler")
print(json.dumps({
    "cmdline": variables.expand(boot["cmdline"]),
    "spared": variables.expand(scheduler.options["ps_blacklist"]) if scheduler else "",
    "units": sorted(profile.units),
}))
"""


@pytest.mark.parametrize("suite", ["bookworm", "trixie"])
@pytest.mark.parametrize("name", [name for name in HOSTS if name.endswith("tuned")])
def test_tuned_finds_and_loads_our_profile(name: str, suite: str) -> None:
    """By the locator, loader and boot loader's plugin of tuned 2.20 and 2.25: our arguments alone, and QEMU keeps its CPUs."""
    # tuned looks whether the CPUs are online, and this machine may have two.
    made = {path: text.replace("2-7", "1") for path, text in below(name).items()}
    said = debian_root(suite).run("python3 /t.py 2>/tmp/said || cat /tmp/said", made | {"t.py": TUNED})
    loaded = json.loads(said.splitlines()[-1])
    words, ours = loaded["cmdline"].split(), files(name)["cmdline"].replace("2-7", "1").split()
    isolating = ("isolcpus=", "nohz_full=", "rcu_nocbs=")
    assert [word for word in words if word.startswith(isolating)] == [word for word in ours if word.startswith(isolating)]
    assert set(ours) <= set(words)
    assert "sysctl" in loaded["units"], "the parent's settings are there too"
    assert not loaded["spared"] or "qemu-system" in loaded["spared"]
