"""The diagnostic codes of plan, deploy, rollback and verify; imports nothing that may be missing."""

from __future__ import annotations

from vmspec.base.code import Code, Fault

NO_BINDING = Code(
    8001,
    "no-libvirt-binding",
    """
    What: A command that talks to hosts was called, and Python's binding of libvirt is not installed.
    Why: Only plan, deploy, rollback and verify need it, so that it is no part of the usual installation. `pip install vmspec[deploy]`
        builds it from libvirt's headers (Debian: libvirt-dev, pkg-config); Debian and Ubuntu also have it ready as python3-libvirt.
    """,
    fault=Fault.CALL,
)
NO_CONNECTION = Code(
    8002,
    "no-connection",
    """
    What: libvirt on the host cannot be reached under the URI.
    Why: The message is libvirt's own. `virsh -c URI list` asks the same question without us.
    """,
)
UNKNOWN_TARGET = Code(
    8003,
    "unknown-target",
    """
    What: What was given as a target is neither a URI nor the name of a host of the program with a `uri`.
    Why: Names of hosts come from the program; a host without `uri` cannot be reached. `NAME=URI` says it on the command line.
    """,
    fault=Fault.CALL,
)
REFUSED = Code(
    8004,
    "domain-refused",
    """
    What: A VM of the program cannot be put on the host without touching a domain that is not ours, or that is not to be touched
        without a word for it.
    Why: A domain that somebody else made is never changed, whatever the flags; a rename and the end of a running guest are explicit.
    """,
)
VM_FAILED = Code(
    8005,
    "deploy-failed",
    """
    What: A step on a domain failed; what the host had before is still there, or has been put back.
    Why: The message is libvirt's own, or says what libvirt made of the definition that was not what we had predicted.
    """,
)
NOTHING_TO_ROLL_BACK = Code(
    8006,
    "nothing-to-roll-back",
    """
    What: The journal of the host holds no deploy that has not been rolled back.
    Why: Rollback works from the journal of the machine that deployed; `--state-dir` says where it lies.
    """,
)
FILES_FAILED = Code(
    8007,
    "host-files-failed",
    """
    What: A file of the host could not be written, or a path below the root leads out of it.
    Why: Each file is replaced whole or not at all; those before it have been written, and the next deploy goes on from there. A link
        that leads out of `--root` is never followed.
    """,
)
BAD_CALL = Code(
    8008,
    "bad-deploy-options",
    """
    What: The options of plan, deploy, rollback or verify contradict each other or are not understood.
    Why: A flag that is silently dropped is worst where the command changes hosts.
    """,
    fault=Fault.CALL,
)
ALL_VMS = Code(
    8009,
    "all-vms-to-one-uri",
    """
    What: The target is a URI that no host of the program has, and the program places VMs on hosts.
    Why: All of its VMs are then meant for that one libvirt, as for a trial; where only one host's are, give the host's name, or `NAME=URI`.
    """,
)
NOT_DEPLOYED = Code(
    8010,
    "not-deployed",
    """
    What: The program has networks, pools or volumes: they are built, and no part of plan, deploy and verify.
    Why: A guest that names one of them starts only where it is there. `vmc build` writes their XML, for `virsh net-define`,
        `virsh pool-define` and `virsh vol-create`.
    """,
)
NO_ANSWER = Code(
    8011,
    "no-answer",
    """
    What: libvirt on the host has stopped answering, or the connection has ended, while a command was at work on it.
    Why: A daemon that is frozen or overloaded, or a network that drops packets, would keep the command, and its lock, for ever. A call
        has `--timeout` seconds (60; a start, which may have to clear huge pages, ten times that), and libvirtd is asked every 5 s
        whether it is there at all. What the host had begun it may still finish: the next plan shows it, and other hosts go on.
    """,
)
INTERRUPTED = Code(
    8013,
    "interrupted",
    """
    What: Somebody asked the command to end (SIGINT, SIGTERM, SIGHUP), and a host was not looked at, or not all was done on it.
    Why: What is under way on a domain is finished, nothing more is begun, the journal says so and locks are released. A second
        signal ends the process at once; then too the same command, run again, goes on.
    """,
)
STALE_PLAN = Code(
    8910,
    "stale-plan",
    """
    What: A saved plan is to be deployed, and the sources or the host are no longer what they were when it was made.
    Why: What was looked at and agreed to is what is done, or nothing is.
    """,
    fault=Fault.LOCK,
)
HOST_LOCKED = Code(
    8911,
    "host-locked",
    """
    What: Another vmc deploys to the same host from this machine.
    Why: Two at once would undo one another's work. `--lock-timeout` waits.
    """,
    fault=Fault.LOCK,
)
BAD_JOURNAL = Code(
    8912,
    "bad-journal",
    """
    What: A journal, or a line of it that is not its last one, cannot be read.
    Why: A killed process leaves half a last line at most; anything else was changed by somebody, or by the disk. Plan and deploy go on
        without it; deploy and rollback rename it (`.unreadable`), and nothing of it is deleted. What that deploy did is then not known:
        `rollback` goes back beyond it only where `--to` says so.
    """,
    fault=Fault.LOCK,
)
JOURNAL_VERSION = Code(
    8906,
    "journal-version",
    """
    What: A journal was written by a vmc with another version of it.
    Why: What it means is not known here; to take it for what one knows would roll back to the wrong thing.
    """,
    fault=Fault.LOCK,
)
HOST_CONFLICT = Code(
    8907,
    "host-conflict",
    """
    What: Two connections say the same UUID of their host, and different host names.
    Why: Locks and journals belong to a host by its UUID, however the URI is written. Machines that were cloned with their
        `/etc/machine-id` (or with one `host_uuid` in libvirtd.conf) would share them, and a rollback of the one would be done to the other.
        Give the clone a UUID of its own; of a host that was only renamed, remove the file that the message names.
    """,
    fault=Fault.LOCK,
)
STATE_LINK = Code(
    8908,
    "state-link",
    """
    What: The folder of a host in the state directory is a link, or no folder.
    Why: What is written there would land where somebody else wants it. Only `--state-dir` itself may be a link.
    """,
    fault=Fault.LOCK,
)
FACTS_FAILED = Code(
    8000,
    "facts-unreadable",
    """
    What: A host cannot be looked at, or a file of its facts cannot be read.
    Why: Facts come from libvirt and from /sys, /proc and /etc. Of another machine these are read by `sh` over ssh, without a password
        prompt (BatchMode); nothing is installed there. `ssh HOST sh -c :` asks the same way without us.
    """,
)
FACTS_CHANGED = Code(
    8014,
    "facts-changed",
    """
    What: A host is no longer what its committed facts say.
    Why: Pins, pages, devices and rules follow from the facts. `vmc facts URI -o FILE` writes them anew, and the build then shows what
        that changes. Sysctls and parameters of modules follow from the kernel, whose release is compared.
    """,
)
REHEARSAL_FAILED = Code(
    8015,
    "rehearsal-failed",
    """
    What: A rehearsal could not be held: a program, a package, the kernel or the root is missing, or the machine did not come up.
    Why: It boots the host's arguments and files under QEMU, with a kernel of the distribution's package (apt) or `--kernel`, and a root of
        Debian packages that debootstrap makes once, as root. An argument can also keep the kernel from booting: the last lines of its
        console are in the message.
    """,
)
