"""What a host has elsewhere and wins over our files is found; what does not win is not."""

from __future__ import annotations

import pytest

from vmspec.plan.elsewhere import OwnSettings, elsewhere
from vmspec.plan.files import FileSetting

OWN = OwnSettings(
    sysctls=[FileSetting("vm.swappiness", "1"), FileSetting("net.ipv4.conf.eth0.rp_filter", "0")],
    parameters=[FileSetting("kvm.halt_poll_ns", "0"), FileSetting("kvm_intel.nested", "0")],
    switches=[FileSetting("/sys/kernel/mm/ksm/run", "2")],
    arguments=[
        FileSetting("isolcpus", "managed_irq,domain,2-7"),
        FileSetting("nosmt", ""),
        FileSetting("console", "tty0"),
        FileSetting("console", "ttyS0"),
    ],
    argument_files=["/etc/default/grub"],
)
CASES: dict[str, tuple[dict[str, str], list[str], list[str]]] = {
    # files, enabled units, what is said, by its beginning
    "sysctl-later": ({"/etc/sysctl.d/99-a.conf": "#x\nvm.swappiness = 60"}, [], ["/etc/sysctl.d/99-a.conf:2 has 60, and 1 is meant"]),
    "sysctl-earlier": ({"/etc/sysctl.d/10-a.conf": "vm.swappiness = 60"}, [], []),
    "sysctl-same": ({"/etc/sysctl.d/99-a.conf": "vm.swappiness=1"}, [], []),
    "sysctl-own-file": ({"/etc/sysctl.conf": "-vm/swappiness = 60"}, [], ["/etc/sysctl.conf:1"]),
    "sysctl-pattern": ({"/usr/lib/sysctl.d/99-z.conf": "net.ipv4.conf.*.rp_filter = 2"}, [], ["/usr/lib/sysctl.d/99-z.conf:1 has 2"]),
    "sysctl-hidden": (
        {"/etc/sysctl.d/99-z.conf": "vm.dirty_ratio = 5", "/usr/lib/sysctl.d/99-z.conf": "vm.swappiness = 60"},
        [],
        [],
    ),
    "sysctl-last-word": ({"/etc/sysctl.d/95-a.conf": "vm.swappiness=9", "/etc/sysctl.d/96-b.conf": "vm.swappiness=1"}, [], []),
    "module": ({"/etc/modprobe.d/zz.conf": "options kvm halt_poll_ns=200000"}, [], ["/etc/modprobe.d/zz.conf:1 has 200000"]),
    "module-dashes": ({"/etc/modprobe.d/zz.conf": "options kvm-intel nested=1 ept=1"}, [], ["/etc/modprobe.d/zz.conf:1 has 1"]),
    "module-earlier": ({"/etc/modprobe.d/kvm.conf": "options kvm halt_poll_ns=200000"}, [], []),
    "switch": ({"/etc/tmpfiles.d/x.conf": "w /sys/kernel/mm/ksm/run - - - - 1"}, [], ["/etc/tmpfiles.d/x.conf:1 has 1"]),
    "grub": ({"/etc/default/grub": 'GRUB_CMDLINE_LINUX="quiet isolcpus=4"'}, [], ["/etc/default/grub:1 has isolcpus=4"]),
    "grub-fragment": ({"/etc/default/grub.d/50-x.cfg": "GRUB_CMDLINE_LINUX_DEFAULT=\"$X nosmt=force\""}, [], ["/etc/default/grub.d/50-x"]),
    "grub-comment": ({"/etc/default/grub": '#GRUB_CMDLINE_LINUX="isolcpus=4"'}, [], []),
    "grub-same": ({"/etc/default/grub": 'GRUB_CMDLINE_LINUX="nosmt"'}, [], []),
    "grub-consoles": ({"/etc/default/grub": 'GRUB_CMDLINE_LINUX="console=ttyS1"'}, [], []),
    "not-read-here": ({"/etc/kernel/cmdline": "isolcpus=4"}, [], []),
    "tuned-arguments": ({"/etc/tuned/bootcmdline": 'TUNED_BOOT_CMDLINE="isolcpus=4 x"'}, [], ["/etc/tuned/bootcmdline:1"]),
    "tuned-runs": ({"/etc/tuned/active_profile": "virtual-host\n"}, ["tuned.service"], ["/etc/tuned/active_profile:1 has virtual-host"]),
    "tuned-is-off": ({"/etc/tuned/active_profile": "virtual-host\n"}, [], []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_wins_is_named(name: str) -> None:
    files, enabled, said = CASES[name]
    found = list(elsewhere(OWN, files, enabled))
    assert len(found) == len(said), [str(each) for each in found]
    assert all(begin in str(each) for begin, each in zip(said, found, strict=True)), [str(each) for each in found]


def test_the_kernel_keeps_the_first_isolcpus() -> None:
    (found,) = elsewhere(OWN, {"/etc/default/grub": "GRUB_CMDLINE_LINUX=isolcpus=4"}, [])
    assert "keeps the first" in str(found)
