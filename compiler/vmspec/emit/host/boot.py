"""Who gives the kernel its arguments on a host, and the commands that hand ours over and take exactly them back.

A host has one owner of its command line. Each command is whole in itself, so that it can be shown, run, and still be run when the file
that it belongs to has gone. What was there before is kept in BEFORE, and what of ours was not there yet, in GIVEN.

Sources: grubby(8) and grubby-bls 8.40-69 of Fedora (update_args: `--args` replaces arguments of the same name; ALL writes
/etc/kernel/cmdline for kernels to come), kernel-install(8) of systemd 252 to 262, rpm-ostree(1) kargs, `bootc loader-entries
set-options-for-source` as tuned 2.27 calls it (plugin_bootloader.py: without --options it takes the arguments of a source away).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from vmspec.base.record import record
from vmspec.lower.fleet import HostObject

OWN = "/var/lib/vmspec"
BEFORE = f"{OWN}/arguments-before"
"""Arguments of others that grubby replaced, or, where we made it, the text of /etc/kernel/cmdline."""
GIVEN = f"{OWN}/arguments-given"
"""Those of our arguments that were not there before."""


class BootOwner(Enum):
    """As `bootloader` of a host calls it; `tuned` where the host says `tuned`, `other` where nobody is known."""

    GRUB = "grub"
    GRUBBY = "grubby"
    SYSTEMD_BOOT = "systemd-boot"
    RPM_OSTREE = "rpm-ostree"
    BOOTC = "bootc"
    TUNED = "tuned"
    OTHER = "other"


GRUBBY_SYSTEMS = ("rhel", "fedora", "centos", "rocky", "alma")
GRUB_SYSTEMS = ("debian", "ubuntu")
"""grub-mkconfig of these reads /etc/default/grub.d/*.cfg (Debian's grub2 2.06, util/grub-mkconfig.in as Debian patches it)."""


def boot_owner(host: HostObject) -> BootOwner:
    if host.spec.tuned is not None:
        return BootOwner.TUNED
    said = str(host.spec.bootloader) if host.spec.bootloader is not None else None
    if said == "zipl":  # grubby writes zipl's entries on Red Hat's systems; elsewhere nothing that is ours alone is read
        return BootOwner.GRUBBY if host.spec.os in GRUBBY_SYSTEMS else BootOwner.OTHER
    if said == "grub" and host.spec.os not in (*GRUB_SYSTEMS, None):
        return BootOwner.GRUBBY if host.spec.os in GRUBBY_SYSTEMS else BootOwner.OTHER
    if said is not None:
        return BootOwner(said)
    return BootOwner.GRUB if host.spec.os in GRUB_SYSTEMS else BootOwner.GRUBBY if host.spec.os in GRUBBY_SYSTEMS else BootOwner.OTHER


@record(frozen=True, slots=True)
class ArgumentCommands:
    """Of one owner: what hands a command line over, and what takes back what was handed over."""

    kept: str
    """Where the host keeps the line that was handed over; the owner is known by it."""
    give: Callable[[str], str]
    take: Callable[[str], str]


def _names(line: str) -> str:
    """The names of the arguments of a line, as alternatives of a regular expression."""
    names = dict.fromkeys(word.partition("=")[0] for word in line.split())
    return "|".join(name.replace(".", "[.]") for name in names)


def _grubby_give(line: str) -> str:
    theirs = f"sed -n 's/^args=\"\\(.*\\)\"$/\\1/p' | tr ' ' '\\n' | grep -xE '({_names(line)})(=.*)?' | tr '\\n' ' '"
    return f"{{ [ -e {BEFORE} ] || grubby --info=DEFAULT | {theirs} > {BEFORE}; }} && grubby --update-kernel=ALL --args='{line}'"


def _grubby_take(line: str) -> str:
    again = f'if [ -s {BEFORE} ]; then grubby --update-kernel=ALL --args="$(cat {BEFORE})"; fi'
    return f"grubby --update-kernel=ALL --remove-args='{line}' && {{ {again}; }} && rm -f {BEFORE}"


def _note_absent(line: str, there: str) -> str:
    """Shell text that writes down which arguments are not among those that a command prints. What an earlier run wrote stands."""
    quoted = " ".join(f"'{word}'" for word in line.split())  # none holds a single quote (lower/hosttext.py)
    absent = f'for a in {quoted}; do case "$have" in *" $a "*) ;; *) own="$own $a";; esac; done'
    return f'set -f; [ -e {GIVEN} ] || {{ have=" $({there}) " && own= && {absent}; echo "$own" > {GIVEN}; }}'


def _ostree_give(line: str) -> str:
    return f"{_note_absent(line, 'rpm-ostree kargs')} && {_ostree('--append-if-missing')}"


def _ostree_take(_: str) -> str:
    return f"set -f; {_ostree('--delete-if-present')} && rm -f {GIVEN}"


def _ostree(option: str) -> str:
    """One transaction for all of ours; none where there is nothing to change."""
    return f'set -- && for a in $(cat {GIVEN}); do set -- "$@" "{option}=$a"; done && {{ [ $# = 0 ] || rpm-ostree kargs "$@"; }}'


KERNEL_CMDLINE = "/etc/kernel/cmdline"
ENTRIES_ANEW = (
    "if kernel-install --help | grep -q add-all; then kernel-install add-all; else "
    'for k in /boot/vmlinuz-*; do kernel-install add "${k#/boot/vmlinuz-}" "$k" || exit 1; done; fi'
)
"""`add-all` is there from systemd 255 on."""


def _systemd_give(line: str) -> str:
    usual = "cat /usr/lib/kernel/cmdline 2>/dev/null || tr ' ' '\\n' < /proc/cmdline | grep -vE '^(BOOT_IMAGE|initrd)=' | tr '\\n' ' '"
    made = f"[ -e {KERNEL_CMDLINE} ] || {{ {{ {usual}; }} > {BEFORE}; cp {BEFORE} {KERNEL_CMDLINE}; }}"
    return f"{made} && {_note_absent(line, f'cat {KERNEL_CMDLINE}')} && {_without_ours('$(cat ' + GIVEN + ')')} && set +f && {ENTRIES_ANEW}"


def _systemd_take(_: str) -> str:
    ours = f'[ ! -e {BEFORE} ] || [ "$(echo $(cat {BEFORE}))" != "$(cat {KERNEL_CMDLINE})" ] || rm -f {KERNEL_CMDLINE}'
    return f"set -f; {_without_ours('')} && {{ {ours}; }} && rm -f {GIVEN} {BEFORE} && set +f && {ENTRIES_ANEW}"


def _without_ours(more: str) -> str:
    """The file without our arguments, then with those of `more`; whole or not at all."""
    left = f'for a in $(cat {KERNEL_CMDLINE}); do case " $(cat {GIVEN}) " in *" $a "*) ;; *) left="$left $a";; esac; done'
    return f"left= && {left} && echo $left {more} > {KERNEL_CMDLINE}.new && mv {KERNEL_CMDLINE}.new {KERNEL_CMDLINE}"


def _bootc_give(line: str) -> str:
    return f"bootc loader-entries set-options-for-source --source vmspec --options '{line}'"


def _bootc_take(_: str) -> str:
    return "bootc loader-entries set-options-for-source --source vmspec"


def _by_hand(line: str) -> str:
    return f"echo 'nobody is known who gives this kernel its arguments: say bootloader in the host; they are: {line}' >&2; exit 1"


def _by_hand_taken(line: str) -> str:
    return f"echo 'take these from the kernel by hand: {line}' >&2; exit 1"


ARGUMENT_COMMANDS: dict[BootOwner, ArgumentCommands] = {
    BootOwner.GRUBBY: ArgumentCommands(f"{OWN}/cmdline", _grubby_give, _grubby_take),
    BootOwner.SYSTEMD_BOOT: ArgumentCommands(f"{OWN}/cmdline.systemd-boot", _systemd_give, _systemd_take),
    BootOwner.RPM_OSTREE: ArgumentCommands(f"{OWN}/cmdline.rpm-ostree", _ostree_give, _ostree_take),
    BootOwner.BOOTC: ArgumentCommands(f"{OWN}/cmdline.bootc", _bootc_give, _bootc_take),
    BootOwner.OTHER: ArgumentCommands(f"{OWN}/cmdline.other", _by_hand, _by_hand_taken),
}
"""GRUB of Debian and tuned have files of ours instead."""
