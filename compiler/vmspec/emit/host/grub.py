"""etc/default/grub.d/90-vmspec.cfg of Debian and Ubuntu: extends the command line that the administrator has, and replaces nothing."""

from __future__ import annotations

from vmspec.emit.host.boot import BootOwner, boot_owner
from vmspec.emit.host.cmdline import arguments
from vmspec.emit.host.file import OURS, ROOT, HostFile, lines
from vmspec.lower.fleet import HostObject


def emit(host: HostObject) -> HostFile | None:
    found = arguments(host)
    if not found or boot_owner(host) is not BootOwner.GRUB:
        return None
    added = " ".join(text for text, _ in found)
    # The values hold no quote, backslash, dollar or backtick (lower/hosttext.py), so nothing ends the single quotes.
    assert "'" not in added and "\n" not in added
    text = lines(
        f"# {OURS}",
        "# The file is a shell fragment that grub-mkconfig reads.",
        f"GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT \"'{added}'",
    )
    entries = tuple(entry for _, entry in found)
    return HostFile(
        f"{ROOT}etc/default/grub.d/90-vmspec.cfg",
        text,
        entries,
        "kernel arguments for GRUB",
        ("update-grub",),
        ("update-grub",),
        reboot=True,
    )
