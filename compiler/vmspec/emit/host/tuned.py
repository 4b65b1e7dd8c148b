"""etc/tuned/vmspec/tuned.conf: a profile of ours on top of the one that the host names, for hosts that use tuned."""

from __future__ import annotations

from vmspec.emit.host import cmdline, grub
from vmspec.emit.host.file import OURS, ROOT, FileEntry, HostFile, lines
from vmspec.lower.fleet import HostObject


def emit(host: HostObject) -> HostFile | None:
    """The kernel arguments are in it where no GRUB fragment has them. The suffix of `cmdline_` is ours alone: of two profiles with one
    suffix tuned keeps the last (tuned's bootloader plugin)."""
    base = host.spec.tuned
    if base is None:
        return None
    arguments = cmdline.arguments(host) if host.spec.os not in grub.SYSTEMS else []
    boot = ["", "[bootloader]", "cmdline_vmspec=+" + " ".join(text for text, _ in arguments)] if arguments else []
    text = lines(f"# {OURS}", ["[main]", "summary=What vmspec derived from the guests of this host", f"include={base}"], boot)
    entries = (FileEntry("include", (("tuned",),), base), *(entry for _, entry in arguments))
    after, undone = ("tuned-adm profile vmspec",), (f"tuned-adm profile {base}",)
    return HostFile(
        f"{ROOT}etc/tuned/vmspec/tuned.conf",
        text,
        entries,
        "profile of tuned",
        after,
        undone,
        reboot=bool(arguments),
        boots=bool(arguments),
    )
